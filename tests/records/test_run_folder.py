"""A run's folder as a reader sees it: the state after any event, at the cost of what is new."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from labcore.adapters.file_blobs import FileBlobs
from labcore.adapters.memory_journal import MemoryJournal
from labcore.model import event as ev
from labcore.model.effect import Placement, Transfer
from labcore.model.event import Event
from labcore.model.event_json import from_dict
from labcore.model.interval import Interval
from labcore.ports import RunReader
from labcore.records.finished import FinishedRun
from labcore.records.run_folder import RunFolder
from labcore.state.reduce import fold

HISTORY = Path(__file__).parents[1] / "histories" / "robot-v1.jsonl"


class CountingJournal(MemoryJournal):
    """Counts the events that were handed out."""

    read_out = 0

    def read(self, after: int = -1, limit: int = 1000, kinds: tuple[str, ...] = ()) -> Sequence[Event]:
        found = super().read(after, limit, kinds)
        self.read_out += len(found)
        return found


@pytest.fixture
def journal() -> CountingJournal:
    made = CountingJournal()
    made.append([from_dict(json.loads(line)) for line in HISTORY.read_text(encoding="utf-8").splitlines()])
    return made


@pytest.fixture
def record(journal: CountingJournal, tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path, journal, FileBlobs(tmp_path / "blobs"))


def test_the_state_after_any_event_is_the_fold_up_to_it(record: RunFolder, journal: CountingJournal) -> None:
    events = record.events()
    for position in (0, 40, 17, len(events) - 1, -1, 3):
        assert record.state_at(position) == fold(events[: position + 1])
    assert record.state_at(10**9) == record.state() == fold(events)


def test_going_on_reads_each_event_once(record: RunFolder, journal: CountingJournal) -> None:
    last = len(journal.read(limit=10**6)) - 1
    journal.read_out = 0
    for position in range(0, last + 1, 3):
        record.state_at(position)
    record.state()
    assert journal.read_out == last + 1


def test_acts_under_way_can_be_taken_as_of_unknown_end(tmp_path: Path) -> None:
    move = Transfer("bottle", "vial", Interval.exactly(4.0))
    bodies: list[ev.Body] = [
        ev.VesselStated("bottle", "bottle-250ml", "rack", {"water": Interval.exactly(100.0)}, "lab"),
        ev.VesselStated("vial", "vial-50ml", "rack", {}, "lab"),
        ev.Intended("a", "dispense", {}, (), (move, Placement("vial", "stirrer")), 10.0),
    ]
    journal = MemoryJournal()
    journal.append([Event(at, float(at), "", "labcore", body) for at, body in enumerate(bodies)])
    record = RunFolder(tmp_path, journal, FileBlobs(tmp_path / "blobs"))
    assert record.state_at(2).vessels["vial"].place == "rack"
    may_be = record.state_at(2, widened=True).vessels["vial"]
    assert may_be.place is None
    assert may_be.contents["water"] == Interval(0.0, 2.0, 4.0)
    assert record.state_at(2).intents  # asking what may be changes nothing of what is known


def test_it_is_a_run_reader(record: RunFolder) -> None:
    reader: RunReader = record
    assert isinstance(reader, RunReader)


def test_listing_an_ended_run_reads_no_other_event(record: RunFolder, journal: CountingJournal) -> None:
    run = FinishedRun(record)
    assert run.word == "done"
    assert journal.read_out == 0
    assert run.state.outcome == "done"
    assert journal.read_out > 0


@pytest.mark.parametrize(("pid", "word"), [(os.getpid(), "running"), (0, "interrupted")])
def test_a_run_without_end_goes_on_or_was_interrupted(tmp_path: Path, pid: int, word: str) -> None:
    journal = MemoryJournal()
    journal.append([Event(0, 0.0, "", "labcore", ev.RunStarted("p", "d", "lab", False, None, {}))])
    (tmp_path / "header.json").write_text(json.dumps({"pid": pid}), encoding="utf-8")
    assert FinishedRun(RunFolder(tmp_path, journal, FileBlobs(tmp_path / "blobs"))).word == word


@pytest.mark.parametrize(
    ("simulated", "devices", "answered", "world"),
    [
        (True, "simulated", "simulated", "simulated"),
        (False, "simulated", None, "rehearsal"),
        (False, "simulated", "real", "mixed"),
        (False, "real", None, "real"),
        (False, None, None, "none"),
    ],
)
def test_a_run_is_real_only_where_something_real_took_part(
    tmp_path: Path, simulated: bool, devices: ev.Source | None, answered: ev.Source | None, world: str
) -> None:
    facts: list[tuple[ev.Source, ev.Body]] = [
        ("labcore", ev.RunStarted("p", "d", "lab", simulated, None, {})),
        *([(devices, ev.DeviceConnected("d", "i"))] if devices else []),
        *([(answered, ev.Answered("q", "yes", "aki"))] if answered else []),
        ("real", ev.Observed("turbidity", "vial", 1.0, "", 0.9, 1.1, "good", "observer", ())),
    ]
    journal = MemoryJournal()
    journal.append([Event(at, 0.0, "", source, body) for at, (source, body) in enumerate(facts)])
    (tmp_path / "header.json").write_text(json.dumps({"simulated": simulated}), encoding="utf-8")
    assert FinishedRun(RunFolder(tmp_path, journal, FileBlobs(tmp_path / "blobs"))).world == world
