"""Light through and from the liquid, its surface, vortex and bed, in linear light.

Straight light through the liquid falls as exp(-attenuation x chord): the contrast of the card behind goes
with it. Light sent back rises with the transport coefficient and saturates (two-flux form without absorption:
R = s/(1+s) with s = 3/4 transport x chord); what is neither sent back nor straight arrives as an even veil.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..optics import Cloud
from ..vessel import Vessel
from . import bar
from .glass import Glass
from .view import DOWN, Patch, Plane

Image = NDArray[Any]
WHITE = 0.62
"""Linear brightness of an endlessly thick white suspension in full light."""
SURFACE = 0.035
LOWEST = 0.3
"""Less liquid than this (mm) is not drawn."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the painter knows of a vessel.

    Clouds of core and corner, the corner's share, level and bed (mm), speed.
    """

    core: Cloud
    corner: Cloud
    corner_share: float
    level: float
    bed: float
    rpm: float
    turn: float
    side: float
    axis: float


@dataclass(frozen=True, slots=True)
class _Light:
    """Per pixel: attenuation 1/cm, shares sent back and going straight, brightness of the glow."""

    attenuation: Plane
    back: Plane
    straight: Plane
    glow: Plane


def painted(vessel: Vessel, look: Look, patch: Patch, glass: Glass) -> Image:
    """Return the patch with vessel and contents in linear light under even illumination."""
    radius = vessel.kind.inner / 2
    wet, surface = _regions(look, patch, radius)
    light = _light(look, patch, wet, radius)
    if look.level > LOWEST:
        liquid = _liquid(vessel, look, patch, glass, light)
        top = _surface(light, liquid, glass)
        image = glass.hollow * (1 - surface)[:, :, None] + top * surface[:, :, None]
        image = image * (1 - wet)[:, :, None] + liquid * wet[:, :, None]
        image = image + _meniscus(look, patch, radius, light.glow)[:, :, None]
    else:
        image = bar.added(glass.hollow, look, patch, vessel, light.attenuation * 0)
        image = _bedded(image, look, patch, radius)
    return _behind(glass, image)


def _light(look: Look, patch: Patch, wet: Plane, radius: float) -> _Light:
    veil = _corner_mask(look, patch, wet)
    attenuation = look.core.attenuation + (look.corner.attenuation - look.core.attenuation) * veil
    transport = look.core.transport + (look.corner.transport - look.core.transport) * veil
    chord = patch.deep * (2 * radius / 10)
    sent = 0.75 * transport * chord
    back = sent / (1 + sent)
    glow = WHITE * back * _illumination(look, patch, transport * radius / 10)
    return _Light(attenuation, back, np.exp(-attenuation * chord), glow)


def _liquid(vessel: Vessel, look: Look, patch: Patch, glass: Glass, light: _Light) -> Image:
    """The liquid's body with all that is in it."""
    radius = vessel.kind.inner / 2
    veil = (1 - light.back) * (1 - light.straight)
    image = glass.filled * light.straight[:, :, None] + _even(glass.filled) * veil[:, :, None]
    image = image + light.glow[:, :, None]
    image = bar.added(image, look, patch, vessel, light.attenuation)
    image = _bedded(image, look, patch, radius)
    return _vortex(image, look, patch, radius, light.attenuation)


def _behind(glass: Glass, image: Image) -> Image:
    """Everything as seen through the glass, with its reflections and the cap."""
    inside = glass.outside[:, :, None]
    image = image * (1 - inside) + image * inside * glass.through[:, :, None] + glass.shine[:, :, None]
    if glass.cap is not None and glass.cap_light is not None:
        image = image * (1 - glass.cap)[:, :, None] + (glass.cap * glass.cap_light)[:, :, None]
    return np.asarray(image, dtype=np.float32)


def _bow(patch: Patch, radius: float) -> Plane:
    return patch.deep * np.float32(radius * DOWN)


def _regions(look: Look, patch: Patch, radius: float) -> tuple[Plane, Plane]:
    """Coverage of the liquid's body and of its surface seen from above."""
    bow = _bow(patch, radius)
    beside = patch.edge(radius - np.abs(patch.across))
    floor = patch.edge(patch.up + bow)
    wet = beside * floor * patch.edge(look.level - bow - patch.level)
    surface = beside * patch.edge(bow - np.abs(patch.level - look.level))
    return np.asarray(wet, np.float32), np.asarray(surface, np.float32)


