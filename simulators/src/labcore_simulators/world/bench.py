"""The bench's truth: a fold of recorded acts, and what follows from them with time."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import mixing, placement, truth
from .acts import ActLog
from .around import Around
from .course import Course
from .darkroom import Darkroom
from .errors import WorldError
from .liquid import Liquid
from .placement import Placed
from .setup import beginning
from .station import Station
from .vessel import Vessel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = 1
_OWN = ("stock", "vessels", "positions", "waste", "world")


class World:
    """One bench. `now` is seconds on the caller's clock and does not go back.

    Volumes mL, masses g, temperatures deg C.
    """

    def __init__(
        self, lab: Mapping[str, Any], *, seed: int = 0, folder: Path | None = None, now: float = 0.0
    ) -> None:
        self.lab, self.seed = lab, seed
        self.rules, self._vessels = beginning(lab, seed)
        self._stations: dict[str, Station] = {}
        self._courses: dict[str, Course] = {}
        self._darkroom = Darkroom(seed, self.rules)
        self._log = ActLog(folder)
        self._clock = 0.0
        self._open(folder)
        self._start = self._clock - now

    @classmethod
    def from_lab(
        cls, lab: Mapping[str, Any], *, seed: int = 0, folder: Path | None = None, now: float = 0.0
    ) -> World:
        """Make the bench of a parsed lab file, or go on with the one that `folder` holds.

        Raise `WorldError`.
        """
        return cls(lab, seed=seed, folder=folder, now=now)

    def _open(self, folder: Path | None) -> None:
        own = json.loads(json.dumps({key: self.lab.get(key) for key in _OWN}, default=str))
        opening = {
            "n": 0,
            "t": 0.0,
            "by": "world",
            "act": "open",
            "format": FORMAT,
            "seed": self.seed,
            "lab": own,
        }
        if not self._log.acts:
            self._log.append(opening)
            return
        first = self._log.acts[0]
        if any(first.get(key) != opening[key] for key in ("format", "seed", "lab")):
            raise WorldError(
                f"{folder} holds the world of another lab or seed; use the lab and seed it was begun with, "
                "or another folder"
            )
        for act in self._log.acts[1:]:
            self._clock = act["t"]
            self._apply(act)
        self._clock = self._log.last_time()

    @property
    def clock(self) -> float:
        """The world's time, s since its beginning."""
        return self._clock

    def advance(self, now: float) -> None:
        """Let time pass until `now`; what it changes is worked out when somebody looks."""
        t = self._start + now
        if t < self._clock - 1e-6:
            raise WorldError(f"time goes back: the world is at {self._clock:.6f} s, asked for {t:.6f} s")
        if int(t) > int(self._clock):
            self._log.keep_time(t)
        self._clock = max(t, self._clock)

    def _look(self, name: str) -> Vessel:
        """Return the vessel as it is at the clock, without any effect on what it will be."""
        return self._course(name).seen()

    def _course(self, name: str) -> Course:
        """Return what becomes of a vessel until the clock, going on from what has been worked out."""
        course = self._courses.get(name)
        if course is None or course.t != self._clock:
            known = self._known(name)
            start = known if course is None else course.start
            course = self._courses[name] = Course(start, self._around(known), self._clock)
        return course

    def _around(self, vessel: Vessel) -> Around:
        return Around(self.rules, None if vessel.place is None else self._stations.get(vessel.place))

    def _known(self, name: str) -> Vessel:
        if name not in self._vessels:
            raise WorldError(
                f"no vessel {name!r} on this bench; there are {', '.join(sorted(self._vessels))}"
            )
        return self._vessels[name]

    def _do(self, by: str, act: str, **more: Any) -> Any:
        entry = {"n": len(self._log.acts), "t": self._clock, "by": by, "act": act, **more}
        self._log.append(entry)
        return self._apply(entry)

    def _apply(self, entry: Mapping[str, Any]) -> Any:
        return getattr(self, f"_apply_{entry['act']}")(entry)

    def _keep(self, vessel: Vessel) -> None:
        self._vessels[vessel.name] = vessel
        self._courses.pop(vessel.name, None)

    def acts(self) -> list[dict[str, Any]]:
        """Return every act so far; the first opens the world."""
        return copy.deepcopy(self._log.acts)

    def vessel_at(self, place: str) -> str | None:
        """Return the vessel that stands at `place`."""
        return next((name for name, vessel in self._vessels.items() if vessel.place == place), None)

    def place_of(self, vessel: str) -> str | None:
        """Return where a vessel stands, None while it is carried or unknown."""
        known = self._vessels.get(vessel)
        return None if known is None else known.place

    def lift(self, place: str, now: float, *, by: str) -> str | None:
        """Take the vessel from `place`; return its name, None if there is none."""
        self.advance(now)
        vessel = self.vessel_at(place)
        if vessel is not None:
            self._do(by, "lift", vessel=vessel, place=place)
        return vessel

    def _apply_lift(self, entry: Mapping[str, Any]) -> None:
        self._keep(replace(self._look(entry["vessel"]), place=None, placed=Placed()))

    def put(self, vessel: str, place: str, now: float, *, by: str) -> None:
        """Set a vessel down at `place`, as far off the middle as the hand of `by` errs."""
        self.advance(now)
        self._known(vessel)
        there = self.vessel_at(place)
        if there not in (None, vessel):
            raise WorldError(
                f"{vessel!r} cannot be put at {place!r}: {there!r} stands there; take it away first"
            )
        scale = self.rules.placement.get(by, self.rules.placement["person"])
        stands = placement.draw(scale, seed=self.seed, act=len(self._log.acts))
        where = {"right_mm": stands.right, "front_mm": stands.front, "tilt_deg": stands.tilt}
        self._do(by, "put", vessel=vessel, place=place, **where)

    def _apply_put(self, entry: Mapping[str, Any]) -> None:
        stands = Placed(entry["right_mm"], entry["front_mm"], entry["tilt_deg"])
        self._keep(replace(self._look(entry["vessel"]), place=entry["place"], placed=stands))

    def draw(self, vessel: str, volume_ml: float, now: float, *, by: str) -> Liquid:
        """Take liquid out of a vessel: `volume_ml`, or all there is if that is less (the rest is air)."""
        self.advance(now)
        there = self._look(vessel).volume_ml
        got = min(max(volume_ml, 0.0), there)
        liquid = self._do(by, "draw", vessel=vessel, volume_ml=volume_ml, got_ml=got, air_ml=volume_ml - got)
        assert isinstance(liquid, Liquid)
        return liquid

    def _apply_draw(self, entry: Mapping[str, Any]) -> Liquid:
        liquid, rest = self._look(entry["vessel"]).drawn(entry["got_ml"])
        self._keep(rest)
        return liquid

    def pour(self, vessel: str, liquid: Liquid, now: float, *, by: str) -> float:
        """Add a portion to a vessel; return the mL it took, the rest ran over and is recorded as spilled."""
        self.advance(now)
        there = self._look(vessel)
        room = max(there.kind.capacity - there.volume_ml, 0.0)
        accepted = min(liquid.volume_ml, room)
        more = {"accepted_ml": accepted, "spilled_ml": liquid.volume_ml - accepted}
        self._do(by, "pour", vessel=vessel, liquid=liquid.as_dict(), **more)
        return accepted

    def _apply_pour(self, entry: Mapping[str, Any]) -> None:
        taken, _ = Liquid.from_dict(entry["liquid"]).split(entry["accepted_ml"])
        vessel = self._look(entry["vessel"]).poured(taken)
        self._keep(mixing.balanced(vessel, self._around(vessel)))

    def set_stirring(self, place: str, rpm: float, now: float) -> None:
        """Set the speed of the stirrer at `place`."""
        self.advance(now)
        self._do("station", "stir", place=place, rpm=rpm)

    def _apply_stir(self, entry: Mapping[str, Any]) -> None:
        self._retune(entry["place"], self._station(entry["place"]).stirring(entry["rpm"], entry["t"]))

    def set_heating(self, place: str, target_c: float | None, now: float) -> None:
        """Set the target of the hotplate at `place`, None = off."""
        self.advance(now)
        self._do("station", "heat", place=place, target_c=target_c)

    def _apply_heat(self, entry: Mapping[str, Any]) -> None:
        self._retune(entry["place"], self._station(entry["place"]).heating(entry["target_c"], entry["t"]))

    def _station(self, place: str) -> Station:
        ambient = self.rules.ambient
        return self._stations.get(place, Station(plate=ambient, ambient=ambient))

    def _retune(self, place: str, station: Station) -> None:
        name = self.vessel_at(place)
        before = None if name is None else self._course(name)
        self._stations[place] = station
        if name is not None and before is not None:  # not worked out before somebody looks
            self._courses[name] = Course(before, self._around(self._known(name)), self._clock)

    def temperature(self, place: str, now: float) -> float:
        """Return the temperature of the plate at `place`."""
        self.advance(now)
        return self._station(place).temperature(self._clock)

    def liquid_temperature(self, vessel: str, now: float) -> float:
        """Return the temperature of what is in a vessel."""
        self.advance(now)
        return self._look(vessel).temperature

    def speed(self, place: str, now: float) -> float:
        """Return the actual speed of the stirrer at `place`, rpm."""
        self.advance(now)
        return self._station(place).speed(self._clock)

    def mass(self, vessel: str, now: float) -> float:
        """Return the mass of a vessel with its contents."""
        self.advance(now)
        return truth.mass(self._look(vessel), self.rules)

    def picture(
        self, place: str, now: float, *, camera: str, width: int = 640, height: int = 480
    ) -> NDArray[np.uint8]:
        """Return what a camera sees at `place`: (height, width, 3), BGR.

        The same for one seed, camera and world time.
        """
        return self.expose(place, now, camera=camera, width=width, height=height)()

    def expose(
        self, place: str, now: float, *, camera: str, width: int = 640, height: int = 480
    ) -> Callable[[], NDArray[np.uint8]]:
        """Look at `place` now; what is returned paints the picture later, in any thread."""
        self.advance(now)
        name = self.vessel_at(place)
        course = None if name is None else self._course(name)
        paint = self._darkroom.picture
        return partial(paint, course, self._station(place), self._clock, camera=camera, size=(width, height))

    def truth(self, vessel: str, now: float) -> dict[str, Any]:
        """Return what nobody on the bench knows, for tests and benchmarks only."""
        self.advance(now)
        return truth.truth(self._look(vessel), self.rules)

    def ph(self, vessel: str, now: float) -> float:
        """Return the pH of what is in a vessel (acids and bases in water), 7 where there is none."""
        from .acidity import ph

        self.advance(now)
        return ph(self._look(vessel).whole(), self.rules.charges)

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state; `restore` takes it back in memory (what a folder holds stays as it is)."""
        return {
            "vessels": {**self._vessels, **{name: one.beginning for name, one in self._courses.items()}},
            "stations": dict(self._stations),
            "acts": self.acts(),
            "clock": self._clock,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what `snapshot` gave; the caller's clock may then go back to that instant."""
        self._vessels, self._stations = dict(state["vessels"]), dict(state["stations"])
        self._log.acts = copy.deepcopy(state["acts"])
        self._courses, self._clock = {}, state["clock"]
