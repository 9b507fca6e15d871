"""Weighing: the mass of what stands on a pan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from labcore.capabilities.act import Spot, reads_in
from labcore.model.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured value with the half-width of its 90 % interval, in the value's unit."""

    value: Quantity
    uncertainty: float
    stable: bool = True


class Weighing(Protocol):
    """What a step may ask of a device that weighs. A driver gives the same method."""

    capability: ClassVar[str] = "weighing"

    @reads_in("g")
    async def weigh(self, spot: Spot) -> Reading:
        """Return the mass on the pan, vessel included, once it is stable."""


WeighingDriver = Weighing
