"""What counts as an answer to a question. Pure: whoever takes an answer can say at once that it is none."""

from __future__ import annotations

from collections.abc import Sequence

from labcore.model.quantity import QuantityError, UnitError, parse_quantity

YES = ("yes", "y", "true", "はい")
NO = ("no", "n", "false", "いいえ")


def understood(said: str, *, ask: str, options: Sequence[str], expects: str, unit: str) -> str:
    """Return an answer, an option in its own spelling; ValueError, fit for people, if it is none.

    Whoever asks for an act, a measurement or a decision understands more than its options ("12 mL"), and judges itself.
    """
    if ask == "choose":
        return _option(said, options)
    if ask != "ask":
        return next((one for one in options if one.casefold() == said.strip().casefold()), said)
    fault = _fault(said.strip(), expects, unit)
    if fault:
        raise ValueError(fault)
    return said


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
