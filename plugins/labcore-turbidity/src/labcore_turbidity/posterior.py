"""Weigh several imperfect signs of one attenuation against each other: a posterior on a grid.

The grid runs in scale units and beyond the scale's end (to about 60 per cm), with a flat prior: what cannot be told
apart there ends as an interval up to 5, and no sign can make a confident 5. Its steps are the resolution of a value:
no sign tells less than 0.0005 from clear, nor 0.01 above 0.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .scale import attenuation

Curve = NDArray[np.floating[Any]]

FINE, COARSE, THIN = 0.0005, 0.01, 0.1  # scale units: steps below and above THIN
END = 7.2  # scale units: the scale's own logarithm, carried on past 5
UNSEEN = (
    1.35  # ln likelihood ratio against clear below which a value is 0: Currie's critical level, 1.645 errors
)
NEVER_SURE = 4.5  # the lower end of any interval that reaches the scale's end lies no higher
TAILS = 6.0  # degrees of freedom of the Student errors: a sign that is badly off is doubted, not obeyed

SCALE_UNITS: Curve = np.concatenate(
    [np.arange(0.0, THIN - FINE / 2, FINE), np.arange(THIN, END, COARSE)]
).round(4)
PER_CM: Curve = np.array([attenuation(float(value)) for value in SCALE_UNITS])
_WIDTHS: Curve = np.gradient(SCALE_UNITS)


@dataclass(frozen=True)
class Sign:
    """One observed number, what it should be at each grid attenuation, and how far off it may be there."""

    observed: float
    expected: Curve
    error: Curve


@dataclass(frozen=True)
class Belief:
    """Value and 90 % interval in scale units (0 to 5), and the attenuation of the value in 1/cm.

    The value is 0 where the signs do not speak against clear liquid, and the median otherwise.
    """

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
    density = np.exp(log - log.max()) * _WIDTHS
    density /= density.sum()
    low, high = _narrowest(density, 0.90)
    middle = min(max(int(np.searchsorted(np.cumsum(density), 0.5)), low), high)
    if log.max() - log[0] < UNSEEN:
        low = middle = 0
    top = min(5.0, float(SCALE_UNITS[high]))
    bottom = min(float(SCALE_UNITS[low]), NEVER_SURE if top >= 5.0 else top)
    return Belief(min(5.0, float(SCALE_UNITS[middle])), bottom, top, float(PER_CM[middle]))


def _narrowest(density: Curve, mass: float) -> tuple[int, int]:
    """Return the ends, in grid points, of the narrowest piece of the scale that holds `mass`."""
    total = np.concatenate([[0.0], np.cumsum(density)])
    ends = np.searchsorted(total, total + mass - 1e-12)
    starts = np.flatnonzero(ends < total.size)
    if not starts.size:
        return 0, density.size - 1
    last = ends[starts] - 1
    best = int(np.argmin(SCALE_UNITS[last] - SCALE_UNITS[starts]))
    return int(starts[best]), int(last[best])
