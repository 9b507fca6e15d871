"""Find the vial that stands before a card.

The card's own edges are stronger than glass, so the walls are sought where the card ends and the vial still goes on,
on the plate it stands on; how far they lean is then read along the whole body.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .arrays import Gray
from .card import Card
from .vessels import Vessel

LEANS = np.tan(np.radians(np.arange(-9.0, 9.01, 0.5)))
NARROW, WIDE = (
    0.2,
    0.8,
)  # width of a vial relative to the height of the card's checks: between a tube and a flask
OUTER = 8.0  # preference for the outermost pair of edges: glass lies outside of whatever it holds
SEEN, PLAIN = 0.2, 0.8  # gradient along the body that makes a clear edge on the plate a wall, and a faint one
FAINTEST, CLEAR = (
    0.5,
    1.2,
)  # grey levels a pixel, after the square root: of an edge on the plate that may be, that is one
BESIDE = 5.0  # pixels
MOST = 14  # edges of one sign that are followed up
ENOUGH = 1.5  # an edge stronger than this is no better a wall: a white bar is not preferred to glass


@dataclass(frozen=True)
class _Side:
    x: float
    score: float
    along: NDArray[np.float64]

    def stands(self, lean: int) -> bool:
        """Say whether it is a wall at that lean: clear on the plate and seen above it, or faint there and clear above."""
        return float(self.along[lean]) >= (SEEN if self.score >= CLEAR else PLAIN)


def find_standing(gray: Gray, card: Card) -> Vessel | None:
    """Return the vial before the card, or None."""
    tall = card.checks.height
    foot = (card.checks.bottom + 2, min(gray.shape[0], card.checks.bottom + round(0.12 * tall)))
    body = (card.checks.top + round(0.5 * tall), card.checks.bottom - 2)
    if foot[1] - foot[0] < 8:
        return None
    first, last = max(0, card.checks.left - tall // 10), min(gray.shape[1], card.patch.right + tall // 10)
    across = _gradient(gray[: foot[1] + 4, first:last])
    lefts = _sides(across, foot, body, +1.0, card.checks.left - first)
    rights = _sides(across, foot, body, -1.0, card.checks.right - 5 - first)
    best: tuple[float, _Side, _Side, int] | None = None
    for a in lefts:
        for b in rights:
            if not NARROW * tall < b.x - a.x < WIDE * tall:
                continue
            lean = int(np.argmax(a.along + b.along))
            if not (a.stands(lean) and b.stands(lean)):
                continue
            seen = min(ENOUGH, a.along[lean]) + min(ENOUGH, b.along[lean])
            score = a.score + b.score + float(seen) + OUTER * (b.x - a.x) / tall
            if best is None or score > best[0]:
                best = (score, a, b, lean)
    return None if best is None else _vessel(best, first, foot, body, card)


def _gradient(gray: Gray) -> Gray:
    smooth = cv2.GaussianBlur(np.sqrt(gray * np.float32(255.0)), (0, 0), 1.2)
    return cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)


def _sides(
    across: Gray, foot: tuple[int, int], body: tuple[int, int], sign: float, border: int
) -> list[_Side]:
    """List the upright edges of one sign on the plate, each with what speaks for it along the body, lean by lean.

    What lies on the border of the checks speaks for the card, not for glass.
    """
    weight = np.hanning(foot[1] - foot[0] + 2)[1:-1]
    profile = sign * np.average(across[foot[0] : foot[1]], axis=0, weights=weight)
    crest = profile >= cv2.dilate(profile.reshape(1, -1), np.ones((1, 9), np.uint8))[0]
    places = np.flatnonzero(crest & (profile > FAINTEST))
    return [
        _Side(
            float(x),
            min(ENOUGH, float(profile[x])),
            _along(across * sign, float(x), sum(foot) / 2, body, border),
        )
        for x in places[np.argsort(-profile[places], kind="stable")][:MOST]
    ]


def _along(across: Gray, x: float, y: float, body: tuple[int, int], border: int) -> NDArray[np.float64]:
    """Return the mean gradient along the body on lines through (x, y), one a lean."""
    rows = np.arange(*body)
    weight = np.hanning(rows.size + 2)[1:-1]
    columns = np.clip(np.rint(x + LEANS[:, None] * (rows - y)).astype(int), 1, across.shape[1] - 2)
    found = np.average(across[rows, columns].astype(np.float64), axis=1, weights=weight)
    found[np.abs(x + LEANS * (sum(body) / 2 - y) - border) < BESIDE] = 0.0
    return np.clip(found, 0.0, 4 * ENOUGH)


def _vessel(
    best: tuple[float, _Side, _Side, int],
    first: int,
    foot: tuple[int, int],
    body: tuple[int, int],
    card: Card,
) -> Vessel:
    score, a, b, lean = best
    y = sum(foot) / 2
    near = slice(max(0, lean - 3), lean + 4)
    slopes = [float(LEANS[near][int(np.argmax(side.along[near]))]) for side in (a, b)]
    walls = [(first + side.x - slope * y, slope) for side, slope in zip((a, b), slopes, strict=True)]
    bottom = min(foot[1] + 0.25 * (b.x - a.x), float(card.checks.bottom + 0.5 * card.checks.height))
    return Vessel(walls[0], walls[1], float(card.checks.top), bottom, math.fsum([score]))
