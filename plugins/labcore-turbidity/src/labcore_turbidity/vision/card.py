"""Find the target card behind a vial: a field of fine checks beside plain black, and a white patch.

A card tells three things that a vial alone cannot: how much light there is, how sharp the camera sees a pattern, and
where the vial covers it. No size of it is assumed; a picture without one is read by other means.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .arrays import Gray


@dataclass(frozen=True)
class Box:
    """Pixels left..right, top..bottom (exclusive)."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Return the number of rows."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Card:
    """The field of checks and the white patch, in pixels of the picture."""

    checks: Box
    patch: Box


def find_card(gray: Gray) -> Card | None:
    """Return the card, or None where there is none to be seen."""
    half = _patch(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    if half is None:
        return None
    patch = Box(2 * half.left, 2 * half.top, 2 * half.right, 2 * half.bottom)
    checks = _checks(gray, patch)
    return None if checks is None else Card(checks, patch)


def _patch(gray: Gray) -> Box | None:
    """Return the most even, square and bright spot."""
    height, width = gray.shape
    soft = cv2.GaussianBlur(gray, (0, 0), 0.8)
    bright = (soft > 0.72 * float(soft.max())).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(bright)
    best: tuple[float, Box] | None = None
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        square = 0.6 < w / h < 1.7 and area > 0.88 * w * h and 0.0015 < area / (height * width) < 0.06
        if not square or x <= 1 or y <= 1 or x + w >= width - 1:
            continue
        inner = soft[y + h // 5 : y + h - h // 5, x + w // 5 : x + w - w // 5]
        evenness = float(inner.mean() / (inner.std() + 1.0))
        if best is None or evenness * area > best[0]:
            best = (evenness * area, Box(x, y, x + w, y + h))
    return None if best is None else best[1]


def _checks(gray: Gray, patch: Box) -> Box | None:
    """Return the field of fine texture that begins beside the patch."""
    height, width = gray.shape
    fine = np.abs(gray - cv2.blur(gray, (9, 9)))
    fine[patch.top - 6 : patch.bottom + 6, patch.left - 6 : patch.right + 6] = 0
    texture = cv2.blur(fine, (17, 17))
    band = texture[max(0, patch.top - 10) : patch.bottom + patch.height]
    across = np.median(band[::3], axis=0)  # rows next to each other tell the same
    columns = _longest(across > 0.5 * float(np.percentile(across, 90)))
    if columns is None or columns[1] - columns[0] < 0.06 * width or float(np.percentile(across, 90)) < 3.0:
        return None
    left, right = columns
    third = texture[:, left + 4 : left + max(8, (right - left) // 4)]
    rows = _longest(np.median(third, axis=1) > 0.5 * float(np.median(across[left:right])))
    if rows is None or rows[1] - rows[0] < 0.15 * height:
        return None
    return Box(left, rows[0], right, rows[1])


def _longest(flags: np.ndarray) -> tuple[int, int] | None:
    padded = np.concatenate([[False], flags, [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    if edges.size == 0:
        return None
    starts, ends = edges[::2], edges[1::2]
    best = int(np.argmax(ends - starts))
    return int(starts[best]), int(ends[best])
