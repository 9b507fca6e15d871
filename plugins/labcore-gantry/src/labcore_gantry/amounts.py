"""How much an act delivered, from how far it came. Pure; volumes in mL, plunger positions in mm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from labcore.model.interval import Interval
from labcore_gantry.program import Line


@dataclass(frozen=True, slots=True)
class Scale:
    """Plunger travel to volume. `uncertainty` is relative, `floor` in mL comes on top."""

    ml_per_mm: float
    uncertainty: float
    floor: float

    def interval(self, low: float, mid: float, high: float) -> Interval:
        """Return the volumes (mL) of three plunger travels (mm), widened by the uncertainty."""
        bottom = low * self.ml_per_mm
        top = high * self.ml_per_mm
        return Interval(max(0.0, bottom - self.margin(bottom)), mid * self.ml_per_mm, top + self.margin(top))

    def margin(self, volume: float) -> float:
        """Return how far off a volume (mL) may be."""
        return volume * self.uncertainty + self.floor if volume > 0 else 0.0


@dataclass(slots=True)
class Progress:
    """How far a program came: lines that surely ended, lines sent.

    `readings` are the plunger's positions (mm) read back after each of its moves.
    """

    finished: int = 0
    sent: int = 0
    readings: list[float] = field(default_factory=list)


def delivered(lines: Sequence[Line], progress: Progress, plunger: float | None, scale: Scale) -> Interval:
    """Return the interval that holds both what left the source and what reached the target, mL.

    `plunger` is where it stood when the program was cut, None if nobody knows. The two differ by what is
    still in the syringe; the middle is what reached the target.
    """
    done, flying = lines[: progress.finished], lines[progress.finished : progress.sent]
    pushed, pushed_more = _travel(done, "push"), _part(flying, "push", plunger)
    drawn, drawn_more = _travel(done, "draw"), _part(flying, "draw", plunger)
    low = pushed + pushed_more[0]
    high = pushed + pushed_more[1]
    amount = scale.interval(low, (low + high) / 2, max(high, drawn + drawn_more[1]))
    if any(
        line.kind in ("draw", "push") for line in flying
    ):  # it may have begun, by less than a reading shows
        return Interval(amount.low, amount.mid, max(amount.high, scale.floor))
    return amount


def touched(lines: Sequence[Line], progress: Progress) -> bool:
    """Say whether any liquid of the act itself may have moved."""
    return any(line.kind in ("draw", "push") for line in lines[: progress.sent])


def _travel(lines: Sequence[Line], kind: str) -> float:
    return sum(abs(line.end - line.start) for line in lines if line.kind == kind)


def _part(lines: Sequence[Line], kind: str, plunger: float | None) -> tuple[float, float]:
    """Return the least and most travel of the lines under way: exact if the plunger's position is known."""
    whole = _travel(lines, kind)
    if plunger is None or not whole:
        return (0.0, whole)
    line = next(line for line in lines if line.kind == kind)
    low, high = sorted((line.start, line.end))
    part = abs(min(max(plunger, low), high) - line.start)
    return (part, part)
