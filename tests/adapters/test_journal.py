"""One suite for every journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.sqlite_journal import CHECKPOINT, IN_ROOM, ROOM, SqliteJournal
from labcore.errors import LabcoreError, UsageError
from labcore.model.effect import Transfer
from labcore.model.event import Event, Intended, Noted, Observed, Settled
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


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    made: Journal = MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal.db")
    yield made
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
