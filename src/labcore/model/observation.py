"""Observables (what can be known) and observations (what somebody saw)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Quality = Literal["good", "doubtful", "bad"]


@dataclass(frozen=True, slots=True)
class Observable:
    """Declare a quantity that conditions may use, for example `Observable("turbidity", "", 0, 5)`.

    `unit` is a canonical unit ("" for a plain number); `low` and `high` bound its range. `from_images` says that
    an image of the vessel is what feeds it.
    """

    name: str
    unit: str
    low: float
    high: float
    help: str = ""
    from_images: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded image and what the camera says about it. `shape` is (height, width) in pixels."""

    data: bytes
    media_type: str
    shape: tuple[int, int]
    settings: dict[str, str | float | int | bool]
