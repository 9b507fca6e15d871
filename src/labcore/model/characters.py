"""One spelling for characters that look or mean the same (Unicode NFKC), and what must not hide in a text."""

from __future__ import annotations

import unicodedata

_MINUS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{HYPHEN}": "-", "\N{NON-BREAKING HYPHEN}": "-"})


def one_spelling(text: str) -> str:
    """Return `text` in NFKC, every minus as "-": micro sign becomes Greek mu, full-width digits plain."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_MINUS)


def hidden_character(text: str) -> int | None:
    """Return the index of the first control, format or unassigned character, None if there is none."""
    if text.isascii() and text.isprintable():
        return None
    for index, character in enumerate(text):
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn"):
            return index
    return None


def false_digit(text: str) -> int | None:
    """Return the index of a sign that NFKC would glue to a number ("5\u00b2" reads 52), None if none is.

    A raised digit right after a letter is an exponent and fine ("cm\u00b3", "cm\u207b\u00b9").
    """
    if text.isascii():
        return None
    for index, character in enumerate(text):
        if unicodedata.category(character) == "No" and not text[:index].rstrip("\u207b\u207a")[-1:].isalpha():
            return index
    return None


def describe(character: str) -> str:
    """Name a character for a message, for example `U+200B ZERO WIDTH SPACE`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '(a control character)')}"
