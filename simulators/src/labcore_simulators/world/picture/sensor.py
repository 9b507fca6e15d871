"""From linear light to eight bits: lens blur, square-root response, shot and read noise."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .conditions import Conditions

Image = NDArray[Any]
SHOT, READ = 0.010, 0.0018
"""Noise in linear light: standard deviation `SHOT` x sqrt(light) and `READ`, at full well 1 and noise 1."""
_POOL = 4


def blurred(image: Image, seen: Conditions, unit: float) -> Image:
    """Return the image as the lens draws it."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), max(seen.blur * unit, 0.3)))


def encoded(linear: Image) -> Image:
    """Return the response 0..255 to linear light 0..1: a square root, as cameras roughly have."""
    return np.asarray(255 * cv2.sqrt(np.clip(linear, 0, 1.2)))


class Grain:
    """Noise for one size of picture: a pool of fields, shifted at random for each picture."""

    def __init__(self, shape: tuple[int, int], seen: Conditions, seed: int) -> None:
        self.shape, self.noise = shape, seen.noise
        source = np.random.default_rng(seed)
        rows, columns = shape[0] + 64, shape[1] + 64
        self.pool = source.standard_normal((_POOL, rows, columns, 3), dtype=np.float32)

    def added(self, response: Image, draw: np.random.Generator) -> NDArray[np.uint8]:
        """Return eight-bit pixels: the square root evens out shot noise, read noise shows in the dark."""
        field, down, right = (int(draw.integers(0, top)) for top in (_POOL, 64, 64))
        grain = self.pool[field, down : down + self.shape[0], right : right + self.shape[1]]
        spread = 127.5 * self.noise * (SHOT + READ / (response * (1 / 255) + 0.12))
        return np.asarray(cv2.add(cv2.multiply(grain, spread), response, dtype=cv2.CV_8U), dtype=np.uint8)
