"""A journal around another one: what breaks writes in a test or a crash test changes `append` and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from labcore.model.event import Event
from labcore.ports import Journal


class JournalAround:
    """`ports.Journal` that hands everything on."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def append(self, events: Sequence[Event]) -> None:
        """Commit `events` together."""
        self._journal.append(events)

    def read(self, after: int = -1, limit: int = 1000, kinds: tuple[str, ...] = ()) -> Sequence[Event]:
        """Return committed events (of some kinds) after a position."""
        return self._journal.read(after, limit, kinds)

    def last(self, kind: str, source: str = "") -> Event | None:
        """Return the newest event of a kind (and a source)."""
        return self._journal.last(kind, source)

    def close(self) -> None:
        """Release the file."""
        self._journal.close()
