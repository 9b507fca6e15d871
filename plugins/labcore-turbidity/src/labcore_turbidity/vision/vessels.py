"""Pair glass walls into standing vessels."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import cv2
import numpy as np

from .arrays import Gray
from .card import Card
from .walls import Wall, find_walls

WORK_WIDTH = (
    420  # pixels: walls are looked for on a picture of this width, which keeps the search below 10 ms
)
FAINT = 0.08
NARROWEST, WIDEST = 0.05, 0.5  # of the picture's width


@dataclass(frozen=True)
class Vessel:
    """A standing vessel between two walls, in pixels of the picture; x of a wall at row y is x0 + slope * y."""

    left: tuple[float, float]
    right: tuple[float, float]
    top: float
    bottom: float
    score: float

    def left_at(self, y: float) -> float:
        """Return the x of the left wall at row `y`."""
        return self.left[0] + self.left[1] * y

    def right_at(self, y: float) -> float:
        """Return the x of the right wall at row `y`."""
        return self.right[0] + self.right[1] * y

    @property
    def middle(self) -> float:
        """Return the x of the axis at half height."""
        y = (self.top + self.bottom) / 2
        return (self.left_at(y) + self.right_at(y)) / 2

    @property
    def width(self) -> float:
        """Return the distance between the walls at half height."""
        y = (self.top + self.bottom) / 2
        return self.right_at(y) - self.left_at(y)

    @property
    def lean(self) -> float:
        """Return dx/dy of the axis."""
        return (self.left[1] + self.right[1]) / 2


def find_vessels(gray: Gray, card: Card | None = None) -> list[Vessel]:
    """List the standing vessels from left to right; none overlaps another, and the edges of a card are none."""
    factor = min(1.0, WORK_WIDTH / gray.shape[1])
    small = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else gray
    walls = find_walls(np.sqrt(small * np.float32(255.0)), 0.22 if card is None else FAINT)
    if card is not None:
        walls = [w for w in walls if not _of_card(w, card, factor)]
    lefts = _merged([w for w in walls if w.sign > 0])
    rights = _merged([w for w in walls if w.sign < 0])
    pairs = [v for a in lefts for b in rights if (v := _pair(a, b, small.shape)) is not None]
    return [_scaled(v, 1 / factor) for v in _best_apart(pairs)]


def _of_card(wall: Wall, card: Card, factor: float) -> bool:
    """Say whether an edge belongs to the card: it begins above the checks, or runs along a side of theirs."""
    if wall.top < (card.checks.top - 8) * factor:
        return True
    sides = (card.checks.left, card.checks.right, card.patch.left, card.patch.right)
    y = (wall.top + wall.bottom) / 2
    return abs(wall.slope) < 0.03 and any(abs(wall.at(y) - x * factor) < 3.5 for x in sides)


def _merged(walls: list[Wall]) -> list[Wall]:
    """Join pieces of one straight edge that a reflection or a label has cut."""
    left = sorted(walls, key=lambda w: -w.length)
    out: list[Wall] = []
    while left:
        wall = left.pop(0)
        for other in [w for w in left if _collinear(wall, w)]:
            left.remove(other)
            wall = Wall(wall.x0, wall.slope, min(wall.top, other.top), max(wall.bottom, other.bottom),
                        (wall.strength * wall.length + other.strength * other.length) / (wall.length + other.length),
                        wall.sign)  # fmt: skip
        out.append(wall)
    return out


def _collinear(a: Wall, b: Wall) -> bool:
    gap = max(a.top, b.top) - min(a.bottom, b.bottom)
    middle = (b.top + b.bottom) / 2
    return (
        gap < 1.2 * max(a.length, b.length)
        and abs(a.at(middle) - b.at(middle)) < 2.5
        and abs(a.slope - b.slope) < 0.08
    )


def _pair(a: Wall, b: Wall, shape: tuple[int, ...]) -> Vessel | None:
    height, width = shape
    top, bottom = min(a.top, b.top), min(max(a.bottom, b.bottom), height - 1.0)
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    y = (top + bottom) / 2
    wide = b.at(y) - a.at(y)
    if not NARROWEST * width < wide < WIDEST * width or abs(a.slope - b.slope) > 0.14:
        return None
    if shared < 0.4 * min(a.length, b.length) or not 0.6 < (bottom - top) / wide < 5:
        return None
    if b.at(bottom) - a.at(bottom) < 0.75 * wide or b.at(top) - a.at(top) < 0.75 * wide:
        return None
    score = min(a.strength, b.strength) * np.sqrt(a.length * b.length) * (0.5 + 0.5 * shared / (bottom - top))
    return Vessel((a.x0, a.slope), (b.x0, b.slope), top, bottom, float(score))


def _best_apart(pairs: list[Vessel]) -> list[Vessel]:
    """Choose the set of vessels that do not overlap and score most: weighted interval scheduling."""
    order = sorted(pairs, key=lambda v: v.middle + v.width / 2)
    ends = [v.middle + v.width / 2 for v in order]
    best: list[tuple[float, list[Vessel]]] = [(0.0, [])]
    for i, vessel in enumerate(order):
        before = best[bisect_right(ends, vessel.middle - vessel.width / 2 + 1.0, 0, i)]
        with_it = (before[0] + vessel.score, [*before[1], vessel])
        best.append(max(best[-1], with_it, key=lambda choice: choice[0]))
    chosen = best[-1][1]
    leader = max((v.score for v in chosen), default=0.0)
    return [v for v in chosen if v.score > 0.2 * leader]


def _scaled(v: Vessel, k: float) -> Vessel:
    return Vessel((v.left[0] * k, v.left[1]), (v.right[0] * k, v.right[1]), v.top * k, v.bottom * k, v.score)
