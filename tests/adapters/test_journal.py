"""One suite for every journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labcore.adapters.journal_around import JournalAround
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.sqlite_journal import CHECKPOINT, IN_ROOM, ROOM, SqliteJournal
from labcore.errors import LabcoreError, StorageError, UsageError
from labcore.model.effect import Transfer
from labcore.model.event import Event, Intended, Noted, Observed, Settled, Warned
from labcore.model.interval import Interval
from labcore.ports import Journal

Make = Callable[[], Journal]


def note(position: int) -> Event:
    return Event(
        position,
        position * 1.5,
        "2026-01-01T09:00:00.000Z",
        "labcore",
        Noted(f"n{position} µ 日本", "me"),
        "1.2#3",
    )


@pytest.fixture(params=["memory", "sqlite", "around"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    made: Journal = SqliteJournal(tmp_path / "journal.db") if request.param == "sqlite" else MemoryJournal()
    yield JournalAround(made) if request.param == "around" else made
    made.close()


def test_what_was_appended_is_read_back_in_order(journal: Journal) -> None:
    events = [note(i) for i in range(5)]
    journal.append(events[:2])
    journal.append(events[2:])
    assert list(journal.read()) == events


def test_reading_goes_on_after_a_position_and_is_bounded(journal: Journal) -> None:
    journal.append([note(i) for i in range(10)])
    assert [event.position for event in journal.read(after=3, limit=4)] == [4, 5, 6, 7]
    assert list(journal.read(after=9)) == []


def test_the_newest_of_a_kind_is_found_by_kind_and_source(journal: Journal) -> None:
    journal.append([note(0), note(1)])
    journal.append([Event(2, 3.0, "", "real", Noted("by hand", "me")), note(3)])
    newest, by_hand = journal.last("noted"), journal.last("noted", "real")
    assert newest == note(3)
    assert by_hand is not None
    assert by_hand.position == 2
    assert journal.last("noted", "simulated") is None
    assert journal.last("run_ended") is None


def test_only_some_kinds_are_read(journal: Journal) -> None:
    warned = Event(1, 1.0, "", "labcore", Warned("W1", "x"))
    journal.append([note(0), warned, note(2), note(3)])
    assert list(journal.read(kinds=("warned",))) == [warned]
    assert list(journal.read(0, 2, ("noted", "warned"))) == [warned, note(2)]
    assert list(journal.read(kinds=("run_ended",))) == []


def test_acts_keep_effects_and_intervals(journal: Journal) -> None:
    move = Transfer("bottle/1", "reactor", Interval(19.8, 20.0, 20.2))
    intent = Intended(
        "act-1", "dispense", {"volume": {"value": 20.0, "unit": "mL"}}, ("G0 X1",), (move,), 60.0
    )
    settled = Settled("act-1", "partly", (), Interval(0.0, 10.0, 20.0), {"plunger": 4.0})
    journal.append(
        [
            Event(0, 0.0, "", "simulated", intent, "2", "gantry"),
            Event(1, 1.0, "", "real", settled, "2", "gantry"),
        ]
    )
    assert [event.body for event in journal.read()] == [intent, settled]


def test_a_reader_sees_only_what_is_committed(tmp_path: Path) -> None:
    writer = SqliteJournal(tmp_path / "journal.db")
    reader = SqliteJournal(tmp_path / "journal.db", read_only=True)
    assert list(reader.read()) == []
    writer.append([note(0)])
    assert list(reader.read()) == [note(0)]
    writer.close()
    reader.close()


def test_positions_are_never_written_twice(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.append([note(0)])
    with pytest.raises(LabcoreError, match="cannot be written"):
        journal.append([note(1), note(0)])
    assert list(journal.read()) == [note(0)]
    journal.close()


def test_a_newer_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    SqliteJournal(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    before = path.read_bytes()
    with pytest.raises(UsageError, match="newer labcore"):
        SqliteJournal(path)
    assert path.read_bytes() == before


def test_a_closed_journal_takes_nothing(tmp_path: Path) -> None:
    memory, journal = MemoryJournal(), SqliteJournal(tmp_path / "journal.db")
    for one in (memory, journal):
        one.close()
    with pytest.raises(ValueError, match="^the journal is closed$"):
        memory.append([note(0)])
    with pytest.raises(StorageError, match="closed") as caught:
        journal.append([note(0)])
    assert caught.value.remedy == "Free space on the disk or make the folder writable."


@pytest.mark.parametrize("read_only", [True, False])
def test_what_is_no_journal_is_said_and_left_alone(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"no journal " * 1000)
    with pytest.raises(UsageError) as caught:
        SqliteJournal(path, read_only=read_only)
    assert caught.value.message == f"the journal {path} cannot be read: file is not a database"
    assert "It was not changed." in caught.value.remedy
    assert path.read_bytes() == b"no journal " * 1000


def test_a_journal_that_is_damaged_inside_is_said(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = SqliteJournal(path, durable=False)
    journal.append([note(position) for position in range(500)])
    journal.close()
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    reader = SqliteJournal(path, read_only=True)
    with pytest.raises(UsageError, match="cannot be read: database disk image is malformed"):
        reader.read()
    reader.close()


def test_a_missing_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no journal"):
        SqliteJournal(tmp_path / "none.db", read_only=True)


INTENT = Intended("act-1", "dispense", {}, ("G0 X1",), (), 60.0)
SEEN = Observed("speed", "vial", 300.0, "rpm", 299.0, 301.0, "good", "stirrer", ())


def disk_is_waited_for(journal: SqliteJournal) -> bool:
    return bool(journal._db.execute("PRAGMA synchronous").fetchone()[0] == 2)


@pytest.mark.parametrize("durable", [True, False])
def test_an_intent_waits_for_the_disk_and_a_reading_rides_along(tmp_path: Path, durable: bool) -> None:
    journal = SqliteJournal(tmp_path / "journal.db", durable=durable)
    waited = []
    for position, body in enumerate((SEEN, INTENT, SEEN)):
        journal.append([Event(position, 0.0, "", "simulated", body)])
        waited.append(disk_is_waited_for(journal))
    journal.append([Event(3, 0.0, "", "simulated", SEEN), note(4)])
    assert [*waited, disk_is_waited_for(journal)] == [False, durable, False, durable]
    journal.close()


def test_a_log_that_was_not_synced_is_written_anew(tmp_path: Path) -> None:
    """A system takes what it could not write for written; only a second copy helps."""
    log, away = tmp_path / "journal.db-wal", tmp_path / "away"
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.append([Event(0, 0.0, "", "simulated", SEEN)])
    log.rename(away)
    log.mkdir()
    with pytest.raises(OSError, match="journal.db-wal"):
        journal.sync()
    log.rmdir()
    away.rename(log)
    journal.append([note(1)])
    (tmp_path / "copy.db").write_bytes((tmp_path / "journal.db").read_bytes())
    alone = SqliteJournal(tmp_path / "copy.db", read_only=True)  # without the log
    assert [event.position for event in alone.read()] == [0]
    for one in (alone, journal):
        one.close()


def test_a_reader_in_the_way_keeps_a_log_from_being_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    journal._db.execute("PRAGMA busy_timeout=0")
    journal.append([note(0)])
    reader = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
    journal.append([note(1)])

    def refuse(descriptor: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr("labcore.adapters.sqlite_journal.os.fsync", refuse)
        with pytest.raises(OSError, match="no space left"):
            journal.sync()
    for _ in range(2):
        with pytest.raises(
            StorageError, match="the last events may not be on disk, and a reader is in the way"
        ):
            journal.append([note(2)])
    reader.execute("COMMIT")
    journal.append([note(2)])
    assert [event.position for event in journal.read()] == [0, 1, 2]
    for one in (reader, journal):
        one.close()


@pytest.mark.parametrize("durable", [True, False])
def test_a_sync_goes_to_the_disk_only_where_that_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool
) -> None:
    journal, synced = SqliteJournal(tmp_path / "journal.db", durable=durable), []
    monkeypatch.setattr("labcore.adapters.sqlite_journal.os.fsync", synced.append)
    journal.sync()
    assert len(synced) == int(durable)
    journal.close()


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db", durable=False)
    for position in range(CHECKPOINT + 10):
        journal.append([note(position)])
    assert (tmp_path / "journal.db").stat().st_size > CHECKPOINT * 30
    journal.close()


def test_a_log_that_is_waited_for_has_room_and_is_written_over(tmp_path: Path) -> None:
    log = tmp_path / "journal.db-wal"
    journal = SqliteJournal(tmp_path / "journal.db")
    assert log.stat().st_size == ROOM
    for position in range(3 * IN_ROOM):
        body = INTENT if position % 50 == 0 else SEEN
        journal.append([Event(position, 0.0, "", "simulated", body)])
    assert log.stat().st_size < 1.5 * ROOM
    assert len(journal.read(-1, 10_000)) == 3 * IN_ROOM
    journal.close()
    assert not log.exists()
