"""The still part of the scene, in linear light: wall, printed card, white reference, stirrer."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .conditions import Conditions
from .view import DOWN, View

Image = NDArray[Any]
CHECK = 2.0
"""Side of a printed square, mm."""
LIGHT_INK, DARK_INK, CARD = 0.22, 0.025, 0.016
PLAIN_FROM = 3.0
"""The printed half of the card ends this far to the right of the place's middle, mm.

The rest is plain and dark.
"""


def scene(view: View) -> Image:
    """Return the empty scene (height, width, 3) in linear light, evenly lit."""
    ys, xs = np.mgrid[0 : view.height, 0 : view.width].astype(np.float32)
    right, rise = (xs - view.x) / view.scale, (view.y - ys) / view.scale
    wall = 0.030 + 0.012 * np.clip(rise / 120, 0, 1)
    bench = 0.022 + 0.010 * np.clip(-rise / 40, 0, 1)
    grey = _card(np.where(rise < 14, bench, wall), right, rise)
    image = cv2.merge([grey * 1.04, grey, grey * 0.97]).astype(np.float32)
    _reference(image, view)
    _stirrer(image, view)
    return image


def _card(grey: Image, right: Image, rise: Image) -> Image:
    inside = (np.abs(right) < 46) & (rise > 4) & (rise < 96)
    checks = (np.floor(right / CHECK) + np.floor(rise / CHECK)) % 2
    printed = np.where(checks > 0.5, LIGHT_INK, DARK_INK)
    framed = (right > -40) & (right < PLAIN_FROM) & (rise < 90)
    return np.asarray(np.where(inside, np.where(framed, printed, CARD), grey), dtype=np.float32)


def _reference(image: Image, view: View) -> None:
    """A white card, the only thing in the picture whose brightness is known."""
    corner = [_pixel(view, 28, 92), _pixel(view, 43, 78)]
    cv2.rectangle(image, corner[0], corner[1], (0.72, 0.72, 0.72), -1)


def _pixel(view: View, right: float, rise: float) -> tuple[int, int]:
    return round(view.x + right * view.scale), round(view.y - rise * view.scale)


def _stirrer(image: Image, view: View) -> None:
    middle, radius = _pixel(view, 0, -1.5), 62.0
    axes = (round(radius * view.scale), round(radius * DOWN * 1.25 * view.scale))
    left, right = _pixel(view, -68, -4), _pixel(view, 68, -60)
    cv2.rectangle(image, left, right, (0.11, 0.10, 0.09), -1)
    cv2.ellipse(
        image, (middle[0], middle[1] + axes[1] // 3), axes, 0, 0, 360, (0.05, 0.05, 0.05), -1, cv2.LINE_AA
    )
    cv2.ellipse(image, middle, axes, 0, 0, 360, (0.085, 0.088, 0.09), -1, cv2.LINE_AA)
    rim = (axes[0] - round(2 * view.scale), axes[1] - round(0.6 * view.scale))
    cv2.ellipse(image, middle, rim, 0, 0, 360, (0.13, 0.133, 0.136), 1, cv2.LINE_AA)
    knob = _pixel(view, 44, -24)
    cv2.circle(image, knob, round(5 * view.scale), (0.03, 0.03, 0.03), -1, cv2.LINE_AA)
    cv2.rectangle(image, _pixel(view, -50, -19), _pixel(view, -22, -28), (0.035, 0.05, 0.03), -1)


def lighting(view: View, seen: Conditions) -> Image:
    """Return the light that falls on each pixel: from one side, and less towards the corners (vignetting)."""
    ys, xs = np.mgrid[0 : view.height, 0 : view.width].astype(np.float32)
    x, y = xs / view.width * 2 - 1, ys / view.height * 2 - 1
    falloff = 1 - seen.vignette * (x * x + y * y) / 2
    even = 1 + 0.35 * seen.side * x
    gains = np.array([seen.blue, 1.0, seen.red], np.float32) * seen.light
    return np.asarray((falloff * even)[:, :, None] * gains, dtype=np.float32)


def shadow(view: View, x0: float, y0: float, radius: float, side: float) -> Image:
    """Return a factor for the shadow that a vessel throws on the plate, away from the light."""
    ys, xs = np.mgrid[0 : view.height, 0 : view.width].astype(np.float32)
    right = (xs - x0) / view.scale + math.copysign(radius * 0.7, side)
    front = (ys - y0) / view.scale / DOWN
    distance = np.sqrt((right / 1.8) ** 2 + front**2) / radius
    soft = 1 / (1 + np.exp(np.clip((distance - 1.0) * 7, -30, 30)))
    return np.asarray(1 - 0.5 * soft, dtype=np.float32)
