"""What counts as an answer to a question. Pure: whoever takes an answer can say at once that it is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from labcore.model.interval import Interval
from labcore.model.quantity import QuantityError, UnitError, parse_quantity

YES = ("yes", "y", "true", "はい")
NO = ("no", "n", "false", "いいえ")
CHOICE = "choice"  # what a decision expects that is one of its options and nothing else
WITHIN = 0.05  # of itself: how exact one number is that somebody says of an amount
_RANGE = re.compile(r"\s*([\d.]+)\s*(?:-|–|to)\s*([\d.]+)\s*(\S+)\s*")


def understood(
    said: str, *, ask: str, options: Sequence[str], expects: str, unit: str, most: float | None = None
) -> str:
    """Return an answer, an option in its own spelling; ValueError, fit for people, if it is none.

    A decision with a `most` takes an amount up to that, too. Whoever asks for an act, a measurement or another decision
    understands more than its options ("12 mL"), and judges itself.
    """
    if ask == "choose" or (ask == "decide" and expects == CHOICE):
        return _option(said, options)
    if ask == "decide" and most is not None and not _is_option(said, options):
        amount_said(said, unit, most, options)
        return said.strip()
    if ask != "ask":
        return next((one for one in options if one.casefold() == said.strip().casefold()), said)
    fault = _fault(said.strip(), expects, unit)
    if fault:
        raise ValueError(fault)
    return said


def amount_said(said: str, unit: str, most: float, options: Sequence[str]) -> Interval:
    """Read "12 mL" (within 5 %) or "10-14 mL", in `unit`; ValueError, fit for people, unless it is within 0 to `most`.

    `options` are the words that might have been said instead.
    """
    try:
        between = _RANGE.fullmatch(said)
        if between is None:
            amount = Interval.around(parse_quantity(said).in_(unit), relative=WITHIN)
        else:
            low, high = (parse_quantity(f"{between[n]} {between[3]}").in_(unit) for n in (1, 2))
            if low > high:
                raise ValueError(f"{said!r}: the lower amount comes first")
            amount = Interval.between(low, high)
    except (QuantityError, UnitError) as error:
        why, words = str(error).rstrip("."), ", ".join(options)
        raise ValueError(f"{said!r}: {why}; say {words}, or how much: 12 {unit}, 10-14 {unit}") from error
    if amount.low < 0 or amount.high > most:
        raise ValueError(f"{said.strip()} cannot be: it is something from 0 to {most:.4g} {unit}")
    return amount


def _is_option(said: str, options: Sequence[str]) -> bool:
    return any(one.casefold() == said.strip().casefold() for one in options)


def _option(said: str, options: Sequence[str]) -> str:
    chosen = next((one for one in options if one.casefold() == said.strip().casefold()), None)
    if chosen is None:
        raise ValueError(f"{said!r} is none of the choices: {', '.join(options)}")
    return chosen


def _fault(said: str, expects: str, unit: str) -> str:
    """Return what is wrong with an answer in words, "" if nothing is."""
    if expects == "yes or no":
        return "" if said.casefold() in (*YES, *NO) else f"{said!r} is neither yes nor no"
    if expects == "number":
        return "" if _is_number(said) else f"{said!r} is not a number"
    return _no_amount(said, unit) if unit else ""


def _is_number(said: str) -> bool:
    try:
        float(said)
    except ValueError:
        return False
    return True


def _no_amount(said: str, unit: str) -> str:
    try:
        parse_quantity(said).to(unit)
    except (QuantityError, UnitError) as error:
        return f"{error}; write number and unit, for example 12.5 {unit}"
    return ""
