"""What a scalar means by the rules of YAML 1.2, as far as a laboratory can trust them."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

from labcore.pipeline.nodes import ListNode, MapNode, Node, ScalarNode
from labcore.pipeline.problem import Place

_WORDS: dict[str, bool | None] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"), None)
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_LONGEST = 40
_TIGHT = re.compile(r"([^\W\d][\w ]*):([^\s/].*)", re.DOTALL)


def plain(node: Node) -> Any:
    """Return a node as Python data: dict, list, str, int, float, bool, None.

    Only what is a number beyond doubt becomes one: `010`, `0x1f`, `1:30`, `1_000`, `.nan`, `.inf`, dates,
    `no` and numbers too large for a float stay text, and so does everything in quotes.
    """
    match node:
        case ScalarNode():
            return value_of(node)
        case ListNode():
            return [plain(item) for item in node.items]
        case MapNode():
            return {entry.key: plain(entry.value) for entry in node.entries}


def value_of(node: ScalarNode) -> str | int | float | bool | None:
    """Return what one scalar means: see `plain`."""
    text = node.text
    if not node.plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789" and len(text) <= _LONGEST:
        return _number(text)
    return text


def _number(text: str) -> str | int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    if (
        not _NUMBER.fullmatch(text) or text.lstrip("+-").isdigit()
    ):  # so many digits are a lot number, or a slip
        return text
    number = float(text)
    return number if isfinite(number) else text


def is_null(node: Node) -> bool:
    """Say whether nothing is written there, or null."""
    return isinstance(node, ScalarNode) and node.plain and node.text in _WORDS and _WORDS[node.text] is None


def place_within(node: ScalarNode, start: int, end: int | None = None) -> Place:
    """Return the place of the characters `start` to `end` (0-based) of a scalar's text.

    It is exact where the text stands on one line as it is; else (escapes, folded lines) the whole scalar's.
    """
    file, line, column, end_line, end_column = node.spot
    quotes = 1 if node.quoted else 0
    if line != end_line or end_column - column != len(node.text) + 2 * quotes:
        return node.place
    first = column + quotes + start
    return Place(file, line, first, column + quotes + end if end is not None else None)


def missing_blank(node: Node) -> tuple[str, str] | None:
    """Return (key, value) of a plain `key:value`, written without the blank that YAML needs; else None."""
    if not (isinstance(node, ScalarNode) and node.plain):
        return None
    match = _TIGHT.fullmatch(node.text)
    return (match[1], match[2]) if match else None
