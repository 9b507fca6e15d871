"""Placing: carry a vessel from one place to another."""

from __future__ import annotations

from typing import ClassVar, Protocol

from labcore.capabilities.act import Act, Outcome, acts
from labcore.model.effect import Effect, Placement


def _placed(device: str, vessel: str, origin: str, target: str) -> tuple[Effect, ...]:
    return (Placement(vessel, target),)


class Placing(Protocol):
    """What a step may ask of a device that moves vessels."""

    capability: ClassVar[str] = "placing"

    @acts(_placed)
    async def place(self, vessel: str, origin: str, target: str) -> Outcome:
        """Take `vessel` from the place `origin` and set it down at the place `target`."""


class PlacingDriver(Protocol):
    """What a driver gives to offer placing."""

    def place(self, vessel: str, origin: str, target: str) -> Act: ...
