"""Read a vessel from top to bottom: air, foam, liquid, settled solid."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .arrays import Gray, Mask, Profile
from .strip import WIDTH, Strip

DARK = 12.0  # grey levels added below a ratio, so that sensor noise in a black scene is no texture
GRAINY = 0.13  # texture relative to brightness: above it glass threads, bubbles, grains
STEP = 0.06  # relative brightness step a row: above it a surface
SHORT = 0.12  # of the width: thinner layers are surfaces, not bodies
FROTHY = 0.07  # texture of a layer that passed as smooth but is bubbles when it is bright as well


@dataclass(frozen=True)
class Layer:
    """Rows top..bottom (exclusive) of a strip that look alike: mean grey level, relative texture."""

    top: int
    bottom: int
    level: float
    texture: float

    @property
    def height(self) -> int:
        """Return the number of rows."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Contents:
    """What a strip shows: the layer taken for liquid, if any, and what lies around it."""

    liquid: Layer | None
    flags: tuple[str, ...]
    layers: int


def read_contents(strip: Strip) -> Contents:
    """Find the liquid in a strip of grey levels; `layers` is 1 or 0 where there is no vessel at all."""
    core = strip.core()
    level = _smooth(np.median(core, axis=1), 3)
    texture = _texture(core, level)
    step = _steps(core)
    layers = _layers(level, texture, step / (level + DARK))
    flags: list[str] = []
    base = _base(step)
    bodies = [x for x in layers if 0.6 * base < x.bottom < base + 4]
    foam = _foam_rows(level, texture, bodies)
    bodies = [x for x in bodies if not _inside(x, foam)]
    liquid = bodies[-1] if bodies else None
    if liquid is not None and len(bodies) > 1 and _below(liquid, bodies[-2]):
        flags += ["sediment"] if liquid.height > 0.2 * WIDTH else []
        liquid = bodies[-2]
    if foam is not None and (liquid is None or foam[0] < liquid.top):
        flags.append("foam")
    if liquid is None or liquid.height < SHORT * WIDTH:
        return Contents(None, (*flags, "liquid_not_seen"), len(layers))
    return Contents(liquid, tuple(flags), len(layers))


def _smooth(values: Profile, rows: int) -> Profile:
    return cv2.blur(values.reshape(-1, 1).astype(np.float32), (1, rows))[:, 0]


def _texture(core: Gray, level: Profile) -> Profile:
    fine = np.abs(core - cv2.GaussianBlur(core, (0, 0), 2.5))
    return _smooth(np.percentile(fine, 60, axis=1), 5) / (level + DARK)


def _steps(core: Gray) -> Profile:
    slope = cv2.Sobel(cv2.GaussianBlur(core, (0, 0), 1.5), cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(np.abs(np.median(slope, axis=1)))


def _base(step: Profile) -> int:
    """Return the row of the lowest strong surface, the rim of the bottom; 0 where it is out of sight."""
    strong = np.flatnonzero(step > max(1.5, 0.25 * float(np.percentile(step, 98))))
    return int(strong[-1]) if strong.size and strong[-1] > 0.6 * step.size else 0


def _layers(level: Profile, texture: Profile, step: Profile) -> list[Layer]:
    calm: Mask = np.concatenate([[False], (texture < GRAINY) & (step < STEP), [False]])
    edges = np.flatnonzero(calm[1:] != calm[:-1])
    return [
        Layer(int(a), int(b), float(level[a:b].mean()), float(texture[a:b].mean()))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
        if b - a >= SHORT * WIDTH
    ]


def _foam_rows(level: Profile, texture: Profile, layers: list[Layer]) -> tuple[int, int] | None:
    """Return the rows of a thick bright and grainy band, which is foam."""
    bright = level > 3.0 * max(1.0, min((x.level for x in layers), default=1.0))
    frothy = np.concatenate([[False], bright & (texture > 0.6 * FROTHY), [False]])
    edges = np.flatnonzero(frothy[1:] != frothy[:-1])
    bands = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    thick = [(a, b) for a, b in bands if b - a > 0.3 * WIDTH and float(texture[a:b].mean()) > FROTHY]
    return max(thick, key=lambda band: band[1] - band[0], default=None)


def _inside(layer: Layer, rows: tuple[int, int] | None) -> bool:
    return rows is not None and rows[0] <= (layer.top + layer.bottom) / 2 <= rows[1]


def _below(low: Layer, above: Layer) -> bool:
    """Say whether the lowest layer lies under the liquid (solid, glass): brighter, no thicker than what is above."""
    return low.level > 1.6 * above.level and low.height < 1.1 * above.height and above.height > 0.3 * WIDTH
