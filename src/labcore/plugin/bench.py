"""What a verb may know about the bench, before the run (believed) and during it (actual), through one interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from labcore.model.interval import Interval
from labcore.model.labware import Labware
from labcore.model.pace import Pace


@dataclass(frozen=True, slots=True)
class Need:
    """A device wanted: by capability, able to reach all of `reach` (places), seeing or carrying `at` (a place).

    `device` is the name an author insisted on. `measures` is what a measuring device must be able to tell.
    """

    capability: type
    reach: tuple[str, ...] = ()
    at: str | None = None
    device: str | None = None
    measures: str | None = None


class StepProblem(Exception):  # noqa: N818 - it is a finding for the author, not a failure of labcore
    """A verb's finding about its arguments. `code` is in pipeline.codes; `field` is the argument at fault."""

    def __init__(self, code: str, message: str, remedy: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.field = field


class Bench(Protocol):
    """Where everything stands and what it holds. Every method raises StepProblem with a remedy when it cannot tell."""

    def vessel(self, name: str) -> str:
        """Return the declared spelling of a vessel."""

    def place_of(self, vessel: str) -> str:
        """Return the place where `vessel` stands."""

    def free_place(self, target: str, vessel: str) -> str:
        """Resolve `target` (a position, or a device that has places) to a free place that fits `vessel`."""

    def stock(self, material: str, reach: Sequence[str] = ()) -> str:
        """Return the vessel that holds `material` in stock."""

    def volume(self, vessel: str) -> Interval:
        """Return the volume in `vessel`, mL, as it is now: what may have evaporated widens its lower end."""

    def evaporated(self, vessel: str) -> float:
        """Return how much (mL) of what `vessel` holds may have evaporated since somebody knew better."""

    def labware(self, vessel: str) -> Labware:
        """Return the labware type of `vessel`."""

    def waste(self) -> str:
        """Return the lab's waste vessel."""

    def device(self, need: Need) -> str:
        """Choose the device that satisfies `need`."""

    def outputs_of(self, device: str) -> tuple[tuple[str, str], ...]:
        """Return what a device can switch off as (its own name, output), heat first."""

    def expected(self, device: str, method: str, otherwise: Pace, amount: float = 0.0) -> Interval:
        """Return how long an act is expected to take, s: as the device's driver tells, else at the pace `otherwise`."""

    def stations(self, device: str) -> tuple[str, ...]:
        """Return the places a device acts on (a stirrer's plate, a balance's pan)."""

    def output(self, device: str, output: str) -> float | None:
        """Return the set-point of an output that is on, else None."""
