"""Values of plugins as plain data, fit for the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any

from labcore.engine.border import clean, shown
from labcore.model.quantity import Quantity

DEEPEST = 20  # levels of a driver's evidence that are kept


def plain(value: Any, depth: int = 0) -> Any:
    """Return `value` as data that strict JSON can carry: no NaN, no infinity, no endless nesting."""
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, Quantity):
        return {"value": value.value, "unit": value.unit}
    if depth < DEEPEST and isinstance(value, Mapping):
        return {clean(str(key)): plain(one, depth + 1) for key, one in value.items()}
    if depth < DEEPEST and isinstance(value, list | tuple):
        return [plain(one, depth + 1) for one in value]
    if depth < DEEPEST and is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name), depth + 1) for field in fields(value)}
    return shown(value) if isinstance(value, Mapping | list | tuple) else clean(str(value))
