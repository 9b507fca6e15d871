"""Straighten the vial before a card and find where its liquid begins."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .arrays import Gray
from .card import Card
from .vessels import Vessel

COLUMNS = 120  # of a straightened vial, from outer wall to outer wall
ROUND = 0.08  # half height of a level circle's picture over the vial's width: the camera looks down a little
SHOULDER = 0.40  # of the checks' height: above it stand neck and thread
FAINT = 3.0  # grey levels a row (after the square root, at full light): a fainter step is no surface
CLEAR_OF = 5  # rows left free below the meniscus


@dataclass(frozen=True)
class Upright:
    """A vial with its lean and the roundness of level lines taken out; rows are picture rows from `top` on."""

    vessel: Vessel
    top: int
    tone: Gray
    light: Gray

    @property
    def sag(self) -> float:
        """Return how many rows a level line hangs lower in front than at the walls."""
        return ROUND * self.vessel.width

    def outline(
        self, first: int, last: int, left: int = 0, right: int = COLUMNS
    ) -> tuple[tuple[float, float], ...]:
        """Return the outline, in the picture, of rows first..last and columns left..right."""
        edge = [_bent(self, row, column) for row, column in
                ((first, left), (first, (left + right) // 2), (first, right), (last, right),
                 (last, (left + right) // 2), (last, left))]  # fmt: skip
        return tuple(edge)


def _bent(upright: Upright, row: int, column: int) -> tuple[float, float]:
    u = column / COLUMNS
    y = upright.top + row
    left, right = upright.vessel.left_at(y), upright.vessel.right_at(y)
    drop = upright.sag * float(np.sqrt(max(0.0, 1 - (2 * u - 1) ** 2)))
    return round(left + u * (right - left), 1), round(y + drop, 1)


def stand_up(gray: Gray, light: Gray, vessel: Vessel, top: int) -> Upright:
    """Return the vial from picture row `top` to its foot, upright."""
    rows = np.arange(top, min(gray.shape[0], int(vessel.bottom)), dtype=np.float64)[:, None]
    u = (np.arange(COLUMNS) + 0.5)[None, :] / COLUMNS
    left = vessel.left[0] + vessel.left[1] * rows
    right = vessel.right[0] + vessel.right[1] * rows
    drop = ROUND * vessel.width * np.sqrt(np.clip(1 - (2 * u - 1) ** 2, 0, 1))
    x = (left + (right - left) * u).astype(np.float32)
    y = (rows + drop).astype(np.float32)
    tone, flat = (
        cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for image in (np.sqrt(gray * np.float32(255.0)), light)
    )
    return Upright(vessel, top, tone, flat)


def level_steps(upright: Upright) -> NDArray[np.float64]:
    """Return the vertical gradient along level lines, row by row; checks cancel out, a liquid's surface does not."""
    slope = cv2.Sobel(cv2.GaussianBlur(upright.tone, (0, 0), 1.2), cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    edge = round(0.12 * COLUMNS)
    return np.asarray(slope[:, edge:-edge].mean(axis=1), np.float64)


def horizon(upright: Upright, card: Card) -> int:
    """Return the row below which no card but the plate stands behind the vial."""
    return round(card.checks.bottom - upright.top - upright.sag - 0.045 * card.checks.height)


def find_front(upright: Upright, card: Card, white: float) -> int | None:
    """Return the first row that shows nothing but liquid, or None where no surface is seen before the card."""
    steps = level_steps(upright)
    first, last = round(SHOULDER * card.checks.height), horizon(upright, card)
    if last - first < 16:
        return None
    size = np.abs(steps)
    strongest = float(size[first:last].max())
    least = FAINT * float(np.sqrt(white))
    peaks = [y for y in range(first, last - 3) if size[y] >= size[y - 3 : y + 4].max()]
    clear = [y for y in peaks if size[y] >= max(least, 0.5 * strongest)]
    if not clear:
        return None
    ring = round(2 * upright.sag)
    # the near side of the surface has its far side a ring's height above it; the tip of a vortex has not
    near = [
        y
        for y in clear
        if any(0.6 * ring <= y - far <= 1.4 * ring and steps[far] >= 0.3 * strongest for far in peaks)
    ]
    if near:
        return max(near, key=lambda y: float(size[y])) + CLEAR_OF
    return clear[-1] + CLEAR_OF + ring - 2  # the far side alone stands out
