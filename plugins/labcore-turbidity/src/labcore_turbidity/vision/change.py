"""What has changed in a vial since its clear picture, compared pixel by pixel.

A clear picture of the same vial in the same place shows card, glass, reflections and stir bar as they are without
turbidity. What a later picture shows of the same pattern is the transfer of contrast, also close to the walls, where
the way through the liquid is short; what it shows on top of it is the liquid's own light. Light that has changed is
known from the card beside the vial, noise from how much those pixels differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .arrays import Gray, Mask, Picture
from .card import Box, Card
from .pixels import linear_mean
from .surface import ROUND
from .vessels import Vessel

BORDERS = (0.24, 0.32, 0.42, 0.60, 0.85, 1.01)  # of the bands, way through the liquid over the inner diameter
INSIDE = 0.94  # the liquid's width over that between the outer edges that are found: usual glass
CALM = 0.55  # of the liquid's rows, from below: a stirrer's vortex may hang into the rest
ENOUGH = 45  # rows that are worth leaving the rest
VORTEX = 0.62  # way through the liquid from which on a vortex may hang before it
SHINING = 0.4  # least way through the liquid of the pixels whose glow is taken
FEWEST = 12  # columns beside the vial
MOVED = 2.0  # pixels that a wall may be found further out than before
GLASS = 0.06  # of the width: the same further in
SAME = 0.8  # least contrast of the card beside the vial over that of the clear picture, light allowed for
AGREE = 3.0  # errors that the glow of the rows with a vortex may differ from the rest
HALF_PERIOD = 7.4 / 306  # of the checks' height: half a period of the checks
DIM = 0.1  # of the black ground: keeps the weight of black pixels finite


@dataclass(frozen=True)
class Place:
    """Where a vial stands and where its liquid is seen before the card: rows top..bottom, at the walls."""

    vessel: Vessel
    top: int
    bottom: int

    def same(self, other: Place) -> bool:
        """Say whether `other` stands there too; white liquid hides its glass, and its inner edge is found instead."""
        for y in (self.bottom, self.bottom - self.vessel.width):
            left = other.vessel.left_at(y) - self.vessel.left_at(y)
            right = self.vessel.right_at(y) - other.vessel.right_at(y)
            if not (
                -MOVED <= left <= GLASS * self.vessel.width and -MOVED <= right <= GLASS * self.vessel.width
            ):
                return False
        return True

    @property
    def calm(self) -> int:
        """Return the row below which no vortex hangs."""
        return self.bottom - max(ENOUGH, round(CALM * (self.bottom - self.top)))


@dataclass(frozen=True)
class Field:
    """Pixels of one box of a picture: light, and its swing at the period of the checks (empty where not needed)."""

    box: Box
    light: Gray
    swing: Gray


@dataclass(frozen=True)
class Kept:
    """What is kept of a clear picture. `chord` is the way through the liquid over its inner diameter, 0 where none is.

    `contrast` is the light of the checks as seen through the clear vial: the measure of the light at its place.
    """

    place: Place
    half: int
    liquid: Field
    chord: Gray
    beside: Field
    ground: Field
    contrast: float


@dataclass(frozen=True)
class Band:
    """Transfer of contrast where the way through the liquid is about `chord`, and the error that noise makes.

    `lift` is the logarithm of how much brighter it has become there: no camera's curve is quite the standard's, so that
    contrast looks a little different on brighter ground.
    """

    chord: float
    transfer: float
    noise: float
    lift: float


@dataclass(frozen=True)
class Change:
    """Transfer band by band, and the liquid's own light over the contrast of the checks, with its error."""

    bands: tuple[Band, ...]
    glow: float
    error: float


def keep(picture: Picture, card: Card, place: Place) -> Kept | None:
    """Return what later pictures are compared with, or None where too little card is left beside the vial."""
    vessel, sag = place.vessel, round(ROUND * place.vessel.width)
    lefts, rights = ((side(place.top), side(place.bottom)) for side in (vessel.left_at, vessel.right_at))
    liquid = Box(int(min(lefts)), place.top, int(max(rights)) + 1, place.bottom + sag)
    beside = Box(card.checks.left + 4, card.checks.top + 6, int(min(lefts)) - 6, place.bottom)
    ground = Box(int(max(rights)) + 8, card.patch.bottom + 10, card.patch.right + 8, place.bottom)
    if min(beside.width, ground.width) < FEWEST or min(beside.height, ground.height, liquid.height) < FEWEST:
        return None
    half = max(2, round(HALF_PERIOD * card.checks.height))
    inner = _field(picture, liquid, half)
    chord = _chord(place, liquid)
    contrast = float(np.percentile(np.abs(inner.swing[chord > 0.5]), 90))
    return Kept(
        place, half, inner, chord, _field(picture, beside, half), _field(picture, ground, 0), contrast
    )


