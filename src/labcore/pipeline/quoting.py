"""Find where YAML cuts a text at its comma: `{solute: 4,4'-oxydianiline}`, `{default: 1,5 min}`.

Inside `{...}` the rest becomes a key without a value. Such a key is taken back into the value on its left, so
that everything after it is checked as the author meant it, and it is reported with the remedy.
"""

from __future__ import annotations

import re

from labcore.model.quantity import QuantityError, parse_quantity
from labcore.pipeline.nodes import Entry, Node, ScalarNode, Spot, place_of
from labcore.pipeline.problem import Place, Problem

_TIGHT = re.compile(r"([^\W\d][\w ]*):(\S.*)")
_ENDS_IN_DIGITS = re.compile(r"[-+]?[0-9]+")
_BEGINS_WITH_DIGITS = re.compile(r"[0-9]+\s*[^\W\d_%°]|[0-9]+\s*[%°]")


def mend_map(entries: list[Entry], problems: list[Problem]) -> list[Entry]:
    """Return a flow map's entries with the cut ones joined again, and report each."""
    mended: list[Entry] = []
    for entry in entries:
        left = mended[-1] if mended else None
        if not _without_colon(entry):
            mended.append(entry)
        elif match := _TIGHT.fullmatch(entry.key):
            mended.append(_split(entry, match[1], match[2]))
            problems.append(_missing_blank(entry, match[1], match[2]))
        elif left is not None and isinstance(left.value, ScalarNode) and _unquoted_text(left.value):
            mended[-1] = _joined(left, left.value, entry, problems)
        else:
            mended.append(entry)
    return mended


def _without_colon(entry: Entry) -> bool:
    """Say whether nothing, not even a colon, follows the key."""
    value = entry.value
    if not (isinstance(value, ScalarNode) and value.plain and value.text == ""):
        return False
    return value.spot[1:3] == entry.key_spot[3:5]


def _unquoted_text(value: ScalarNode) -> bool:
    return value.plain and value.text != ""


def _split(entry: Entry, key: str, value: str) -> Entry:
    file, line, column, end_line, end_column = entry.key_spot
    middle = column + len(key)
    text = ScalarNode((file, line, middle + 1, end_line, end_column), value, True, False)
    return Entry(key, (file, line, column, line, middle), text)


def _missing_blank(entry: Entry, key: str, value: str) -> Problem:
    message = f"There is no blank after the colon of {key!r}."
    return Problem("E133", entry.key_place, message, f"Write {key}: {value}")


def _joined(left: Entry, value: ScalarNode, entry: Entry, problems: list[Problem]) -> Entry:
    """Return the left entry with the cut-off rest in its value again."""
    spot = _span(value.spot, entry.key_spot)
    comma = "," if value.spot[3:5] == (entry.key_spot[1], entry.key_spot[2] - 1) else ", "
    whole = f"{value.text}{comma}{entry.key}"
    number = _with_point(value.text, entry.key) if comma == "," else None
    problems.append(_cut(place_of(spot), f"{left.key}: ", whole, number))
    return Entry(left.key, left.key_spot, ScalarNode(spot, number or whole, True, False))


def _span(first: Spot, last: Spot) -> Spot:
    return (*first[:3], *last[3:5])


def _with_point(left: str, right: str) -> str | None:
    """Return "1.5 min" for "1" and "5 min", None if they are no quantity cut at its comma."""
    if not (_ENDS_IN_DIGITS.fullmatch(left) and right[:1].isdigit()):
        return None
    try:
        parse_quantity(f"{left}.{right}", bare=True)
    except QuantityError:
        return None
    return f"{left}.{right}"


def _cut(place: Place, key: str, whole: str, number: str | None) -> Problem:
    message = f"YAML cuts {whole!r} at the comma."
    if number is not None:
        return Problem("E131", place, message, _point_remedy(whole))
    quote = "'" if '"' in whole else '"'
    return Problem("E130", place, message, f"Quote it: {key}{quote}{whole}{quote}")


def _point_remedy(whole: str) -> str:
    try:
        parse_quantity(whole, bare=True)
    except QuantityError as error:
        return error.remedy
    return ""


def mend_list(items: list[Node], problems: list[Problem]) -> None:
    """Join `[1,5 mL]` again, in place: a bare whole number right before a quantity, without a blank between."""
    at = 1
    while at < len(items):
        left, right = items[at - 1], items[at]
        if isinstance(left, ScalarNode) and isinstance(right, ScalarNode) and _adjacent(left, right):
            number = f"{left.text}.{right.text}"
            spot = _span(left.spot, right.spot)
            problems.append(_cut(place_of(spot), "", f"{left.text},{right.text}", number))
            items[at - 1 : at + 1] = [ScalarNode(spot, number, True, False)]
        else:
            at += 1


def _adjacent(left: ScalarNode, right: ScalarNode) -> bool:
    if not (left.plain and right.plain and left.spot[3:5] == (right.spot[1], right.spot[2] - 1)):
        return False
    if not (_ENDS_IN_DIGITS.fullmatch(left.text) and _BEGINS_WITH_DIGITS.match(right.text)):
        return False
    return _with_point(left.text, right.text) is not None
