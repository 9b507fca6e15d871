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

from labcore.errors import DamagedRecord, InternalError, StorageError, UsageError
from labcore.model.durability import rides_along
from labcore.model.event import SCHEMA_VERSION, Event, Source
from labcore.model.event_json import decode_body, encode_body

ROOM = 2 << 20  # bytes that a log which is waited for has from the beginning
# Commits between two checkpoints of the log, which take the disk's time; afterwards it is written over from its beginning.
IN_ROOM = 500  # after a commit that waits for the disk anyway
AT_LAST = 20_000  # ... of a run with real devices that does not wait: it is made on the run's loop
CHECKPOINT = 5_000  # ... of a simulated run
_TABLE = """CREATE TABLE IF NOT EXISTS events (
  position INTEGER PRIMARY KEY, at REAL NOT NULL, wall TEXT NOT NULL, kind TEXT NOT NULL,
  source TEXT NOT NULL, step TEXT, device TEXT, body BLOB NOT NULL)"""
_HAS_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'"
_INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_COLUMNS = "SELECT position, at, wall, kind, source, step, device, body FROM events"
_SELECT = _COLUMNS + " WHERE position > ? {} ORDER BY position LIMIT ?"
LOG, IN_USE = "-wal", "-open"  # what is beside a journal: its log; and a mark, while a writer has it open
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

    def _unreadable(self, error: sqlite3.Error) -> DamagedRecord:
        return DamagedRecord(
            f"the journal {self._path} cannot be read: {error}",
            remedy="It was not changed. Take it from a backup; the run's folder holds the rest of what is known.",
        )

    def _damaged(self, what: str, last: int, resumes: int) -> DamagedRecord:
        """Return what to say of events between `last` and `resumes` that are not there or mean nothing."""
        run = self._path.absolute().parent.name
        remedy = (
            f"Copy the folder {run} and change nothing in it. `labcore events {run} --json` prints what can be read, up "
            f"to position {last}; with --after {resumes} it prints what follows."
        )
        return DamagedRecord(f"the journal {self._path} is damaged: {what}", remedy=remedy)

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
            if self._durable:
                self._make_room()
            with suppress(OSError):  # without the mark a lost log may go unnoticed; that is its only use
                beside(self._path, IN_USE).touch()
        return db

    def _make_room(self) -> None:
        """Fill the log up with zeros, which SQLite takes for its end: a sync of what a file had room for is quicker."""
        with suppress(OSError), open(self._log, "ab") as file:  # a full disk will say so when it matters
            file.write(bytes(max(0, ROOM - file.tell())))
            file.flush()
            os.fsync(file.fileno())

    @property
    def _log(self) -> Path:
        return beside(self._path, LOG)

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
        self._checkpoint((IN_ROOM if full else AT_LAST) if self._durable else CHECKPOINT)

    def sync(self) -> None:
        """Wait until the disk has all that was appended. OSError if it refuses; the next `append` sees to it.

        May be called from another thread: it goes past SQLite, whose lock would make `append` wait for the disk.
        """
        if not self._durable:
            return
        try:
            with open(self._log if self._log.exists() else self._path, "rb+") as file:
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
        """Return committed events (of some kinds) after a position. DamagedRecord if one cannot be read or is missing."""
        wanted = f"AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        try:
            rows = self._db.execute(_SELECT.format(wanted), (after, *kinds, limit)).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error
        events = [self._event(*row) for row in rows]
        if not kinds:
            self._refuse_gap(after, events)
        return events

    def _refuse_gap(self, last: int, events: Sequence[Event]) -> None:
        """DamagedRecord if events are missing after `last` or among `events`: positions count without a gap."""
        for event in events:
            if event.position != last + 1:
                missing = event.position - last - 1
                what = f"after position {last} comes {event.position}: {missing} event(s) are missing"
                raise self._damaged(what, last, event.position - 1)
            last = event.position

    def last(self, kind: str, source: str = "") -> Event | None:
        """Return the newest event of a kind (and a source); no other is decoded."""
        try:
            row = self._db.execute(_LAST, (kind, source)).fetchone()
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error
        return None if row is None else self._event(*row)

    def last_position(self) -> int:
        """Return the position of the newest event, -1 if there is none."""
        try:
            found = self._db.execute("SELECT max(position) FROM events").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error
        return -1 if found is None else int(found)

    def close(self) -> None:
        """Release the file; the writer leaves one file behind, and its log beside it where the disk has no room."""
        if not self._read_only:
            try:
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error:
                pass  # what is in the log stays there, is read from there, and is missed if it is lost
            else:
                beside(self._path, IN_USE).unlink(missing_ok=True)
        self._db.close()

    def _event(
        self, position: int, at: float, wall: str, kind: str, source: Source, step: str | None, device: str | None,
        body: bytes,
    ) -> Event:  # fmt: skip
        try:
            return Event(position, at, wall, source, decode_body(body, kind), step, device)
        except InternalError as error:
            raise self._damaged(f"event {position}: {error}", position - 1, position) from error


def beside(journal: Path, what: str) -> Path:
    """Return the path of what SQLite or we keep beside a journal."""
    return journal.with_name(journal.name + what)
