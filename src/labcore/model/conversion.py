"""Bring numbers from one unit into another."""

from __future__ import annotations

from functools import lru_cache
from math import gcd

from labcore.model.dimensions import NOTHING, PREFERRED
from labcore.model.unit_text import unit_of
from labcore.model.units import UnitError, merged

_POINT = "°C is only a point on a scale; differences are in K."


@lru_cache(maxsize=4096)
def conversion(have: str, want: str) -> tuple[float, float]:
    """Return (a, b): a number in `have`, times a, by b, is in `want`. UnitError if they do not match."""
    source, target = unit_of(have), unit_of(want)
    if source.point != target.point:
        raise UnitError(f"{source.name} is a {source.dimension}, {target.name} a {target.dimension}.", _POINT)
    if source.vector != target.vector:
        wanted = target.name or "a plain number"
        found = source.name or "A plain number"
        raise UnitError(f"{found} is no {target.dimension}: it cannot become {wanted}.")
    return size(source.numerator * target.denominator, source.denominator * target.numerator)


def size(above: int, below: int) -> tuple[float, float]:
    """Return a ratio of integers as two floats, each exact where it can be."""
    shared = gcd(above, below)
    above, below = above // shared, below // shared
    return (float(above), float(below)) if max(above, below) < 2**53 else (above / below, 1.0)


@lru_cache(maxsize=4096)
def combined(left: str, right: str, power: int) -> tuple[str, float, float]:
    """Return the unit of `left * right**power` (power 1 or -1) and the ratio (a, b) that leads to it.

    A dimension with a name comes in its usual unit (a volume in mL); pure numbers lose their unit.
    """
    product = merged(((unit_of(left), 1), (unit_of(right), power)))
    name = "" if product.vector == NOTHING else PREFERRED.get(product.vector, product.name)
    wanted = unit_of(name)
    return (name, *size(product.numerator * wanted.denominator, product.denominator * wanted.numerator))
