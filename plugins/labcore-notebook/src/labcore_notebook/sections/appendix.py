"""The event list: every event as it stands in the journal, in short form and in its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from labcore.model.event import Event
from labcore.model.interval import Interval
from labcore_notebook.notebook import Entry
from labcore_notebook.numbers import clock

LONGEST = 400
DIGEST = 16


def entries(events: Sequence[Event]) -> tuple[Entry, ...]:
    """Return all events in short form."""
    return tuple(_entry(event) for event in events)


def _entry(event: Event) -> Entry:
    where = " · ".join(part for part in (event.device, event.step) if part)
    return Entry(event.position, clock(event.at), event.kind, event.source, where, _cut(_body(event.body)))


def _body(body: Any) -> str:
    parts = []
    for one in fields(body):
        value = getattr(body, one.name)
        if one.name == "kind" or value is None or value in ("", (), {}) or _is_default(one.default, value):
            continue
        parts.append(f"{one.name}={value[:DIGEST] if one.name == 'blob' else _value(value)}")
    return "  ".join(parts)


def _is_default(default: Any, value: Any) -> bool:
    return default is not MISSING and type(default) is type(value) and default == value


def _value(value: Any) -> str:
    if isinstance(value, Interval):
        low, mid, high = (f"{one:.5g}" for one in (value.low, value.mid, value.high))
        return low if low == high else f"{low}..{mid}..{high}"
    if is_dataclass(value):
        return "(" + " ".join(_value(getattr(value, one.name)) for one in fields(value)) + ")"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_value(one)}" for name, one in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
