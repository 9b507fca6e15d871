"""Measuring: any other quantity a device or a person can read off."""

from __future__ import annotations

from typing import ClassVar, Protocol

from labcore.capabilities.act import Spot, reads
from labcore.capabilities.weighing import Reading


class Measuring(Protocol):
    """What a step may ask of a device that measures. A driver gives the same method and says what in `measures`."""

    capability: ClassVar[str] = "measuring"

    @reads
    async def measure(self, what: str, spot: Spot) -> Reading:
        """Return the quantity `what` (for example "pH", "speed") of a vessel at its spot."""


MeasuringDriver = Measuring
