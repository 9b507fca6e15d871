"""From millimetres on the bench to pixels: a camera that looks slightly down on one place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..labware import Labware
from ..placement import Placed
from .conditions import Conditions

Plane = NDArray[Any]
DOWN = 0.16
"""Sine of the camera's elevation: circles on the bench look this flat."""
MARGIN = 6
WALL = 1.5


@dataclass(frozen=True, slots=True)
class View:
    """Pixels per mm, and where the middle of the place lies in the picture (pixels)."""

    width: int
    height: int
    scale: float
    x: float
    y: float


def view(size: tuple[int, int], seen: Conditions) -> View:
    """Return the view for a picture of `size` (width, height)."""
    width, height = size
    unit = min(width / 640, height / 480)
    x, y = width / 2 + seen.shift_x * unit, height / 2 + (150 + seen.shift_y) * unit
    return View(width, height, 3.7 * unit, x, y)


@dataclass(frozen=True, slots=True)
class Patch:
    """The picture around a vessel. Planes in mm: `across` from its axis, `up` from its inner bottom.

    `level` is the true height over the bottom's middle (it differs from `up` when the vessel leans). `u` is
    across over the inner radius, `deep` the half chord over the inner radius (0 outside).
    """

    rows: slice
    columns: slice
    across: Plane
    up: Plane
    level: Plane
    u: Plane
    deep: Plane
    pixel: float

    def edge(self, distance: Plane) -> Plane:
        """Return coverage (0..1) of a shape from the signed distance (mm) to its border, positive inside."""
        return np.clip(distance / self.pixel + 0.5, 0.0, 1.0).astype(np.float32)


def foot(view: View, placed: Placed) -> tuple[float, float]:
    """Return the pixel of the middle of a vessel's bottom."""
    return view.x + placed.right * view.scale, view.y + placed.front * DOWN * view.scale


def patch(view: View, kind: Labware, placed: Placed) -> Patch:
    """Return the patch of a vessel of `kind`."""
    x0, y0 = foot(view, placed)
    lean = math.radians(placed.tilt)
    half = (kind.outer / 2 + abs(math.sin(lean)) * kind.height + 4) * view.scale + MARGIN
    top, bottom = (
        y0 - (kind.height + 20) * view.scale - MARGIN,
        y0 + (kind.outer / 2 * DOWN + 6) * view.scale + MARGIN,
    )
    columns = slice(max(int(x0 - half), 0), min(int(x0 + half) + 1, view.width))
    rows = slice(max(int(top), 0), min(int(bottom) + 1, view.height))
    ys, xs = np.mgrid[rows, columns].astype(np.float32)
    right, rise = (xs - x0) / view.scale, (y0 - ys) / view.scale
    across = right * math.cos(lean) - rise * math.sin(lean)
    up = right * math.sin(lean) + rise * math.cos(lean)
    u = across / (kind.inner / 2)
    deep = np.sqrt(np.clip(1 - u * u, 0.0, 1.0))
    level = rise / math.cos(lean)
    across, up, level, u, deep = (
        np.ascontiguousarray(each, dtype=np.float32) for each in (across, up, level, u, deep)
    )
    return Patch(rows, columns, across, up, level, u, deep, pixel=1 / view.scale)
