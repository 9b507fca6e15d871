"""How a run is to go: by which clock, where its record lies, who asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from labcore.app.links import is_simulated
from labcore.app.places import DEFAULT_DATA
from labcore.errors import UsageError
from labcore.model.lab import LabFile

if TYPE_CHECKING:
    from labcore.app.running import Options

Clock = Literal["real", "scaled", "virtual"]


@dataclass(frozen=True, slots=True)
class How:
    """How to run a checked protocol; `mode` is the clock."""

    data: Path = Path(DEFAULT_DATA)
    mode: Clock = "real"
    speed: float = 1.0
    seed: int = 0
    by: str = ""
    simulate: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    def options(self) -> Options:
        """Return what the runner needs."""
        from labcore.app.running import Options

        speed = self.speed if self.mode == "scaled" else None
        return Options(
            self.data, self.simulate, self.mode != "real", self.seed, self.by, speed=speed, **self.more
        )


def clock_of(lab: LabFile, *, simulate: bool, speed: float | None) -> Clock:
    """Choose the clock; UsageError if another than the real one was asked for with a real device."""
    if speed is not None and not speed > 0:
        raise UsageError("--speed must be more than 0", remedy="Write --speed 60 for a minute a second.")
    if speed is not None and not simulate:
        real = [
            name
            for name, e in lab.devices.items()
            if e.driver is not None and not is_simulated(e) and (e.port or e.source is not None)
        ]
        if real:
            raise UsageError(
                f"--speed needs simulated devices only; {', '.join(real)} is reached through a real connection",
                remedy="Add --simulate, or run without --speed.",
            )
    return clock(simulate=simulate, speed=speed)


def clock(*, simulate: bool, speed: float | None) -> Clock:
    """Return the clock that belongs to a speed, and without one to simulated or real devices."""
    return "scaled" if speed is not None else "virtual" if simulate else "real"
