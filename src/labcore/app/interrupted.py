"""An unfinished run, read but not touched. Light to load: whoever was cut off wants to know at once where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app.evidence import refuse_damaged
from labcore.errors import UsageError
from labcore.model.event import Event, RunStarted
from labcore.records.run_folder import HEADER, JOURNAL, folded, read_json
from labcore.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An unfinished run, read but not touched."""

    folder: Path
    events: Sequence[Event]
    state: RunState
    header: Mapping[str, Any]

    @property
    def started(self) -> RunStarted:
        """How the run began."""
        body = self.events[0].body
        assert isinstance(body, RunStarted)
        return body


def read_interrupted(folder: Path) -> Interrupted:
    """Return an unfinished run. UsageError if it has ended or never began, DamagedRecord if not all of it is there."""
    refuse_damaged(folder)
    header = read_json(folder / HEADER)
    if not (folder / JOURNAL).exists():
        raise _never_began(folder)
    journal = SqliteJournal(folder / JOURNAL, read_only=True)
    try:
        events = journal.read(-1, 10_000_000)
    finally:
        journal.close()
    if not events:
        raise _never_began(folder)
    state = folded(folder, events)
    if state.status == "ended":
        raise UsageError(f"run {folder.name} has ended: {state.outcome}; there is nothing to recover")
    return Interrupted(folder, events, state, header)


def _never_began(folder: Path) -> UsageError:
    return UsageError(f"run {folder.name} never began: nothing was moved, there is nothing to recover")