def _corner_mask(look: Look, patch: Patch, wet: Plane) -> Plane:
    """Share of corner liquid along each line of sight.

    High up, away from the stirrer's axis, softly bounded.
    """
    if look.core == look.corner or look.level <= LOWEST:
        return np.full_like(wet, look.corner_share)
    away = -math.copysign(1.0, look.axis) if look.axis else 1.0
    field = 0.9 * (patch.level / max(look.level, 1.0)) + 0.7 * away * patch.u
    inside = wet > 0.5
    weight = patch.deep[inside]
    if weight.size == 0:
        return np.full_like(wet, look.corner_share)
    values = field[inside]
    order = np.argsort(values)
    below = np.cumsum(weight[order])
    cut = values[order][np.searchsorted(below, (1 - look.corner_share) * below[-1]).clip(0, len(order) - 1)]
    return np.asarray(1 / (1 + np.exp(-(field - cut) / 0.12)), dtype=np.float32)


def _illumination(look: Look, patch: Patch, thickness: Plane) -> Plane:
    """Thin liquids glow evenly; thick ones are shaded like a white cylinder lit from one side."""
    thick = -np.expm1(-2 * thickness)
    lambert = np.clip(0.72 * patch.deep + 0.70 * look.side * patch.u, 0, None)
    shaded = 0.34 + 0.72 * lambert
    height = 0.92 + 0.12 * np.clip(patch.level / max(look.level, 1.0), 0, 1)
    return np.asarray((1 + thick * (shaded - 1)) * height, dtype=np.float32)


def _even(image: Image) -> Image:
    """What the background looks like through a veil: its local average."""
    small = cv2.resize(image, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), 3)
    return np.asarray(cv2.resize(soft, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR))


def _surface(light: _Light, liquid: Image, glass: Glass) -> Image:
    """The surface from above: part mirror of the dark room, part what is behind and below it."""
    opaque = np.clip(2.2 * light.back, 0, 1)[:, :, None]
    beyond = 0.60 * glass.hollow + 0.22 * liquid
    white = (0.95 * light.glow)[:, :, None]
    return np.asarray(SURFACE + beyond * (1 - opaque) + white * opaque, dtype=np.float32)


def _meniscus(look: Look, patch: Patch, radius: float, glow: Plane) -> Plane:
    """A bright ring where the liquid climbs the wall, with a dark line under its front."""
    bow = _bow(patch, radius)
    inside = (np.abs(patch.u) < 1).astype(np.float32)
    front, back = patch.level - look.level + bow, patch.level - look.level - bow
    bright = 0.13 * np.exp(-((front / 0.42) ** 2)) + 0.07 * np.exp(-((back / 0.4) ** 2))
    dark = -0.03 * np.exp(-(((front + 1.1) / 0.5) ** 2))
    return np.asarray(inside * (bright + dark * (glow < 0.1)) * (1 + 0.4 * look.side * patch.u), np.float32)


def _vortex(image: Image, look: Look, patch: Patch, radius: float, attenuation: Plane) -> Image:
    """The funnel over the bar: deeper with the square of the speed, hidden behind turbid liquid."""
    depth = min(9.0 * (look.rpm / 600) ** 2 * (radius / 17.5) ** 2, 0.75 * look.level)
    if depth < 0.4:
        return image
    wide = 0.75 * radius
    hollow = (
        look.level
        - depth * np.clip(1 - ((patch.across - look.axis) / wide) ** 2, 0, 1) ** 2
        - _bow(patch, radius)
    )
    inside = patch.edge(patch.level - hollow) * (np.abs(patch.across - look.axis) < wide)
    rim = np.exp(-(((patch.level - hollow) / 0.6) ** 2)) * (np.abs(patch.across - look.axis) < wide)
    seen = np.exp(-attenuation * patch.deep * (radius / 10) * 0.6)
    shade = image * (1 - 0.35 * inside * seen)[:, :, None]
    return np.asarray(shade + ((0.05 * inside + 0.07 * rim) * seen)[:, :, None], dtype=np.float32)


def _bedded(image: Image, look: Look, patch: Patch, radius: float) -> Image:
    """Settled matter: white, on the bottom, a little higher away from the bar."""
    if look.bed < 0.05:
        return image
    bow = _bow(patch, radius)
    ragged = 0.25 * np.sin(patch.across * 1.7 + look.turn) + 0.15 * np.sin(patch.across * 4.1)
    over = patch.edge(look.bed * (1 + 0.3 * ragged) - (patch.up + bow))
    cover = (over * patch.edge(radius - np.abs(patch.across)) * min(look.bed / 0.5, 1.0))[:, :, None]
    white = (0.5 * (0.7 + 0.3 * patch.deep) * (1 + 0.3 * look.side * patch.u))[:, :, None]
    return np.asarray(image * (1 - cover) + white * cover, dtype=np.float32)
