"""The turbidity scale: T = 5 ln(1 + a/0.02) / ln(1 + 5/0.02), at most 5.

`a` is the attenuation of light at 550 nm in 1/cm, averaged over the liquid the camera sees. The scale is a definition:
there is no way to adjust it. It is written down in docs/reference/turbidity.md.
"""

from __future__ import annotations

import math

__all__ = ["attenuation", "turbidity"]

_FULL = 5.0  # the largest value, and the attenuation in 1/cm at which it is reached
_KNEE = 0.02  # 1/cm: below it the scale is linear in attenuation, above it logarithmic
_SPAN = math.log1p(_FULL / _KNEE)


def turbidity(per_cm: float) -> float:
    """Return T, 0 to 5, of an attenuation in 1/cm; raises ValueError for a negative or undefined one."""
    if not per_cm >= 0:
        raise ValueError(f"attenuation must be zero or more, in 1/cm, found {per_cm!r}")
    return min(_FULL, _FULL * math.log1p(per_cm / _KNEE) / _SPAN)


def attenuation(value: float) -> float:
    """Return the attenuation in 1/cm at which the scale reads `value`; beyond 5 its logarithm is carried on."""
    if not value >= 0:
        raise ValueError(f"a turbidity is zero or more, found {value!r}")
    return _KNEE * math.expm1(value / _FULL * _SPAN)
