"""A run's journal in SQLite: one file, one writer, WAL; readers open it read-only.

What is appended survives the death of the process at once. In a run with real devices it survives a power cut too
(`synchronous=FULL`), but for events that ride along with the next commit that does (decision 0019); a simulated run asks
the disk for nothing. Python's SQLite may be older than 3.51.3 (WAL-reset bug), so only the writer checkpoints.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from labcore.errors import StorageError, UsageError
from labcore.model.durability import rides_along
from labcore.model.event import SCHEMA_VERSION, Event, Source
from labcore.model.event_json import decode_body, encode_body

CHECKPOINT = 5_000  # commits between two checkpoints of the write-ahead log, which take the disk's time
CHECKPOINT_AT_LAST = (
    20_000  # ... after a commit that does not wait for the disk: it is made on the run's loop
)
_TABLE = """CREATE TABLE IF NOT EXISTS events (
  position INTEGER PRIMARY KEY, at REAL NOT NULL, wall TEXT NOT NULL, kind TEXT NOT NULL,
  source TEXT NOT NULL, step TEXT, device TEXT, body BLOB NOT NULL)"""
_HAS_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'"
_INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_COLUMNS = "SELECT position, at, wall, kind, source, step, device, body FROM events"
_SELECT = _COLUMNS + " WHERE position > ? {} ORDER BY position LIMIT ?"
_LAST = f"{_COLUMNS} WHERE kind = ? AND ? IN ('', source) ORDER BY position DESC LIMIT 1"


class SqliteJournal:
    """See `labcore.ports.Journal`. Errors of the disk come as StorageError; the same events may be appended again."""

    def __init__(self, path: Path, *, durable: bool = True, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._durable = durable
        self._full = False
        self._commits = 0
        self._in_doubt = False
        self._sync_failed = False
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: sqlite3.Error) -> UsageError:
        return UsageError(
            f"the journal {self._path} cannot be read: {error}",
            remedy="It was not changed. Take it from a backup; the run's folder holds the rest of what is known.",
        )

    def _open(self) -> sqlite3.Connection:
        if self._read_only:
            if not self._path.exists():
                raise UsageError(f"there is no journal at {self._path}")
            db = sqlite3.connect(
                f"{self._path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False
            )
        else:
            db = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            db.close()
            raise UsageError(
                f"{self._path} was written by a newer labcore (journal version {version}, this one knows {SCHEMA_VERSION})",
                remedy="Update labcore to read it; it was not changed.",
            )
        if self._read_only and not db.execute(_HAS_TABLE).fetchone():  # killed before it could be made
            db.close()
            db = sqlite3.connect(":memory:", check_same_thread=False)
            db.execute(_TABLE)
        if not self._read_only:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA wal_autocheckpoint=0")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute(_TABLE)
            db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        return db

    def append(self, events: Sequence[Event]) -> None:
        """Commit `events` together. After a StorageError call it again with the same: what got through is not doubled."""
        rows = [
            (e.position, e.at, e.wall, e.body.kind, e.source, e.step, e.device, encode_body(e.body))
            for e in events
        ]
        full = self._durable and not rides_along(events)
        try:
            if self._in_doubt and self._has(events):
                self._in_doubt = False
                return
            if self._sync_failed:
                self._write_anew()
            self._wait_for_the_disk(full)
            self._insert(rows)
            self._in_doubt = False
        except sqlite3.Error as error:
            self._in_doubt = True
            with suppress(sqlite3.Error):
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            raise StorageError(
                f"the journal {self._path} cannot be written: {error}",
                remedy="Free space on the disk or make the folder writable.",
            ) from error
        self._checkpoint(CHECKPOINT if full or not self._durable else CHECKPOINT_AT_LAST)

    def sync(self) -> None:
        """Wait until the disk has all that was appended. OSError if it refuses; the next `append` sees to it.

        May be called from another thread: it goes past SQLite, whose lock would make `append` wait for the disk.
        """
        if not self._durable:
            return
        log = Path(f"{self._path}-wal")
        try:
            with open(log if log.exists() else self._path, "rb+") as file:
                os.fsync(file.fileno())
        except OSError:
            self._sync_failed = True
            raise

    def _write_anew(self) -> None:
        """Copy the log into the file: what a disk once failed to sync it takes for written, and a second sync for done."""
        busy, _, _ = self._db.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
        if busy:
            raise sqlite3.OperationalError("the last events may not be on disk, and a reader is in the way")
        self._sync_failed = False

    def _wait_for_the_disk(self, full: bool) -> None:
        """Say whether the next commit returns only when the disk has it, and everything before it."""
        if full is not self._full:
            self._db.execute(f"PRAGMA synchronous={'FULL' if full else 'NORMAL'}")
            self._full = full

    def _checkpoint(self, after: int) -> None:
        """Move the write-ahead log into the file after so many commits; what fails now is done a commit later."""
        self._commits += 1
        if self._commits >= after:
            with suppress(sqlite3.Error):
                self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                self._commits = 0

    def _insert(self, rows: Sequence[tuple[object, ...]]) -> None:
        if len(rows) == 1:  # one statement is a transaction of its own
            self._db.execute(_INSERT, rows[0])
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(_INSERT, rows)
        self._db.execute("COMMIT")

    def _has(self, events: Sequence[Event]) -> bool:
        """Say whether a commit that reported an error got through all the same."""
        first, last = events[0].position, events[-1].position
        found = self._db.execute(
            "SELECT count(*) FROM events WHERE position BETWEEN ? AND ?", (first, last)
        ).fetchone()[0]
        return bool(found == len(events))

    def read(self, after: int = -1, limit: int = 1000, kinds: tuple[str, ...] = ()) -> Sequence[Event]:
        """Return committed events (of some kinds) after a position."""
        wanted = f"AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        try:
            rows = self._db.execute(_SELECT.format(wanted), (after, *kinds, limit)).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error
        return [_event(*row) for row in rows]

    def last(self, kind: str, source: str = "") -> Event | None:
        """Return the newest event of a kind (and a source); no other is decoded."""
        row = self._db.execute(_LAST, (kind, source)).fetchone()
        return None if row is None else _event(*row)

    def close(self) -> None:
        """Release the file; the writer leaves one file behind, and its log beside it where the disk has no room."""
        if not self._read_only:
            with suppress(sqlite3.Error):  # what is in the log stays there, and is read from there
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()


def _event(
    position: int, at: float, wall: str, kind: str, source: Source, step: str | None, device: str | None, body: bytes
) -> Event:  # fmt: skip
    return Event(position, at, wall, source, decode_body(body, kind), step, device)
