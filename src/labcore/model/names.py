"""Names as people write them: Unicode letters, digits and "_", where a space matches "_"."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from itertools import islice

from labcore.model.characters import describe, hidden_character, one_spelling

LONGEST_NAME = 100
RESERVED = frozenset({"and", "or", "not", "true", "false"})  # words of expressions

_NAME = re.compile(r"[^\W\d][\w ]*")
_PLACE = re.compile(r"[\w][\w \-]*(?:/[\w][\w \-]*)*")
_BLANKS = re.compile(r"\s+")


def normal_name(text: str) -> str:
    """Return the one spelling of a name: NFKC, outer blanks removed, inner blanks as "_". Case matters."""
    return _BLANKS.sub("_", one_spelling(text).strip())


def is_name(text: str) -> bool:
    """Say whether `text` may name a parameter, material, vessel, device or result."""
    return not name_fault(text)


def name_fault(text: str) -> str:
    """Say why `text` cannot be a name; the empty text if it can."""
    spelling = one_spelling(text)
    if normal_name(text) in RESERVED:
        return f"{spelling!r} is a word of expressions"
    if fault := _fault(text, spelling):
        return fault
    if _NAME.fullmatch(spelling.strip()):
        return ""
    if spelling[:1].isdigit():
        return "a name begins with a letter"
    return "a name is made of letters, digits, blanks and _"


def is_place(text: str) -> bool:
    """Say whether `text` may name a position, which may also hold "/" and "-": `rack/A1`, `24-well/B2`."""
    spelling = one_spelling(text)
    return not _fault(text, spelling) and bool(_PLACE.fullmatch(spelling.strip()))


def _fault(text: str, spelling: str) -> str:
    if not spelling.strip():
        return "it is empty"
    if len(spelling) > LONGEST_NAME:
        return f"it is longer than {LONGEST_NAME} characters"
    hidden = hidden_character(text)
    if hidden is not None:
        return f"it holds the invisible character {describe(text[hidden])}"
    if not spelling.isascii() and _mixes_alphabets(spelling):
        return "it mixes Latin and Cyrillic letters, which look alike"
    return ""


def _mixes_alphabets(text: str) -> bool:
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha()}
    return {"LATIN", "CYRILLIC"} <= scripts


def nearest(word: str, among: Iterable[str]) -> str | None:
    """Return the name most like `word` ("did you mean"), None if none is close. Case does not count."""
    wanted = normal_name(word[:LONGEST_NAME]).casefold()
    spellings: dict[str, str] = {}
    for name in islice(among, 2000):
        spellings.setdefault(normal_name(name).casefold(), name)
    if wanted in spellings:
        return spellings[wanted]
    close = difflib.get_close_matches(wanted, spellings, n=1, cutoff=0.6)
    return spellings[close[0]] if close else None
