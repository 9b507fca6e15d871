"""From camera bytes to light."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from .arrays import Gray, Picture

MOST_PIXELS = 40_000_000
LEAST_SIDE = 32


def checked(picture: object) -> Picture:
    """Return the picture when it is height x width x 3 (or grey), 8 bit and of sane size; raise ValueError otherwise."""
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8:
        found = getattr(picture, "dtype", type(picture).__name__)
        raise ValueError(f"a picture is an array of bytes (uint8), found {found}: decode the frame first")
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"a picture is height x width x 3 (blue, green, red), found shape {picture.shape}")
    if min(picture.shape[:2]) < LEAST_SIDE or picture.shape[0] * picture.shape[1] > MOST_PIXELS:
        raise ValueError(f"a picture has sides of at least {LEAST_SIDE} and at most 40 million pixels, "
                         f"found {picture.shape[1]} x {picture.shape[0]}")  # fmt: skip
    return np.ascontiguousarray(picture)


def luma(picture: Picture) -> Gray:
    """Return the grey value, 0 to 255, as the camera encoded it."""
    return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)


def linear(picture: Picture) -> Gray:
    """Return green light, 0 to 1, with the sRGB curve (IEC 61966-2-1) undone; green is the channel nearest 550 nm."""
    return _curve()[picture[:, :, 1]]


def linear_mean(picture: Picture) -> Gray:
    """Return the mean light of the three channels, 0 to 1: a third of the noise's power, and still about 550 nm."""
    return cv2.transform(_curve()[picture], np.full((1, 3), 1 / 3, np.float32))


@cache
def _curve() -> Gray:
    code = np.arange(256) / 255.0
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


def sharpness(gray: Gray) -> float:
    """Return the steepest edges' rise a pixel over the whole range of brightness, on a picture 640 pixels wide.

    A sharp picture has 0.15 and more, one with edges ten pixels wide less than 0.1.
    """
    factor = 640 / gray.shape[1]
    if factor < 1:
        gray = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    across = cv2.Sobel(gray, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    down = cv2.Sobel(gray, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    steep = float(np.percentile(cv2.magnitude(across, down)[::3, ::3], 99.8))
    low, high = (float(v) for v in np.percentile(gray[::3, ::3], (1, 99.8)))
    return steep / (high - low + 1.0)
