"""Straighten a vessel: one upright rectangle between its walls, whatever its lean."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .arrays import Gray
from .vessels import Vessel

WIDTH = 120  # columns of a strip; one column is 1/120 of the distance between the outer walls
FOOT = 0.06  # a strip reaches so far below the walls' end, in parts of the width: the rounded bottom


@dataclass(frozen=True)
class Strip:
    """The rectified pixels of one vessel, linear light 0 to 1, and the way back to the picture."""

    light: Gray
    back: NDArray[np.float64]

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return int(self.light.shape[0])

    def core(self, margin: float = 0.17) -> Gray:
        """Return the columns that are free of the walls' own refraction."""
        edge = round(WIDTH * margin)
        return self.light[:, edge : WIDTH - edge]

    def outline(self, top: float, bottom: float, margin: float = 0.0) -> tuple[tuple[float, float], ...]:
        """Return the four corners, in the picture, of the rows top..bottom (clockwise from top left)."""
        a, b = WIDTH * margin, WIDTH * (1 - margin)
        corners = np.array([[[a, top], [b, top], [b, bottom], [a, bottom]]], np.float64)
        there = cv2.perspectiveTransform(corners, self.back)[0]
        return tuple((round(float(x), 1), round(float(y), 1)) for x, y in there)


def straighten(light: Gray, vessel: Vessel) -> Strip:
    """Return the strip of a vessel from a picture in linear light."""
    scale = WIDTH / vessel.width
    bottom = min(light.shape[0] - 1.0, vessel.bottom + FOOT * vessel.width)
    rows = max(8, round((bottom - vessel.top) * scale))
    corners = np.array(
        [[vessel.left_at(vessel.top), vessel.top], [vessel.right_at(vessel.top), vessel.top],
         [vessel.right_at(bottom), bottom], [vessel.left_at(bottom), bottom]], np.float32)  # fmt: skip
    upright = np.array([[0, 0], [WIDTH, 0], [WIDTH, rows], [0, rows]], np.float32)
    there = cv2.getPerspectiveTransform(corners, upright)
    flat = cv2.warpPerspective(
        light, there, (WIDTH, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return Strip(flat, np.linalg.inv(there).astype(np.float64))
