"""Amounts as people state them: one value, or from what to what."""

from __future__ import annotations

import re

from labcore.errors import UsageError
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity, QuantityError, UnitError, parse_quantity

STATED = 0.02  # relative, of a single value that somebody states
EXAMPLE = 'Write it like --holds "acetone=20 mL" or --holds "acetone=10-12 mL".'
_RANGE = re.compile(
    r"\s*(?P<low>[\d.]+(?:[eE][+-]?\d+)?)\s*(?P<one>[^\d\s–-][^–-]*?)?\s*(?:-|–|\bto\b|\.\.)\s*(?P<high>[\d.].*)"
)


def holding(text: str) -> tuple[str, Interval]:
    """Return what is held and how much (mL); UsageError if it cannot be read."""
    material, sign, amount = text.partition("=")
    if not sign or not material.strip():
        raise UsageError(f"{text!r} does not say how much of what", remedy=EXAMPLE)
    return material.strip(), _amount(amount, text)


def _amount(amount: str, text: str) -> Interval:
    try:
        found = _RANGE.fullmatch(amount)
        if found is None:
            return Interval.around(_millilitres(parse_quantity(amount), text), relative=STATED)
        high = parse_quantity(found["high"])
        low = parse_quantity(f"{found['low']} {found['one'] or high.unit}")
    except (QuantityError, UnitError) as error:
        raise UsageError(f"{text}: {error}", remedy=EXAMPLE) from error
    least, most = _millilitres(low, text), _millilitres(high, text)
    if least > most:
        raise UsageError(f"{text}: {low} is more than {high}", remedy="Write the smaller amount first.")
    return Interval.between(least, most)


def _millilitres(quantity: Quantity, text: str) -> float:
    if quantity.dimension != "volume":
        raise UsageError(f"{text}: {quantity} is no volume", remedy=EXAMPLE)
    if quantity.value < 0:
        raise UsageError(f"{text}: nothing holds less than nothing", remedy=EXAMPLE)
    return quantity.in_("mL")
