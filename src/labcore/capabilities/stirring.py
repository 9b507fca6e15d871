"""Stirring: keep a vessel in motion at a speed until told otherwise."""

from __future__ import annotations

from typing import ClassVar, Protocol

from labcore.capabilities.act import Act, Outcome, acts, reads_in
from labcore.model.effect import Effect, SetOutput
from labcore.model.quantity import Quantity


def _stirs(device: str, speed: Quantity) -> tuple[Effect, ...]:
    return (SetOutput(device, "speed", speed.in_("rpm"), "rpm"),)


def _stops(device: str) -> tuple[Effect, ...]:
    return (SetOutput(device, "speed", None, "rpm"),)


class Stirring(Protocol):
    """What a step may ask of a device that stirs."""

    capability: ClassVar[str] = "stirring"

    @acts(_stirs)
    async def stir(self, speed: Quantity) -> Outcome:
        """Stir at `speed` (rotation); done when the device confirmed the set-point."""

    @acts(_stops)
    async def stop_stirring(self) -> Outcome:
        """Stop the motor; done when the device says that it is off."""

    @reads_in("rpm")
    async def speed(self) -> Quantity:
        """Return the measured speed."""


class StirringDriver(Protocol):
    """What a driver gives to offer stirring."""

    def stir(self, speed: Quantity) -> Act: ...
    def stop_stirring(self) -> Act: ...
    async def speed(self) -> Quantity: ...
