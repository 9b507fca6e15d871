"""How far off a vessel is set down. The scales are the lab's (`world.placement`).

The laws of error are assumed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .quantities import lookup


@dataclass(frozen=True, slots=True)
class Scale:
    """Root mean square of the offset (mm) and of the tilt (degrees) of one kind of hand."""

    offset: float
    tilt: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a vessel stands on its place.

    To the right and towards the camera (mm), lean to the right (degrees).
    """

    right: float = 0.0
    front: float = 0.0
    tilt: float = 0.0

    @property
    def offset(self) -> float:
        """Distance from the middle of the place, mm."""
        return math.hypot(self.right, self.front)


DEFAULTS = {"robot": Scale(3.0, 2.0), "person": Scale(0.7, 0.5)}


def scales(entry: Mapping[str, Any]) -> dict[str, Scale]:
    """Read `world.placement`: `{robot: {offset: 3 mm, tilt: 2}, person: {...}}`; tilts in degrees."""
    read = dict(DEFAULTS)
    for who, given in entry.items():
        known, where = DEFAULTS.get(who, DEFAULTS["person"]), f"world.placement.{who}"
        offset = lookup(given, "offset", "mm", known.offset, where=where)
        read[who] = Scale(offset, lookup(given, "tilt", "deg", known.tilt, where=where))
    return read


def draw(scale: Scale, *, seed: int, act: int) -> Placed:
    """Draw one placement: offsets and tilt normal, none beyond three times its scale."""
    source = random.Random(f"placement:{seed}:{act}")
    side = scale.offset / math.sqrt(2)
    right, front, tilt = (source.gauss(0.0, spread) for spread in (side, side, scale.tilt))
    reach = math.hypot(right, front)
    shrink = min(1.0, 3 * scale.offset / reach) if reach > 0 else 1.0
    return Placed(right * shrink, front * shrink, min(max(tilt, -3 * scale.tilt), 3 * scale.tilt))
