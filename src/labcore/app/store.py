"""Where a run's facts go, and the threads that take them there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from labcore.adapters.commit_thread import CommitThread
from labcore.adapters.file_blobs import FileBlobs
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.adapters.wall_clock import RealWallClock, SimulatedWallClock
from labcore.adapters.workers import ThreadWorkers
from labcore.app.faults import Faults
from labcore.engine.writer import Writer
from labcore.ports import Journal
from labcore.records.run_folder import BLOBS, JOURNAL, RunFolder
from labcore.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class Store:
    """A run's journal, blobs, reader and workers; `commits` is the way to the journal that does not block the loop."""

    journal: Journal
    blobs: FileBlobs
    record: RunFolder
    workers: ThreadWorkers
    commits: CommitThread

    @classmethod
    def at(cls, folder: Path, *, durable: bool, faults: Faults | None = None) -> Store:
        """Open a run's journal, blobs and reader; with `faults` the journal is one that can fail."""
        file = SqliteJournal(folder / JOURNAL, durable=durable)
        journal: Journal = file if faults is None else faults.journal(file)
        blobs = FileBlobs(folder / BLOBS, durable=durable)
        record = RunFolder(folder, SqliteJournal(folder / JOURNAL, read_only=True), blobs)
        return cls(journal, blobs, record, ThreadWorkers(), CommitThread(journal.append, file.sync))

    def writer(self, *, virtual: bool, state: RunState | None = None, away: float = 0.0) -> Writer:
        """Return the appender: in place under virtual time, in a thread under real time.

        `state` is where a run that is taken over stands, `away` how long nobody ran it, s: its clock has gone on.
        """
        clock = SimulatedWallClock() if virtual else RealWallClock()
        commits = None if virtual else self.commits
        time = (
            asyncio.get_running_loop().time
        )  # the loop's own: asked through anyio it costs ten times as much
        began = time() - (state.at + away if state is not None else 0.0)
        return Writer(self.journal, clock, state=state, began=began, commits=commits, time=time)

    def close(self) -> None:
        """Wait for work under way and release the files."""
        self.workers.close()
        self.commits.close()
        self.record.close()
        self.journal.close()


def has_begun(folder: Path) -> bool:
    """Say whether the journal of a run has any event."""
    if not (folder / JOURNAL).exists():
        return False
    journal = SqliteJournal(folder / JOURNAL, read_only=True)
    try:
        return bool(journal.read(-1, 1))
    finally:
        journal.close()
