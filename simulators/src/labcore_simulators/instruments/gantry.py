"""A gantry with a syringe and a gripper behind a GRBL 1.1h board (`sim://gantry`).

Options (all optional): `syringe` (volume at full stroke, "25 mL"), `stroke` (60, mm), `deck` ({place: [x,
y]}), `boot` (1.2 s from DTR to the banner), `resets_on_open` (true: DTR is wired to reset, as on an Uno),
`settings` ({22: 0, ...} other GRBL settings), `calibration_error` (fraction; default drawn from the seed,
sigma 0.003), `backlash` (0.008 mm, sigma), `gripper` ("holds": its valve keeps its state over a reset;
"springs-open").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from .chance import set_state, state_of, stream
from .company import company_of, options_of
from .contract import Bench, LineSettings
from .deck import Deck
from .grbl import Controller, Settings
from .head import Head
from .syringe import Syringe

_VOLUME = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(mL|ml|L|l|uL|ul|µL|μL)?\s*")
_IN_ML = {"mL": 1.0, "ml": 1.0, "L": 1e3, "l": 1e3, None: 1.0}


def millilitres(value: Any) -> float:
    """Return a volume such as 25, "25 mL" or "500 uL" in mL; ValueError says what was found."""
    match = _VOLUME.fullmatch(str(value))
    if match is None or float(match[1]) <= 0:
        raise ValueError(f"syringe: {value!r} is no volume; write it like 25 mL")
    return float(match[1]) * _IN_ML.get(match[2], 1e-3)


class Gantry:
    """The instrument: GRBL bytes on one side, the world on the other."""

    NOT_MODELLED: ClassVar[tuple[str, ...]] = (
        "arcs (G2, G3), probing (G38), G10 offsets, inverse time feed (G93), tool length offsets: error:20",
        "blending of consecutive moves: every move ends at rest",
        "overrides and the safety door: their bytes are ignored; $13 (inches) is only stored",
        "startup blocks ($N) and the user string of $I; axis directions ($3, $23): home is always at zero",
        "time of the bytes on the wire; steps lost by a stop in full motion",
        "what a needle or gripper breaks when it moves sideways while down (kept in `mishaps` only)",
        "carry-over on the needle's outside, dead volume of tubing, air bubbles that compress",
    )
    line: LineSettings | None = LineSettings(115200, 8, "N", 1)

    def __init__(
        self, world: Bench, *, device: str, options: Mapping[str, Any], lab: Mapping[str, Any], seed: int
    ) -> None:
        options = options_of(lab, device, options)
        self.company = company_of(world)
        settings = Settings({int(n): float(v) for n, v in (options.get("settings") or {}).items()})
        stroke = float(options.get("stroke", 60.0))
        settings.values[132] = stroke
        self.chance = stream(seed, device, "syringe")
        error = stream(seed, device, "calibration").gauss(0.0, 0.003)
        scale = 1.0 + float(options.get("calibration_error", max(-0.009, min(0.009, error))))
        volume, backlash = millilitres(options.get("syringe", "25 mL")), float(options.get("backlash", 0.008))
        syringe = Syringe(volume, stroke, scale, backlash, self.chance)
        deck = Deck(lab, options.get("deck") or {})
        springs = options.get("gripper", "springs-open") == "springs-open"
        self.head = Head(world, deck, syringe, settings.vector(130), device=device, springs_open=springs)
        if not springs:
            self.head.remember()
        self.board = Controller(self.head, settings, boot=float(options.get("boot", 1.2)))
        self.resets_on_open = bool(options.get("resets_on_open", True))
        self.company.join(self)

    def opened(self, now: float) -> None:
        """Open the port: DTR resets the board unless the wire is cut."""
        self.company.catch_up(now)
        if self.resets_on_open:
            self.board.power_up(now)

    def feed(self, data: bytes, now: float) -> None:
        """Take bytes."""
        self.company.catch_up(now)
        self.board.feed(data, now)

    def poll(self, now: float) -> bytes:
        """Return what the board says by now."""
        self.company.catch_up(now)
        self.board.advance(now)
        return self.board.out.take()

    def due(self) -> float | None:
        """Return the time of the next byte or movement."""
        return self.board.now if len(self.board.out) else self.board.due()

    def next_change(self) -> float | None:
        """Return the time of the next movement."""
        return self.board.due()

    def advance(self, now: float) -> None:
        """Move up to `now`."""
        self.board.advance(now)

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state; portions in the syringe stay objects of the world."""
        return {"board": self.board.snapshot(), "head": self.head.snapshot(), "chance": state_of(self.chance)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self.board.restore(state["board"])
        self.head.restore(state["head"])
        set_state(self.chance, state["chance"])
