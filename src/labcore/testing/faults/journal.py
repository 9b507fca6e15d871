"""A journal whose disk fails at a chosen write."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from labcore.adapters.journal_around import JournalAround
from labcore.errors import StorageError
from labcore.model.event import Event
from labcore.ports import Journal

WriteFault = Literal["disk full", "input/output error", "locked"]
_AS_SQLITE_SAYS: dict[WriteFault, str] = {
    "disk full": "database or disk is full",
    "input/output error": "disk I/O error",
    "locked": "database is locked",
}


@dataclass(frozen=True, slots=True)
class FailingWrites:
    """The `first` write (from 1) and `count` - 1 after it fail; `count` None: all from there on."""

    first: int
    count: int | None = 1
    why: WriteFault = "disk full"

    def hits(self, number: int) -> bool:
        """Say whether a write fails."""
        return number >= self.first and (self.count is None or number < self.first + self.count)


class FaultyJournal(JournalAround):
    """`ports.Journal` over another one. A write that fails leaves nothing behind and raises what the real one raises."""

    def __init__(self, journal: Journal, failing: FailingWrites | None = None) -> None:
        super().__init__(journal)
        self._failing = failing
        self.writes = self.failed = 0

    def append(self, events: Sequence[Event]) -> None:
        """Commit `events` together, or fail."""
        self.writes += 1
        if self._failing is not None and self._failing.hits(self.writes):
            self.failed += 1
            cause = sqlite3.OperationalError(_AS_SQLITE_SAYS[self._failing.why])
            raise StorageError(
                f"the journal cannot be written: {cause}",
                remedy="Free space on the disk or make the folder writable.",
            ) from cause
        super().append(events)
