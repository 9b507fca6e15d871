"""Find the near-vertical glass walls of vessels in a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from .arrays import Gray

#: Tilts that are searched, degrees from the vertical; a vessel that leans further is lying, not standing.
TILTS = tuple(range(-10, 11, 2))
SHORTEST = 0.11  # of the picture's height: shorter lines are labels, bars and reflections


@dataclass(frozen=True)
class Wall:
    """One straight edge: x = x0 + slope * y over top..bottom, in pixels; sign +1 where it gets brighter to the right."""

    x0: float
    slope: float
    top: float
    bottom: float
    strength: float
    sign: int

    def at(self, y: float) -> float:
        """Return the x of the edge at row `y`."""
        return self.x0 + self.slope * y

    @property
    def length(self) -> float:
        """Return the height it spans, in pixels."""
        return self.bottom - self.top


def upright_edges(gray: Gray) -> tuple[Gray, Gray]:
    """Return how strongly an upright edge runs through each pixel: getting brighter, getting darker to the right.

    The horizontal gradient is averaged along lines of each tilt; signs cancel in texture and add up on a wall.
    """
    height, width = gray.shape
    smooth = cv2.GaussianBlur(gray, (0, 0), 1.2)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    window = max(5, round(0.6 * SHORTEST * height) | 1)
    rising = np.zeros_like(smooth)
    falling = np.zeros_like(smooth)
    for tilt in TILTS:
        t = math.tan(math.radians(tilt))
        there = np.array([[1, t, -t * height / 2], [0, 1, 0]], np.float32)
        back = np.array([[1, -t, t * height / 2], [0, 1, 0]], np.float32)
        leaning = cv2.warpAffine(across - t * down, there, (width, height))
        along = cv2.blur(cv2.blur(leaning, (1, window)), (1, window))  # twice: no period survives it
        line = cv2.warpAffine(along, back, (width, height))
        np.maximum(rising, line, out=rising)
        np.maximum(falling, -line, out=falling)
    return rising, falling


def find_walls(gray: Gray, faintest: float = 0.22) -> list[Wall]:
    """List the upright edges longer than a tenth of the picture; `faintest` is relative to the strongest."""
    rising, falling = upright_edges(gray)
    strong = float(np.percentile(np.maximum(rising, falling), 99.0))
    floor = max(faintest * strong, 0.35)
    return [*_trace(rising, +1, floor), *_trace(falling, -1, floor)]


def _trace(response: Gray, sign: int, floor: float) -> list[Wall]:
    height = response.shape[0]
    crest = (response >= cv2.dilate(response, np.ones((1, 7), np.uint8))) & (response > floor)
    joined = cv2.dilate(crest.astype(np.uint8), np.ones((5, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    walls = []
    for i in range(1, count):
        if stats[i, cv2.CC_STAT_HEIGHT] < SHORTEST * height:
            continue
        left, top, wide, tall, _area = (int(v) for v in stats[i])
        window = (slice(top, top + tall), slice(left, left + wide))
        ys, xs = np.nonzero(crest[window] & (labels[window] == i))
        walls.extend(_fit(xs + left, ys + top, response, sign, SHORTEST * height))
    return walls


def _fit(xs: np.ndarray, ys: np.ndarray, response: Gray, sign: int, shortest: float) -> list[Wall]:
    if ys.size < 5:
        return []
    weight = response[ys, xs].astype(np.float64)
    near = np.ones(ys.size, bool)
    slope = x0 = 0.0
    for _ in range(3):
        slope, x0 = np.polyfit(ys[near], xs[near], 1, w=weight[near])
        off = np.abs(xs - (x0 + slope * ys))
        near = off <= max(1.5, float(np.median(off)) * 2)
    top, bottom = float(ys[near].min()), float(ys[near].max())
    if bottom - top < shortest or abs(slope) > math.tan(math.radians(14)):
        return []
    return [Wall(float(x0), float(slope), top, bottom, float(np.median(weight[near])), sign)]
