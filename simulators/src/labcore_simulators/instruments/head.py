"""The gantry's head: a pneumatic slide with needle and gripper, and the true position over the deck.

Timing and geometry are the documented machine (docs/reference/gantry.md): slide 0.6 s, gripper 0.5 s, places
count within 6 mm. What it holds, spills and drops happens in the world; what went wrong is kept in `mishaps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from .contract import Bench, Portion
from .deck import Deck
from .grbl.settings import Vector
from .syringe import Slug, Syringe

SLIDE, GRIP = 0.6, 0.5
SWITCH = 1.0
"""The home switches sit this far (mm) beyond the origin."""
_KEPT = 500


class Head:
    """Axes, slide, gripper and needle over the deck. `travel` is the length of each axis in mm."""

    def __init__(
        self,
        world: Bench,
        deck: Deck,
        syringe: Syringe,
        travel: Vector,
        *,
        device: str,
        springs_open: bool,
    ) -> None:
        self.world, self.deck, self.syringe, self.travel, self.device = world, deck, syringe, travel, device
        self.springs_open = springs_open
        self.true = [0.0, 0.0, 0.0]
        self.down = False
        self.closed = False
        self.gripped: str | None = None
        self.holding: str | None = None
        self.pending: dict[str, float] = {}
        self.mishaps: list[dict[str, Any]] = []

    def remember(self) -> None:
        """Take up what the gripper still holds in the world, after a new start of the simulators."""
        moves = [act for act in self.world.acts() if act["act"] in ("lift", "put")]
        last = {act["vessel"]: act for act in moves}
        held = [name for name, act in last.items() if (act["act"], act["by"]) == ("lift", "robot")]
        if held:
            self.holding, self.closed = held[-1], True

    # -------------------------------------------------------------------------------------------- motors
    def begin(self, way: Vector, at: float) -> None:
        """A straight move of `way` mm starts."""
        self.syringe.begin(way[2])
        if (way[0] or way[1]) and (self.down or "down" in self.pending):
            self._note(at, "moved sideways with the head down")

    def moved(self, way: Vector, at: float) -> None:
        """The motors have made `way` mm; an axis at its end stands still and loses steps."""
        for axis, part in enumerate(way):
            self.true[axis] = min(max(self.true[axis] + part, -SWITCH), self.travel[axis] + SWITCH)
        if way[2]:
            self._plunge(at)

    def to_switches(self) -> Vector:
        """Return how far each axis has to go to its home switch, mm."""
        x, y, z = (place + SWITCH for place in self.true)
        return x, y, z

    def _plunge(self, at: float) -> None:
        missing = self.syringe.move(self.true[2])
        if missing > 0:
            vessel = self._vessel() if self.down else None
            liquid = None if vessel is None else self.world.draw(vessel, missing, at, by=self.device)
            self.syringe.take(missing, liquid)
        elif missing < 0:
            for portion in self.syringe.give(-missing):
                self._pour(portion, at)

    def _pour(self, portion: Portion, at: float) -> None:
        vessel = self._vessel()
        if vessel is not None and (self.down or self.deck.is_waste(self.under())):
            self.world.pour(vessel, portion, at, by=self.device)
        else:
            self._note(at, "spilled", volume_ml=portion.volume_ml)

    # -------------------------------------------------------------------------------------------- places
    def under(self) -> list[str]:
        """Return the places under the head."""
        return self.deck.under(self.true[0], self.true[1])

    def _vessel(self) -> str | None:
        found = (self.world.vessel_at(place) for place in self.under())
        return next((vessel for vessel in found if vessel is not None), None)

    # ------------------------------------------------------------------------------------------- outputs
    def coolant(self, flood: bool, at: float) -> None:
        """Slide down (flood on) or up."""
        was_down, self.down = self.down, False
        self.pending.pop("down", None)
        if flood:
            self.pending["down"] = at + SLIDE
            return
        if was_down and self.closed and self.gripped is not None:
            self.holding = self.world.lift(self.gripped, at, by="robot")
        self.gripped = None

    def spindle(self, running: bool, at: float) -> None:
        """Close (running) or open the gripper."""
        self.pending.pop("close" if not running else "open", None)
        self.pending["close" if running else "open"] = at + GRIP

    def outputs_off(self, at: float) -> None:
        """The slide's spring lifts the head; the gripper's valve keeps its state unless it springs open."""
        if self.springs_open:
            self._open(at)
        self.coolant(False, at)

    def due(self) -> float | None:
        """Return when slide or gripper arrive."""
        return min(self.pending.values(), default=None)

    def run(self, until: float) -> None:
        """Let slide and gripper arrive, in order of time."""
        while self.pending:
            what = min(self.pending, key=lambda name: (self.pending[name], name))
            at = self.pending[what]
            if at > until:
                return
            del self.pending[what]
            self._arrived(what, at)

    def _arrived(self, what: str, at: float) -> None:
        if what == "down":
            self.down = True
        elif what == "close":
            self._close()
        else:
            self._open(at)

    def _close(self) -> None:
        self.closed = True
        if self.down and self.holding is None:
            places = (place for place in self.under() if self.world.vessel_at(place) is not None)
            self.gripped = next(places, None)

    def _open(self, at: float) -> None:
        self.closed, self.gripped = False, None
        vessel, self.holding = self.holding, None
        if vessel is None or self.world.place_of(vessel) is not None:
            return  # nothing in it, or somebody took it out
        places = self.under()
        if self.down and places and all(self.world.vessel_at(place) is None for place in places):
            self.world.put(vessel, places[0], at, by="robot")
        else:
            self._note(at, "dropped", vessel=vessel, over=places[:1])

    # --------------------------------------------------------------------------------------------- state
    def _note(self, at: float, what: str, **more: Any) -> None:
        self.mishaps.append({"t": at, "what": what, **more})
        del self.mishaps[:-_KEPT]

    _PLAIN: tuple[Literal["down", "closed", "gripped", "holding"], ...] = (
        "down",
        "closed",
        "gripped",
        "holding",
    )

    def snapshot(self) -> dict[str, Any]:
        """Return the state; portions in the syringe stay objects of the world."""
        state: dict[str, Any] = {name: getattr(self, name) for name in self._PLAIN}
        slugs = [(slug.volume, slug.liquid) for slug in self.syringe.slugs]
        syringe = {
            "slugs": slugs,
            "plunger": self.syringe.plunger,
            "play": self.syringe.play,
            "aim": self.syringe.aim,
        }
        moving = {"true": list(self.true), "pending": dict(self.pending), "mishaps": list(self.mishaps)}
        return state | moving | {"syringe": syringe}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        for name in self._PLAIN:
            setattr(self, name, state[name])
        self.true, self.pending = list(state["true"]), dict(state["pending"])
        self.mishaps = list(state["mishaps"])
        syringe = state["syringe"]
        self.syringe.slugs = [Slug(volume, liquid) for volume, liquid in syringe["slugs"]]
        self.syringe.plunger, self.syringe.play = syringe["plunger"], syringe["play"]
        self.syringe.aim = tuple(syringe["aim"])
