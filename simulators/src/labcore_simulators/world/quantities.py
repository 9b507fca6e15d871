"""Read amounts written as text (`250 mL`, `10 mmol/L`) into the world's units.

A bare number is taken as already in them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from .errors import WorldError

_PREFIX = {"": 1.0, "k": 1e3, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_TEXT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)")


def _scaled(stem: str, factor: float) -> dict[str, float]:
    return {prefix + stem: size * factor for prefix, size in _PREFIX.items()}


def _litres(factor: float) -> dict[str, float]:
    return _scaled("L", factor) | _scaled("l", factor)


_UNITS: dict[str, Mapping[str, float]] = {
    "mL": _litres(1e3),
    "mmol/L": _scaled("mol/L", 1e3) | _scaled("mol/l", 1e3) | _scaled("M", 1e3),
    "g": _scaled("g", 1.0),
    "g/L": _scaled("g/L", 1.0) | _scaled("g/l", 1.0) | {"mg/mL": 1.0, "g/mL": 1e3},
    "mm": _scaled("m", 1e3),
    "um": _scaled("m", 1e6),
    "s": _scaled("s", 1.0) | {"min": 60.0, "h": 3600.0},
    "1/s": {
        "1/s": 1.0,
        "/s": 1.0,
        "s^-1": 1.0,
        "1/min": 1 / 60,
        "/min": 1 / 60,
        "1/h": 1 / 3600,
        "/h": 1 / 3600,
    },
    "C": {"C": 1.0, "degC": 1.0},
    "deg": {"deg": 1.0, "": 1.0},
    "rpm": {"rpm": 1.0},
    "g/mol": {"g/mol": 1.0, "kg/mol": 1e3},
    "g/mL": {"g/mL": 1.0, "g/cm3": 1.0, "kg/m3": 1e-3},
}


def read(value: Any, unit: str, *, where: str) -> float:
    """Return `value` in `unit`; raise `WorldError` that names `where` if it is no such amount."""
    if isinstance(value, bool):
        raise WorldError(f"{where}: found {value!r}, expected an amount in {unit}")
    if isinstance(value, int | float):
        return float(value)
    text = unicodedata.normalize("NFKC", str(value)).replace("μ", "u").replace("°", "").strip()
    match = _TEXT.fullmatch(text)
    if match is not None and not match[2].strip():
        return float(match[1])
    factor = None if match is None else _UNITS[unit].get(match[2].strip())
    if match is None or factor is None:
        raise WorldError(
            f"{where}: found {value!r}, expected an amount in {unit}; write for example '5 {unit}'"
        )
    return float(match[1]) * factor


def lookup(source: Mapping[str, Any], key: str, unit: str, default: float, *, where: str) -> float:
    """Return `source[key]` in `unit`, or `default` (already in `unit`) where the key is missing."""
    value = source.get(key)
    return default if value is None else read(value, unit, where=f"{where}.{key}")
