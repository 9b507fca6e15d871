"""Dosing: move a volume of liquid from one vessel into another."""

from __future__ import annotations

from typing import ClassVar, Protocol

from labcore.capabilities.act import Act, Outcome, Spot, acts
from labcore.model.effect import Effect, Transfer
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity


def _moved(device: str, source: Spot, target: Spot, volume: Quantity) -> tuple[Effect, ...]:
    return (Transfer(source.vessel, target.vessel, Interval.exactly(volume.in_("mL"))),)


class Dosing(Protocol):
    """What a step may ask of a device that doses. `Outcome.amount` is the delivered volume in mL."""

    capability: ClassVar[str] = "dosing"

    @acts(_moved)
    async def dispense(self, source: Spot, target: Spot, volume: Quantity) -> Outcome:
        """Deliver `volume` of what is in `source` into `target`."""

    @acts(_moved)
    async def prime(self, source: Spot, target: Spot, volume: Quantity) -> Outcome:
        """Fill the lines from `source`, the surplus goes to `target` (a waste)."""

    @acts(_moved)
    async def rinse(self, source: Spot, target: Spot, volume: Quantity) -> Outcome:
        """Rinse lines and syringe with `source` into `target` (a waste)."""


class DosingDriver(Protocol):
    """What a driver gives to offer dosing: the same acts, encoded but not sent."""

    def dispense(self, source: Spot, target: Spot, volume: Quantity) -> Act: ...
    def prime(self, source: Spot, target: Spot, volume: Quantity) -> Act: ...
    def rinse(self, source: Spot, target: Spot, volume: Quantity) -> Act: ...
