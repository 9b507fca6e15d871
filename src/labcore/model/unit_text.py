"""Read the text of a composed unit ("mL/min", "g/cm3", "1/cm") and explain one that is not known."""

from __future__ import annotations

import re
from functools import lru_cache

from labcore.model.characters import one_spelling
from labcore.model.names import nearest
from labcore.model.units import ATOMS, Unit, UnitError, merged

_FACTOR = re.compile(
    r"(\s*[*/·⋅]\s*|\s+|)(?:(1)(?=\s*/)|(%|°?[^\W\d_]+)(?:\^?(-[1-9][0-9]?)|\^?([1-9][0-9]?))?)"
)
_LONGEST = 40

_HINTS = {
    "C": "Write °C for degrees Celsius.",
    "c": "Write °C for degrees Celsius.",
    "°c": "Write °C for degrees Celsius.",
    "°": "Write deg for an angle, °C for a temperature.",
    "F": "Write temperatures in °C.",
    "°F": "Write temperatures in °C.",
    "degF": "Write temperatures in °C.",
    "cc": "Write mL.",
    "mcg": "Write ug.",
    "rad": "Write angles in deg.",
}


@lru_cache(maxsize=4096)
def unit_of(text: str) -> Unit:
    """Return the unit written as `text` ("mL/min", "1/cm", "g/cm3"); UnitError with a suggestion if none."""
    known = ATOMS.get(text)
    if known is not None:
        return known
    spelling = one_spelling(text.strip())
    if spelling in ATOMS:
        return ATOMS[spelling]
    if len(spelling) > _LONGEST:
        raise UnitError(f"{spelling[:_LONGEST]!r}... is too long for a unit.")
    factors = _factors(spelling)
    for unit, _ in factors:
        if unit.point:
            remedy = "It is a point on a scale: write K here."
            raise UnitError(f"°C cannot be part of {text.strip()!r}.", remedy)
    return merged(tuple(factors))


def _factors(spelling: str) -> list[tuple[Unit, int]]:
    factors: list[tuple[Unit, int]] = []
    at = 0
    while at < len(spelling):
        match = _FACTOR.match(spelling, at)
        if match is None or bool(match[1]) != bool(at) or (match[2] and at):
            raise _unknown(spelling)
        at = match.end()
        if match[2]:
            continue
        unit = ATOMS.get(match[3])
        if unit is None:
            raise _unknown(match[3])
        power = int(match[4] or match[5] or 1)
        if match[1].isspace() and power > 0:
            raise _unknown(spelling)
        factors.append((unit, -power if match[1].strip() == "/" else power))
    if not factors:
        raise _unknown(spelling)
    return factors


def _unknown(word: str) -> UnitError:
    return UnitError(f"There is no unit {word!r}.", _HINTS.get(word) or _alike(word))


def _alike(word: str) -> str:
    same = sorted({unit.name for name, unit in ATOMS.items() if name.casefold() == word.casefold()})
    if same:
        return f"Did you mean {' or '.join(same)}? Capitals matter."
    close = nearest(word, ATOMS)
    return f"Did you mean {ATOMS[close].name}?" if close else "Units look like mL, mmol/L, min, rpm, °C."
