"""A journal in memory: for benchmarks and tests of what is above it. Passes the same suite as the SQLite one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from labcore.model.event import Event


class MemoryJournal:
    """See `labcore.ports.Journal`."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._closed = False

    def append(self, events: Sequence[Event]) -> None:
        """Keep `events`."""
        if self._closed:
            raise ValueError("the journal is closed")
        self._events.extend(events)

    def read(self, after: int = -1, limit: int = 1000, kinds: tuple[str, ...] = ()) -> Sequence[Event]:
        """Return events (of some kinds) after a position."""
        if not kinds:
            return self._events[after + 1 : after + 1 + limit]
        wanted = (event for event in islice(self._events, after + 1, None) if event.kind in kinds)
        return list(islice(wanted, limit))

    def last(self, kind: str, source: str = "") -> Event | None:
        """Return the newest event of a kind (and a source)."""
        wanted = (e for e in reversed(self._events) if e.kind == kind and source in ("", e.source))
        return next(wanted, None)

    def close(self) -> None:
        """Accept no more."""
        self._closed = True
