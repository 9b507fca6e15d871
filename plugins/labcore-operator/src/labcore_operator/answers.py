"""Understand what a person typed: lenient in form, strict in meaning. Pure.

A number needs its unit, only a whole answer counts as a word, and what makes no sense is never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from labcore.model.event import Value
from labcore.model.quantity import Quantity, QuantityError, UnitError, parse_quantity

Meaning = Literal["done", "partly", "not_done", "unknown"]
MEANINGS: tuple[Meaning, ...] = ("done", "partly", "not_done", "unknown")
LEADING = re.compile(r"^(?P<words>[^\d+\-.−]*)(?P<number>[+\-−]?\.?\d.*)$", re.DOTALL)
RANGE = re.compile(
    r"^(?P<low>[\d.]+)\s*(?P<unit>[^\d\s.\-–—~]*)\s*(?P<to>-|–|—|~|\.{2,3}|to|から)\s*(?P<high>\d.*)$"
)
STRIPPED = " \t\r\n.。!！、,;:：「」\"'`"


class Unclear(Exception):  # noqa: N818 - a finding about an answer, answered by asking again
    """The answer makes no sense here; `key` and `values` name the text that says why."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer means. `low` and `high` are its number in the unit asked for, equal but for a range.

    `why` is the reason given for not doing it. `digit` is the weight of the last digit typed, in that unit: a
    person reads off no finer than they write.
    """

    meaning: Meaning
    low: float | None = None
    high: float | None = None
    digit: float = 0.0
    why: str = ""

    @property
    def value(self) -> float | None:
        """The middle of the number, None if there was none."""
        return None if self.low is None or self.high is None else (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Expected:
    """What number, if any, an answer may carry: its unit ("" for a plain number) and an example."""

    unit: str
    example: str
    number: bool = True
    signed: bool = False


def understand(value: Value, expected: Expected, words: Mapping[str, frozenset[str]]) -> Said:
    """Return what the answer means; Unclear (with the reason) if that cannot be told."""
    if isinstance(value, bool):
        return Said("done" if value else "not_done")
    if isinstance(value, dict):
        return _number(f"{value.get('value')} {value.get('unit', '')}".strip(), expected)
    text = "" if value is None else unicodedata.normalize("NFKC", str(value)).strip()
    if not text.strip(STRIPPED):
        raise Unclear("unclear.empty")
    word = _meaning(text, words)
    if word is not None:
        return Said(word)
    return _declined(text, words) or _worded_number(text, expected, words)


def _meaning(text: str, words: Mapping[str, frozenset[str]]) -> Meaning | None:
    bare = " ".join(text.casefold().replace("’", "'").strip(STRIPPED).split())
    return next((meaning for meaning in MEANINGS if bare in words[meaning]), None)


def _declined(text: str, words: Mapping[str, frozenset[str]]) -> Said | None:
    """Read "not done: the bottle is empty"; of what was done only the bare word or a number counts."""
    head, colon, reason = text.partition(":")
    word = _meaning(head, words) if colon else None
    return Said(word, why=reason.strip()) if word in ("not_done", "unknown") else None


def _worded_number(text: str, expected: Expected, words: Mapping[str, frozenset[str]]) -> Said:
    """Read "19.5 mL", "done, 19.5 mL", "partly 12 mL", "about 12 mL" and ranges of these."""
    found = LEADING.match(text)
    if found is None:
        raise Unclear("unclear.words", answer=text)
    lead = " ".join(found["words"].casefold().split()).rstrip("".join(STRIPPED))
    meaning, rest = _lead(lead, words), found["number"].strip()
    if lead and meaning is None and lead not in words["about"]:
        raise Unclear("unclear.words", answer=text)
    if meaning in ("not_done", "unknown"):
        raise Unclear("unclear.contradiction", answer=text)
    said = _number(rest.rstrip(STRIPPED), expected)
    return Said("partly", said.low, said.high, said.digit) if meaning == "partly" else said


def _lead(lead: str, words: Mapping[str, frozenset[str]]) -> Meaning | None:
    return next((meaning for meaning in MEANINGS if lead and lead in words[meaning]), None)


def _number(text: str, expected: Expected) -> Said:
    if not expected.number:
        raise Unclear("unclear.no_amount")
    span = RANGE.match(text)
    if span is None:
        amount = _quantity(text, expected)
        return Said("done", amount, amount, _last_digit(text, expected))
    unit = span["unit"] or _unit_of(span["high"])
    low, high = _quantity(f"{span['low']} {unit}", expected), _quantity(span["high"], expected)
    if low > high:
        raise Unclear("unclear.range", answer=text)
    return Said("done", low, high, _last_digit(span["high"], expected))


def _unit_of(text: str) -> str:
    return re.sub(r"^[\d.]+\s*", "", text)


def _quantity(text: str, expected: Expected) -> float:
    try:
        quantity = parse_quantity(text, bare=True)
    except QuantityError as error:
        raise Unclear(
            "unclear.quantity", answer=text, reason=f"{error.message} {error.remedy}".strip()
        ) from error
    amount = _in_unit(quantity, text, expected)
    if amount < 0 and not expected.signed:
        raise Unclear("unclear.negative", answer=text)
    return amount


def _in_unit(quantity: Quantity, text: str, expected: Expected) -> float:
    if expected.unit and not quantity.unit:
        raise Unclear("unclear.unit", answer=text, example=expected.example)
    try:
        return quantity.in_(expected.unit)
    except UnitError as error:
        wanted = Quantity(1.0, expected.unit).dimension
        raise Unclear(
            "unclear.dimension",
            answer=text,
            found=quantity.dimension,
            expected=wanted,
            example=expected.example,
        ) from error


def _last_digit(text: str, expected: Expected) -> float:
    """Return the last digit's weight in the unit asked for: 0.01 for "19.50 mL", 10 (mL) for "0.02 L"."""
    number = re.match(r"[+\-−]?(\d*)(?:\.(\d*))?", text)
    places = len(number[2] or "") if number else 0
    step = 10.0**-places
    unit = _unit_of(text.lstrip("+-−"))
    try:
        known = Quantity(0.0, unit).unit
        return abs(Quantity(step, known).in_(expected.unit) - Quantity(0.0, known).in_(expected.unit))
    except (QuantityError, UnitError):
        return step
