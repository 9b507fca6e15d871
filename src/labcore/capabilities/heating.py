"""Heating: hold a temperature until told otherwise."""

from __future__ import annotations

from typing import ClassVar, Protocol

from labcore.capabilities.act import Act, Outcome, acts, reads_in
from labcore.model.effect import Effect, SetOutput
from labcore.model.quantity import Quantity


def _heats(device: str, temperature: Quantity) -> tuple[Effect, ...]:
    return (SetOutput(device, "temperature", temperature.in_("°C"), "°C"),)


def _stops(device: str) -> tuple[Effect, ...]:
    return (SetOutput(device, "temperature", None, "°C"),)


class Heating(Protocol):
    """What a step may ask of a device that heats."""

    capability: ClassVar[str] = "heating"

    @acts(_heats)
    async def heat(self, temperature: Quantity) -> Outcome:
        """Heat to `temperature`; done when the device confirmed the set-point, not when it is warm."""

    @acts(_stops)
    async def stop_heating(self) -> Outcome:
        """Switch the heater off; done when the device says that it is off."""

    @reads_in("°C")
    async def temperature(self) -> Quantity:
        """Return the measured temperature of what the device controls."""


class HeatingDriver(Protocol):
    """What a driver gives to offer heating."""

    def heat(self, temperature: Quantity) -> Act: ...
    def stop_heating(self) -> Act: ...
    async def temperature(self) -> Quantity: ...
