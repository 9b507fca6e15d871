"""Homing: find the machine's reference position."""

from __future__ import annotations

from typing import ClassVar, Protocol

from labcore.capabilities.act import Act, Outcome, acts
from labcore.model.effect import Effect


def _nothing(device: str) -> tuple[Effect, ...]:
    return ()


class Homing(Protocol):
    """What a step may ask of a device that must know where it is."""

    capability: ClassVar[str] = "homing"

    @acts(_nothing)
    async def home(self) -> Outcome:
        """Move every axis to its reference; an act, because things move."""


class HomingDriver(Protocol):
    """What a driver gives to offer homing."""

    def home(self) -> Act: ...
