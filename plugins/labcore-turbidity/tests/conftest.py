"""A picture of a vial drawn from few rules, so that the vision can be tested without any simulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
WIDE, HIGH, PX_PER_MM = 640, 480, 4.0
OUTER, INNER, TALL, FLOOR = 19.0, 17.5, 75.0, 430.0  # mm, mm, mm, px


def backdrop(x: NDArray[np.float64], y: NDArray[np.float64], pattern: str) -> NDArray[np.float64]:
    """Reflectance of what stands behind the vial."""
    rows, columns = np.sin(2 * np.pi * y / 22), np.sin(2 * np.pi * x / 22)
    wave = {"stripes": rows, "checks": rows * columns, "plain": rows * 0}[pattern]
    card = np.where(wave > 0, 0.62, 0.10) if pattern != "plain" else np.full_like(x, 0.02)
    return np.where(y > FLOOR - 12, 0.05, card)


def draw(
    per_cm: float = 0.0, *, light: float = 1.0, noise: float = 1.0, shift: float = 0.0, lean: float = 0.0,
    side: float = 0.0, fill: float = 0.62, pattern: str = "stripes", foam: bool = False, settled: float = 0.0,
    bar: bool = True, glare: bool = True, vial: bool = True, blur: float = 0.7, seed: int = 0,
) -> Picture:  # fmt: skip
    """Draw one vial with liquid of `per_cm` (1/cm) in front of a backdrop; `side` is one-sided light, -1 to 1."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HIGH, 0:WIDE].astype(np.float64)
    scene = backdrop(x, y, pattern)
    if vial:
        scene = _vial(scene, x, y, per_cm, shift, lean, fill, pattern, foam, settled, bar, glare, rng)
    scene = cv2.GaussianBlur(scene * light * (1 + side * (x / WIDE - 0.5)), (0, 0), blur)
    scene = scene + noise * (0.004 * rng.standard_normal(scene.shape))
    code = np.clip(
        np.where(scene < 0.0031308, 12.92 * scene, 1.055 * np.clip(scene, 1e-9, None) ** (1 / 2.4) - 0.055),
        0,
        1,
    )
    return np.repeat((code * 255 + 0.5).astype(np.uint8)[:, :, None], 3, axis=2)


def _vial(
    scene: Any, x: Any, y: Any, per_cm: float, shift: float, lean: float, fill: float, pattern: str, foam: bool,
    settled: float, bar: bool, glare: bool, rng: np.random.Generator,
) -> Any:  # fmt: skip
    """Put glass, air, liquid and what floats or lies in it in front of the backdrop."""
    centre = WIDE / 2 + shift + np.tan(np.radians(lean)) * (FLOOR - y)
    across = (x - centre) / PX_PER_MM
    up = (FLOOR - y) / PX_PER_MM
    inside = (np.abs(across) < OUTER) & (up > 0) & (up < TALL)
    liquid = (np.abs(across) < INNER) & (up > 2) & (up < fill * TALL)
    chord = 0.2 * np.sqrt(np.clip(INNER**2 - across**2, 0, None))  # cm through the liquid
    through = backdrop(centre - 0.6 * (x - centre), y, pattern) * np.exp(-per_cm * chord)
    scattered = 0.55 * (1 - np.exp(-0.35 * per_cm * chord))
    out = np.where(inside, 0.9 * scene + 0.02, scene)
    out = np.where(liquid, 0.9 * through + scattered + 0.01, out)
    edge = np.abs(np.abs(across) - (OUTER + INNER) / 2) < 0.75
    out = np.where(inside & edge, 0.35 + 0.1 * (across < 0), out)
    surface = (np.abs(up - fill * TALL) < 0.9) & (np.abs(across) < INNER)
    out = np.where(surface, 0.55, out)
    out = np.where(inside & (up < 2), 0.45, out)
    if settled:
        out = np.where(liquid & (up < 2 + settled), 0.7, out)
    if bar:
        out = np.where((np.abs(across) < 9) & (up > 2) & (up < 7), 0.85, out)
    if foam:
        bubbles = 0.5 + 0.35 * cv2.GaussianBlur(rng.standard_normal(x.shape), (0, 0), 1.5) * 5
        layer = (up > fill * TALL) & (up < fill * TALL + 18) & (np.abs(across) < INNER)
        out = np.where(layer, np.clip(bubbles, 0.05, 1.0), out)
    if glare:
        out = np.where((np.abs(across + 11) < 0.8) & (up > 8) & (up < 60), 0.95, out)
    return out


@pytest.fixture
def scene() -> Callable[..., Picture]:
    """Draw pictures: scene(attenuation in 1/cm, light=, noise=, shift=, lean=, side=, pattern=, foam=, ...)."""
    return draw
