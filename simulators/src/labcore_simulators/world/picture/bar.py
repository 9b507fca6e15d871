"""The stir bar: a white capsule on the bottom, held over the stirrer's axis, blurred by its turning."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..vessel import Vessel
from .view import DOWN, Patch, Plane

if TYPE_CHECKING:
    from .contents import Look

Image = NDArray[Any]
EXPOSURE = 1 / 30
"""Exposure of a picture, s."""
PHASES = 9


def added(image: Image, look: Look, patch: Patch, vessel: Vessel, attenuation: Plane) -> Image:
    """Return the image with the bar, fainter behind turbid liquid."""
    radius = vessel.kind.inner / 2
    if vessel.kind.name.startswith(("bottle", "waste")):
        return image
    half, thick = 0.40 * radius, 0.17 * radius
    rows = np.flatnonzero(np.any((patch.up > -2 * thick) & (patch.up < 4 * thick), axis=1))
    if rows.size == 0:
        return image
    part = slice(int(rows[0]), int(rows[-1]) + 1)
    reach = max(radius - half - thick, 0.0)
    middle = min(max(look.axis, -reach), reach)
    cover, light = _turning(patch, part, look, middle, half, thick)
    front = np.clip(patch.deep[part] * radius - thick, 0, None) / 10
    seen = (cover * np.exp(-attenuation[part] * front))[:, :, None]
    result = image.copy()
    result[part] = image[part] * (1 - seen) + light[:, :, None] * seen
    return result


def _turning(
    patch: Patch, part: slice, look: Look, middle: float, half: float, thick: float
) -> tuple[Plane, Plane]:
    """Coverage and brightness of the bar, averaged over the angles it passes during the exposure."""
    sweep = look.rpm / 60 * EXPOSURE * 2 * math.pi
    phases = PHASES if sweep > 0.1 else 1
    x = patch.across[part] - middle
    y = patch.up[part] - thick
    cover = np.zeros_like(x)
    light = np.zeros_like(x)
    for index in range(phases):
        angle = look.turn + (sweep * index / phases if phases > 1 else 0.0)
        along = (half * math.cos(angle), -half * math.sin(angle) * DOWN)
        length = along[0] ** 2 + along[1] ** 2
        share = np.clip((x * along[0] + y * along[1]) / max(length, 1e-9), -1, 1)
        distance = np.hypot(x - share * along[0], y - share * along[1])
        here = np.clip((thick - distance) / patch.pixel + 0.5, 0, 1)
        round_off = 0.62 + 0.30 * np.clip(y / thick, -1, 1)
        cover += here
        light += here * round_off
    bright = light / np.maximum(cover, 1e-6)
    return np.asarray(cover / phases, np.float32), np.asarray(bright, np.float32)
