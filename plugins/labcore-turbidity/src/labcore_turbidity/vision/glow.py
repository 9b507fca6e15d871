"""The light that the liquid itself sends to the camera."""

from __future__ import annotations

import numpy as np

from .arrays import Gray

FEWEST, FEW = 8, 12  # columns: fewer are not read at all; fewer may all be behind glare or a vortex
SHORTEST = 30  # rows: two periods of the checks
SHADE = 30.0  # percentile of the columns before black: streaks of glare and a vortex only add light
SHADE_OF_FEW = 10.0  # the same where few columns are left, or few rows above a vortex
DARKEST = 5.0  # percentile that stands for the dark checks
SEEN = 0.3  # transfer that is needed to tell dark checks from light ones
FILM = 0.006  # of white: error where a vortex hangs before all rows, the glow of its skin
SKIN = 0.05  # of white: how much more such a skin can add where few columns are free
VEIL = 0.003  # of white: error of the veil over dark checks
LOST = 0.05  # of the checks' mean: error of what is taken off for the light that comes through


def read_glow(
    checks: Gray, black: Gray, outside: Gray, ground: Gray, through: float, white: float
) -> tuple[float | None, float]:
    """Return the liquid's own light and its error: before black while it is clear, all round once it is not.

    `checks` and `black` are the liquid before either, `outside` and `ground` the same without liquid, `through` the
    transfer of contrast. Light from one side leaves one half of an opaque liquid in shade, hence all round.
    """
    right, error = _before_black(checks, black, outside, ground, through, white)
    if checks.shape[1] < FEWEST:
        return right, error + 0.08 * abs(right or 0.0)
    left = float(checks.mean()) - through * float(outside.mean())
    if right is None:
        return left, LOST * float(outside.mean())
    return (right if black.shape[0] < SHORTEST else right + (1 - through) * (left - right) / 2), error


def _before_black(
    checks: Gray, black: Gray, outside: Gray, ground: Gray, through: float, white: float
) -> tuple[float | None, float]:
    """Return the glow before black and its error; where little black is left, the dark checks serve as black too."""
    low, few = black.shape[0] < SHORTEST, black.shape[1] <= FEW
    found = []
    if black.shape[1] >= FEWEST:
        shade = float(np.percentile(np.median(black, axis=0), SHADE_OF_FEW if low or few else SHADE))
        found.append(shade - (float(np.median(ground)) if ground.size else 0.0))
    if few and through > SEEN and checks.shape[1] >= FEWEST:
        dark, clear = (float(np.percentile(block, DARKEST)) for block in (checks, outside))
        found.append(dark - through * clear)
    if not found:
        return None, 0.0
    error = (FILM + SKIN * few) if low else VEIL * few
    return min(found), error * white
