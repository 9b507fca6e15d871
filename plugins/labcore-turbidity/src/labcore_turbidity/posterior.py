"""Weigh several imperfect signs of one attenuation against each other: a posterior on a grid.

The grid runs evenly in scale units and beyond the scale's end (to about 60 per cm), with a flat prior: what cannot be
told apart there ends as an interval up to 5, and no sign can make a confident 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .scale import attenuation

Curve = NDArray[np.floating[Any]]

STEP = 0.01
END = 7.2  # scale units: the scale's own logarithm, carried on past 5
CLEAR = 15.0  # a perfectly clear liquid weighs as much beforehand as this many grid points: 0.15 of the scale
NEVER_SURE = 4.5  # the lower end of any interval that reaches the scale's end lies no higher
TAILS = 6.0  # degrees of freedom of the Student errors: a sign that is badly off is doubted, not obeyed

SCALE_UNITS: Curve = np.arange(0.0, END + STEP / 2, STEP)
PER_CM: Curve = np.array([attenuation(float(value)) for value in SCALE_UNITS])


@dataclass(frozen=True)
class Sign:
    """One observed number, what it should be at each grid attenuation, and how far off it may be there."""

    observed: float
    expected: Curve
    error: Curve


@dataclass(frozen=True)
class Belief:
    """Median and 90 % interval in scale units (0 to 5), and the attenuation of the median in 1/cm."""

    value: float
    low: float
    high: float
    per_cm: float


def weigh(signs: Sequence[Sign]) -> Belief:
    """Combine signs into one belief; with no sign at all the whole scale remains possible."""
    log = np.zeros_like(SCALE_UNITS)
    for sign in signs:
        z = (sign.observed - sign.expected) / sign.error
        log -= np.log(sign.error) + (TAILS + 1) / 2 * np.log1p(z * z / TAILS)
    density = np.exp(log - log.max())
    density[0] *= CLEAR
    density /= density.sum()
    low, high = _narrowest(density, 0.90)
    middle = int(np.searchsorted(np.cumsum(density), 0.5))
    middle = min(max(middle, low), high)
    top = min(5.0, float(SCALE_UNITS[high]))
    bottom = min(float(SCALE_UNITS[low]), NEVER_SURE if top >= 5.0 else top)
    return Belief(min(5.0, float(SCALE_UNITS[middle])), bottom, top, float(PER_CM[middle]))


def _narrowest(density: Curve, mass: float) -> tuple[int, int]:
    """Return the ends of the narrowest run of grid points that holds `mass`."""
    total = np.concatenate([[0.0], np.cumsum(density)])
    ends = np.searchsorted(total, total + mass - 1e-12)
    starts = np.flatnonzero(ends < total.size)
    best = int(starts[np.argmin(ends[starts] - starts)]) if starts.size else 0
    return best, int(min(ends[best], density.size) - 1) if starts.size else density.size - 1
