"""Turn a file's bytes into text, and refuse text that editors would show differently from what it is."""

from __future__ import annotations

import re

from labcore.model.characters import describe
from labcore.pipeline.problem import Place, Problem

LARGEST = 4 * 1024 * 1024  # bytes or characters

_BREAK = re.compile(r"\r\n|\n|\r")
# Control characters, line separators of YAML 1.1, direction marks, byte-order marks, halves of characters.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    "\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_WIDE = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def decode(data: bytes, file: str) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the text of a file in UTF-8 (a leading byte-order mark is dropped), or why it has none."""
    if len(data) > LARGEST:
        return None, (too_large(file, len(data)),)
    if data[:2] in _WIDE:
        return None, (_not_utf8(Place(file, 1, 1), f"The file is in {_WIDE[data[:2]]}, not in UTF-8."),)
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        message = f"Byte {error.start} (0x{data[error.start]:02x}) is not UTF-8."
        return None, (_not_utf8(place_at(before, len(before), file), message),)


def _not_utf8(place: Place, message: str) -> Problem:
    return Problem("E121", place, message, "Save the file as UTF-8.")


def too_large(file: str, size: int) -> Problem:
    """Return the problem of a file that is over the limit."""
    message = f"The file has {size:,} bytes; at most {LARGEST:,} are read."
    remedy = "Split it; write repeated steps with repeat or for_each."
    return Problem("E122", Place(file, 1, 1), message, remedy)


def source_lines(text: str) -> list[str]:
    """Return the lines of a text as places count them."""
    return _BREAK.split(text)


def place_at(text: str, index: int, file: str) -> Place:
    """Return the place of the character at `index`."""
    before = _BREAK.split(text[:index])
    return Place(file, len(before), len(before[-1]) + 1)


def refused_character(text: str) -> int | None:
    """Return the index of the first character that may not stand in a file, None if all may."""
    match = _REFUSED.search(text)
    return match.start() if match else None


def source_problem(text: str, file: str) -> Problem | None:
    """Return why a text cannot be read at all: too large, empty, or with invisible characters in it."""
    if len(text) > LARGEST:
        return too_large(file, len(text))
    at = refused_character(text)
    if at is None:
        return None
    message = f"The character {describe(text[at])} may not stand in a file."
    return Problem("E121", place_at(text, at, file), message, "Delete it; it is invisible in most editors.")
