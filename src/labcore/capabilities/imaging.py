"""Imaging: take a picture of a vessel."""

from __future__ import annotations

from typing import ClassVar, Protocol

from labcore.capabilities.act import Spot, reads
from labcore.model.observation import Picture


class Imaging(Protocol):
    """What a step may ask of a device that takes pictures. A driver gives the same method."""

    capability: ClassVar[str] = "imaging"

    @reads
    async def capture(self, spot: Spot) -> Picture:
        """Return a picture of `spot` exposed after this call began, encoded (PNG or JPEG)."""


ImagingDriver = Imaging
