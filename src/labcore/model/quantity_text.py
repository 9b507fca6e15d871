"""Read the rarer spellings of quantities, and explain what is not one."""

from __future__ import annotations

import re
from math import isfinite

from labcore.model.characters import describe, false_digit, hidden_character, one_spelling
from labcore.model.unit_text import unit_of
from labcore.model.units import QuantityError, UnitError

_LIKE = "Write a number and a unit, like 20 mL."
_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*")
_COMMA = re.compile(r"([+-]?[0-9]+),([0-9]+)\s*([^,]*)")
_NO_NUMBER = re.compile(r"[+-]?\.?(nan|inf|infinity)\b", re.IGNORECASE)
_RANGE = re.compile(r"\s*(-|–|—|to\b|\.\.|±|\+/?-)\s*[0-9.]")


def read_slowly(text: str, bare: bool) -> tuple[float, str]:
    """Return number and unit of what the quick way could not read; QuantityError if it is no quantity."""
    if len(text) > 80:
        raise QuantityError(f"{text[:20]!r}... is too long for a quantity ({len(text):,} characters).", _LIKE)
    _refuse_odd_characters(text)
    spelling = one_spelling(text).strip()
    match = _NUMBER.match(spelling)
    if match is None:
        raise _no_number(text, spelling)
    number, rest = float(match[1]), spelling[match.end() :]
    if not isfinite(number):
        raise QuantityError(f"{match[1]} is too large a number.", _LIKE)
    if not rest:
        return _bare(number, text, bare)
    return _with_unit(number, rest, spelling)


def _bare(number: float, text: str, bare: bool) -> tuple[float, str]:
    if bare:
        return number, ""
    raise QuantityError(f"{text.strip()!r} has no unit.", f"Write the unit, like {text.strip()} mL.")


def _with_unit(number: float, rest: str, spelling: str) -> tuple[float, str]:
    if rest[0] in ",._'0123456789" and not rest.startswith("1/"):
        raise _broken_number(spelling)
    if _RANGE.match(rest):
        raise QuantityError(f"{spelling!r} is a range.", "Write one number and a unit.")
    try:
        return number, unit_of(rest).name
    except UnitError as error:
        raise QuantityError(f"{spelling!r}: {error.message}", error.remedy or _LIKE) from None


def _broken_number(spelling: str) -> QuantityError:
    comma = _COMMA.fullmatch(spelling)
    if comma is None:
        remedy = "Use digits and at most one point, like 1000.5 mL."
        return QuantityError(f"{spelling!r} has no clear number.", remedy)
    whole, part, unit = comma.groups()
    point = f"{whole}.{part} {unit}".strip()
    if len(part) == 3:
        remedy = f"Write {whole}{part} {unit} or {point}, whichever is meant."
        return QuantityError(f"{spelling!r} has a comma.", remedy)
    return QuantityError(f"{spelling!r} has a decimal comma.", f"Use a point: {point}")


def _no_number(text: str, spelling: str) -> QuantityError:
    if not spelling:
        return QuantityError("A quantity is missing.", _LIKE)
    if _NO_NUMBER.match(spelling):
        return QuantityError(f"{text.strip()!r} is not a finite number.", _LIKE)
    return QuantityError(f"{text.strip()!r} does not begin with a number.", _LIKE)


def _refuse_odd_characters(text: str) -> None:
    hidden = hidden_character(text)
    if hidden is not None and not text[hidden].isspace():
        raise QuantityError(f"{text!r} holds the invisible character {describe(text[hidden])}.", "Delete it.")
    digit = false_digit(text)
    if digit is not None:
        raise QuantityError(f"{text[digit]!r} in {text!r} is no plain digit.", "Write plain digits.")
