"""Cut the text of an expression into tokens. A unit follows a number only: elsewhere `min` is a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import Literal as OneOf

from labcore.model.characters import describe, false_digit, hidden_character, one_spelling
from labcore.model.expression_tree import ExpressionError
from labcore.model.names import RESERVED
from labcore.model.quantity import Quantity
from labcore.model.unit_text import unit_of
from labcore.model.units import UnitError

LONGEST = 1000

_BLANK = re.compile(r"\s*")
_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[^\W\d]\w*")
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_OPERATOR = re.compile(r"<=|>=|==|!=|\*\*|&&|\|\||[-+*/<>().,]")
_UNIT = re.compile(r"(?:%|°?[^\W\d_]+(?:\^-?[1-9]|[23])?)(?!\w)")
_INVERSE = re.compile(r"1/(?=[^\W\d_])")

_INSTEAD = {
    "**": "There is no power; multiply.",
    "^": "There is no power; multiply.",
    "&&": "Write and.",
    "||": "Write or.",
    "!": "Write not, or != for unequal.",
    "=": "Write == to compare.",
    "≤": "Write <=.",
    "≥": "Write >=.",
    "≠": "Write !=.",
    "×": "Write *.",
    "÷": "Write /.",
    "%": "A percent sign follows a number; there is no remainder.",
    "$": "Inside ${...} names stand alone.",
    "{": "Write ${...} once, around the whole expression.",
    "}": "Write ${...} once, around the whole expression.",
    "[": "There are no lists in expressions.",
    '"': "Close the text with the same quote.",
    "'": "Close the text with the same quote.",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text: a number with its unit, a word, a quoted text, an operator, or the end."""

    kind: OneOf["number", "word", "text", "operator", "end"]
    value: Quantity | float | str
    column: int


def tokens(text: str) -> list[Token]:
    """Return the tokens of `text`, the last of kind "end"; ExpressionError where it cannot be read."""
    _refuse_odd(text)
    spelling = one_spelling(text)
    columns = _columns(text, spelling)
    found: list[Token] = []
    at = _skip(spelling, 0)
    while at < len(spelling):
        token, at = _next(spelling, at, columns[at])
        found.append(token)
        at = _skip(spelling, at)
    found.append(Token("end", "", len(text) + 1))
    return found


def _refuse_odd(text: str) -> None:
    if len(text) > LONGEST:
        message = f"An expression has at most {LONGEST} characters, this one {len(text):,}."
        raise ExpressionError(message, 1, "Split it.")
    hidden = hidden_character(text)
    if hidden is not None and not text[hidden].isspace():
        what = describe(text[hidden])
        raise ExpressionError(f"There is an invisible character here ({what}).", hidden + 1, "Delete it.")
    digit = false_digit(text)
    if digit is not None:
        raise ExpressionError(f"{text[digit]!r} is no plain digit.", digit + 1, "Write plain digits.")


def _columns(text: str, spelling: str) -> range | list[int]:
    """Return, for each character of the normalised spelling, its 1-based column in the text as written."""
    if len(text) == len(spelling):
        return range(1, len(text) + 1)
    columns: list[int] = []
    for end in range(1, len(text) + 1):
        columns.extend([end] * (len(one_spelling(text[:end])) - len(columns)))
    return columns


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _next(text: str, at: int, column: int) -> tuple[Token, int]:
    if match := _NUMBER.match(text, at):
        return _number(text, match, column)
    if match := _WORD.match(text, at):
        return Token("word", match[0], column), match.end()
    if match := _TEXT.match(text, at):
        return Token("text", match[0][1:-1], column), match.end()
    match = _OPERATOR.match(text, at)
    if match is None or match[0] in _INSTEAD:
        sign = match[0] if match else text[at]
        raise ExpressionError(f"{sign!r} has no meaning here.", column, _INSTEAD.get(sign, ""))
    return Token("operator", match[0], column), match.end()


def _number(text: str, match: re.Match[str], column: int) -> tuple[Token, int]:
    value = float(match[0])
    if not isfinite(value):
        raise ExpressionError(f"{match[0]} is too large a number.", column)
    start = _skip(text, match.end())
    end = _unit_end(text, start)
    if end > start:
        return Token("number", Quantity(value, text[start:end]), column), end
    word = _WORD.match(text, start)
    if word and word[0] not in RESERVED:
        raise _no_unit(match[0], word[0], column)
    return Token("number", value, column), match.end()


def _unit_end(text: str, start: int) -> int:
    """Return where the unit that begins at `start` ends: the longest run of units without a blank."""
    inverse = _INVERSE.match(text, start)
    at = inverse.end() if inverse else start
    end = start
    while (match := _UNIT.match(text, at)) and _is_unit(text[start : match.end()]):
        end = match.end()
        if text[end : end + 1] not in ("*", "/", "·"):
            break
        at = end + 1
    return end


def _is_unit(text: str) -> bool:
    if text in RESERVED:
        return False
    try:
        unit_of(text)
    except UnitError:
        return False
    return True


def _no_unit(number: str, word: str, column: int) -> ExpressionError:
    try:
        unit_of(word)
        hint = ""
    except UnitError as error:
        hint = error.remedy if "mean" in error.remedy or "°C" in error.remedy else ""
    remedy = f"{hint} If {word} is a name, write {number} * {word}.".strip()
    return ExpressionError(f"{word!r} after {number} is not a unit.", column, remedy)
