"""The vessel itself: what its glass lets through and reflects, and how it bends the view behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..labware import Labware
from ..vessel import Vessel
from .view import DOWN, WALL, Patch, Plane

Image = NDArray[Any]
BEND = 1.36
"""A full vessel magnifies what is behind it about so much (the liquid's index)."""


@dataclass(frozen=True, slots=True)
class Glass:
    """Layers of one vessel: `through` darkens, `shine` adds light, `outside` is coverage of the vessel.

    `filled` is the background as seen through liquid, `hollow` as seen through the empty vessel (both linear
    light).
    """

    outside: Plane
    through: Plane
    shine: Plane
    filled: Image
    hollow: Image
    cap: Plane | None = None
    cap_light: Plane | None = None


def glass(vessel: Vessel, patch: Patch, still: Image, side: float) -> Glass:
    """Return the layers of `vessel` in front of the `still` scene, lit from `side` (-1 left to 1 right)."""
    kind = vessel.kind
    outer = kind.outer / 2
    v = patch.across / outer
    arc = np.sqrt(np.clip(1 - v * v, 0.0, 1.0))
    outside = _silhouette(patch, kind, arc)
    through = 1 - outside * (0.06 + 0.55 * np.clip((np.abs(v) - 0.86) / 0.14, 0, 1) ** 2)
    shine = outside * _reflections(patch, kind, v, arc, side)
    shine = shine + _rims(patch, kind, arc)
    hollow = still[patch.rows, patch.columns]
    cap, cap_light = _cap(patch, kind, v, side) if vessel.closed else (None, None)
    filled = _bent(patch, kind, still)
    through, shine = through.astype(np.float32), shine.astype(np.float32)
    return Glass(outside, through, shine, filled, hollow, cap, cap_light)


def _silhouette(patch: Patch, kind: Labware, arc: Plane) -> Plane:
    outer = kind.outer / 2
    beside = patch.edge(_waist(patch, kind) - np.abs(patch.across))
    below = patch.edge(patch.up + WALL + arc * outer * DOWN)
    above = patch.edge(kind.height + arc * outer * DOWN * 0.7 - patch.up)
    return np.asarray(beside * below * above, dtype=np.float32)


def _waist(patch: Patch, kind: Labware) -> Plane:
    """Outer radius at each height: vials narrow to a threaded neck."""
    outer = kind.outer / 2
    if not kind.name.startswith(("vial", "bottle")):
        return np.full_like(patch.up, outer)
    shoulder = np.clip((patch.up - (kind.height - 17)) / 5, 0, 1)
    threads = 0.5 * np.sin((patch.up - kind.height) * 2 * math.pi / 3.6) * (patch.up > kind.height - 11)
    return np.asarray(
        outer - 0.14 * outer * shoulder * shoulder * (3 - 2 * shoulder) + threads, dtype=np.float32
    )


def _stripe(v: Plane, middle: float, width: float) -> Plane:
    return np.asarray(np.exp(-(((v - middle) / width) ** 2)), dtype=np.float32)


def _reflections(patch: Patch, kind: Labware, v: Plane, arc: Plane, side: float) -> Plane:
    """Reflections: a broad strip towards the light, a thin one opposite, bright borders, a thick bottom."""
    lit, far = 0.30 + 0.25 * abs(side), 0.30 - 0.15 * abs(side)
    sign = math.copysign(1.0, side)
    body = _between(patch.up, 5, kind.height - 19, 3)
    window = 0.22 * lit * _stripe(v, sign * 0.66, 0.045) * _between(patch.up, 10, kind.height - 24, 4)
    thin = 0.10 * far * _stripe(v, -sign * 0.80, 0.02) * body
    border = 0.20 * (lit * _stripe(v, sign * 0.955, 0.022) + far * _stripe(v, -sign * 0.955, 0.022))
    bottom = patch.up + arc * kind.outer / 2 * DOWN
    base = 0.16 * _stripe(bottom, -0.4, 0.45) + 0.10 * _stripe(bottom, 1.2, 0.35) * (0.6 + 0.4 * sign * v)
    neck = 0.07 * (patch.up > kind.height - 16) * (1 + 0.8 * np.sin((patch.up - arc * 2) * 2 * math.pi / 3.6))
    if not kind.name.startswith(("vial", "bottle")):
        neck = neck * 0.0
    return np.asarray(window + thin + border + base + neck, dtype=np.float32)


def _between(up: Plane, low: float, high: float, soft: float) -> Plane:
    return np.asarray(np.clip((up - low) / soft, 0, 1) * np.clip((high - up) / soft, 0, 1), dtype=np.float32)


def _rims(patch: Patch, kind: Labware, arc: Plane) -> Plane:
    """The open mouth: a bright ellipse, its front stronger than its back."""
    radius = kind.outer / 2 * (0.86 if kind.name.startswith(("vial", "bottle")) else 1.0)
    flat = np.clip(1 - (patch.across / radius) ** 2, 0, 1)
    bow = np.sqrt(flat) * radius * DOWN * 0.8
    inside = (np.abs(patch.across) < radius).astype(np.float32)
    front = _stripe(patch.up - kind.height + bow, 0.0, 0.45)
    back = _stripe(patch.up - kind.height - bow, 0.0, 0.35)
    return np.asarray(inside * (0.30 * front + 0.20 * back), dtype=np.float32)


def _cap(patch: Patch, kind: Labware, v: Plane, side: float) -> tuple[Plane, Plane]:
    """Coverage and brightness of a white screw cap over the neck."""
    radius, top, bottom = kind.outer / 2 * 0.95, kind.height + 4, kind.height - 12
    flat = np.sqrt(np.clip(1 - (patch.across / radius) ** 2, 0, 1)) * radius * DOWN
    cover = patch.edge(radius - np.abs(patch.across)) * patch.edge(patch.up - bottom + flat)
    cover = cover * patch.edge(top + flat - patch.up)
    ribs = 1 + 0.05 * np.sin(np.arcsin(np.clip(v, -1, 1)) * 60)
    shade = np.where(patch.up > top - flat, 0.60, 0.40 * ribs * (0.75 + 0.3 * side * v))
    return cover, shade.astype(np.float32)


def _bent(patch: Patch, kind: Labware, still: Image) -> Image:
    """The background through a full vessel: magnified in the middle, thrown across near the walls."""
    radius = kind.inner / 2
    u = np.clip(patch.u, -1, 1)
    seen_at = u / BEND - 0.75 * u**7
    shift = ((seen_at - u) * radius / patch.pixel).astype(np.float32)
    rows, columns = np.mgrid[patch.rows, patch.columns].astype(np.float32)
    return np.asarray(
        cv2.remap(still, columns + shift, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )
