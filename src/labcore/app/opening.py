"""Open a recorded run."""

from __future__ import annotations

from pathlib import Path

from labcore.app.places import DEFAULT_DATA
from labcore.records.finished import FinishedRun
from labcore.records.run_folder import BLOBS, JOURNAL, RunFolder, find_run


def open_run(run: str, *, data: str | Path = DEFAULT_DATA, damaged: bool = False) -> FinishedRun:
    """Open a recorded run by its id, by the beginning or end of it, by its folder, or "last".

    DamagedRecord if not all of its record is there; with `damaged` what is there can be read all the same.
    """
    from labcore.adapters.file_blobs import FileBlobs
    from labcore.adapters.memory_journal import MemoryJournal
    from labcore.adapters.sqlite_journal import SqliteJournal
    from labcore.app.evidence import refuse_damaged
    from labcore.ports import Journal

    folder = find_run(Path(data), run)
    if not damaged:
        refuse_damaged(folder)
    path = folder / JOURNAL
    # one that was killed before its first event has nothing to read, and is shown all the same
    journal: Journal = SqliteJournal(path, read_only=True) if path.exists() else MemoryJournal()
    return FinishedRun(RunFolder(folder, journal, FileBlobs(folder / BLOBS)))