def compare(kept: Kept, picture: Picture, place: Place) -> Change | None:
    """Compare a picture with the clear one; None where vial, card or camera are no longer where they were.

    Nor is a picture compared with itself: without any noise between them there is nothing to tell errors from.
    """
    if not kept.place.same(place):
        return None
    beside, ground = (_field(picture, one.box, kept.half) for one in (kept.beside, kept.ground))
    bright = float(beside.light.mean() / kept.beside.light.mean())
    dark = float(ground.light.mean() / kept.ground.light.mean())
    contrast = float((beside.swing * kept.beside.swing).sum() / (kept.beside.swing**2).sum())
    if not SAME < contrast / bright < 1 / SAME:
        return None
    noise = float((beside.swing - contrast * kept.beside.swing).std())
    if noise == 0.0:
        return None
    now = _field(picture, kept.liquid.box, kept.half)
    chord = _shared(kept, place)
    rows = np.arange(now.box.top, now.box.bottom)[:, None]
    calm: Mask = rows >= max(kept.place.calm, place.calm)
    bands = _bands(kept, now, np.where(calm | (chord < VORTEX), chord, 0), contrast, noise / contrast, bright)
    black = float((ground.light - dark * kept.ground.light).std())
    glow, error = _glow(kept, now, chord, calm, (dark, bright), black)
    return Change(bands, glow / dark / kept.contrast, error / dark / kept.contrast)


def _field(picture: Picture, box: Box, half: int) -> Field:
    light = linear_mean(picture[box.top : box.bottom, box.left : box.right])
    if not half:
        return Field(box, light, light[:0])
    kernel = np.zeros((2 * half + 1, 1), np.float32)
    kernel[[0, half, -1], 0] = (-0.25, 0.5, -0.25)  # blind for whatever changes slowly from row to row
    return Field(box, light, cv2.filter2D(light, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT))


def _chord(place: Place, box: Box) -> Gray:
    """Return the way through the liquid for each pixel of a box, over the inner diameter; 0 above the surface."""
    rows = np.arange(box.top, box.bottom, dtype=np.float32)[:, None]
    left = place.vessel.left[0] + place.vessel.left[1] * rows
    right = place.vessel.right[0] + place.vessel.right[1] * rows
    across = 2 * (np.arange(box.left, box.right, dtype=np.float32) - left) / (right - left) - 1
    drop = ROUND * place.vessel.width * np.sqrt(np.clip(1 - across**2, 0, 1))
    chord = np.sqrt(np.clip(1 - (across / INSIDE) ** 2, 0, 1))
    return np.asarray(np.where(rows >= place.top + drop, chord, 0), np.float32)


def _shared(kept: Kept, place: Place) -> Gray:
    """Return the ways through the liquid where both pictures show liquid: the surface may have sunk."""
    sunk = min(place.top - kept.place.top, kept.chord.shape[0])
    if sunk <= 0:
        return kept.chord
    shared = np.zeros_like(kept.chord)
    shared[sunk:] = np.where(kept.chord[: shared.shape[0] - sunk] > 0, kept.chord[sunk:], 0)
    return shared


def _bands(
    kept: Kept, now: Field, chord: Gray, contrast: float, noise: float, bright: float
) -> tuple[Band, ...]:
    """Return how much of the clear picture's pattern is left, relative to the card beside the vial."""
    power = kept.liquid.swing**2
    shared = now.swing * kept.liquid.swing
    found = []
    for low, high in zip(BORDERS[:-1], BORDERS[1:], strict=True):
        here = (chord >= low) & (chord < high)
        total = float(power[here].sum())
        if total > 0:
            way = float((power[here] * chord[here]).sum()) / total
            lift = float(np.log(now.light[here].mean() / kept.liquid.light[here].mean() / bright))
            found.append(Band(way, float(shared[here].sum()) / total / contrast, noise / total**0.5, lift))
    return tuple(found)


def _glow(
    kept: Kept, now: Field, chord: Gray, calm: Mask, gains: tuple[float, float], black: float
) -> tuple[float, float]:
    """Return the light that came on top and its error; pixels count by the way through the liquid and their noise.

    `gains` are those of the light on black and on the checks, `black` the noise of the difference on black.
    """
    before, after = (cv2.GaussianBlur(one.light, (0, 0), 1.0) for one in (kept.liquid, now))
    dark, bright = (float(one.light.mean()) for one in (kept.ground, kept.beside))
    gain = gains[0] + (gains[1] - gains[0]) * np.clip((before - dark) / (bright - dark), 0, 2)
    extra = now.light - gain * kept.liquid.light
    # noise grows with light; weights from both pictures alike, or the noise of one of them would choose
    weight = np.where(chord > SHINING, chord / ((before + after) / 2 + DIM * dark), 0)
    spread = weight**2 * np.maximum(before, dark) / dark

    def mean(part: Mask) -> tuple[float, float]:
        total = float(weight[part].sum())
        if total <= 0:
            return 0.0, float("inf")
        error = black * (float(spread[part].sum()) / total**2 + 1 / kept.ground.light.size) ** 0.5
        return float((weight * extra)[part].sum()) / total, error

    everywhere = np.ones_like(chord, dtype=bool)
    below, upper = (mean(part & everywhere) for part in (calm, ~calm))
    if abs(upper[0] - below[0]) <= AGREE * float(np.hypot(upper[1], below[1])):
        return mean(everywhere)
    return below
