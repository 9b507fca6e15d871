"""Who can be asked to pause or stop, and what is said of those who cannot."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from labcore.adapters.loopback import Loopback, Reply
from labcore.adapters.loopback_client import publish
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app import open_run
from labcore.app.controlling import HEARD_WITHIN, LOOK_EVERY, Request, follow, request, standing
from labcore.app.reachable import CONTROL
from labcore.app.run_lock import hold_run
from labcore.errors import LabcoreError, StorageError, UsageError
from labcore.model.event import ControlAsked, Event, RunEnded, RunStarted
from labcore.records.run_folder import HEADER, JOURNAL

PAUSE = Request("pause", "me", "lunch", now=True)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run under way in this process."""
    folder = tmp_path / "runs" / "run-1"
    folder.mkdir(parents=True)
    header(folder, pid=os.getpid())
    add(folder, RunStarted("p", "d", "lab", False, None, {}))
    return folder


def header(folder: Path, **more: Any) -> None:
    (folder / HEADER).write_text(
        json.dumps({"run": folder.name, "simulated": False, **more}), encoding="utf-8"
    )


def add(folder: Path, body: Any, position: int = 0) -> None:
    journal = SqliteJournal(folder / JOURNAL)
    journal.append([Event(position, 0.0, "2026-01-01T00:00:00Z", "labcore", body)])
    journal.close()


@pytest.fixture
def served(run: Path) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Let the run answer."""
    found: list[Loopback] = []

    def serve(answer: Callable[[Reply], None]) -> list[dict[str, Any]]:
        heard: list[dict[str, Any]] = []

        def handle(asked: Mapping[str, Any], reply: Reply) -> None:
            heard.append(dict(asked))
            answer(reply)

        found.append(Loopback(handle))
        found[0].start()
        publish(run / CONTROL, found[0].address)
        return heard

    yield serve
    for one in found:
        one.close()


def test_what_was_asked_for_arrives_whole(served: Any, tmp_path: Path) -> None:
    heard = served(lambda reply: reply({"position": 7, "refused": ""}))
    found, position = request("last", PAUSE, data=tmp_path)
    assert (found.id, position) == ("run-1", 7)
    assert heard == [{"ask": "pause", "by": "me", "why": "lunch", "now": True}]


@pytest.mark.parametrize(
    "answer", [{"position": None, "refused": "the run is stopping"}, {"refused": "x"}, {}]
)
def test_a_refusal_is_the_askers_error(served: Any, tmp_path: Path, answer: dict[str, Any]) -> None:
    served(lambda reply: reply(answer))
    with pytest.raises(UsageError) as caught:
        request("run-1", PAUSE, data=tmp_path)
    assert caught.value.message == f"run run-1: {answer.get('refused') or 'it has ended'}"


def test_one_that_hangs_up_without_a_word_has_ended(run: Path, tmp_path: Path) -> None:
    """The process had the request and ended before it could say anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        publish(run / CONTROL, {"port": listener.getsockname()[1], "token": "t", "pid": os.getpid()})

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.close()

        with ThreadPoolExecutor(1) as other:
            other.submit(hang_up)
            with pytest.raises(UsageError, match="^run run-1: it has ended$"):
                request("run-1", PAUSE, data=tmp_path)


def test_a_run_that_stands_still_says_why(served: Any, tmp_path: Path) -> None:
    heard = served(lambda reply: reply({"stalled": "disk full"}))
    with pytest.raises(StorageError, match="run-1 stands still: disk full"):
        request("run-1", PAUSE, data=tmp_path)
    assert standing(open_run("run-1", data=tmp_path)) == ("stalled", "disk full")
    assert heard[1] == {"ask": "status"}


def test_a_stop_of_a_run_that_stands_still_waits_for_its_process(
    served: Any, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labcore.app.controlling.ENDED_WITHIN", 0.2)
    served(lambda reply: reply({"stalled": "disk full"}))
    with hold_run(run), pytest.raises(StorageError, match=f"process {os.getpid()} has not ended"):
        request("run-1", Request("stop", "me"), data=tmp_path)
    with pytest.raises(StorageError, match="made its devices safe and ended; the run is interrupted"):
        request("run-1", Request("stop", "me"), data=tmp_path)
    add(run, RunEnded("stopped"), 1)
    with pytest.raises(StorageError, match="it has ended: stopped. There was space again"):
        request("run-1", Request("stop", "me"), data=tmp_path)


def test_a_process_that_lives_and_does_not_answer_is_no_usage_error(
    served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labcore.app.controlling.HEARD_WITHIN", 0.2)
    served(lambda reply: None)
    began = time.monotonic()
    with pytest.raises(LabcoreError) as caught:
        request("run-1", PAUSE, data=tmp_path)
    assert time.monotonic() - began < 2
    assert not isinstance(caught.value, UsageError)
    assert caught.value.message == (
        f"process {os.getpid()} of run run-1 lives but does not answer (no answer in time); "
        "whether it was asked to pause is not known"
    )
    assert caught.value.remedy == (
        "Look at its devices. `labcore estop` makes them safe, `labcore events` shows what it recorded."
    )


def test_the_first_answer_is_the_answer(served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labcore.app.controlling.HEARD_WITHIN", 0.2)
    served(lambda reply: reply({"position": 3}, last=False))
    assert request("run-1", PAUSE, data=tmp_path)[1] == 3


def test_a_run_in_virtual_time_refuses_with_a_sentence(run: Path, tmp_path: Path) -> None:
    header(run, pid=os.getpid(), simulated=True)
    with pytest.raises(UsageError) as caught:
        request("run-1", PAUSE, data=tmp_path)
    assert caught.value.message == "run run-1 goes on in virtual time, where nobody can break in"
    assert caught.value.remedy == "It ends by itself; with --speed a simulation can be controlled."


def test_a_run_without_an_address_is_to_be_controlled_where_it_runs(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        request("run-1", PAUSE, data=tmp_path)
    assert caught.value.message == "run run-1 cannot be reached"
    assert caught.value.remedy == "Use the terminal in which it runs."


def test_a_run_whose_process_is_gone_is_to_be_recovered(run: Path, tmp_path: Path) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    header(run, pid=int(dead.stdout))
    publish(run / CONTROL, {"port": 1, "token": "t", "pid": int(dead.stdout)})
    with pytest.raises(UsageError) as caught:
        request("run-1", PAUSE, data=tmp_path)
    assert caught.value.message == "the process of run run-1 is gone"
    assert caught.value.remedy == "Type: labcore recover run-1"


@pytest.mark.parametrize("outcome", ["done", "failed", "stopped", "aborted"])
def test_a_run_that_ended_is_said_to_be_so(run: Path, tmp_path: Path, outcome: Any) -> None:
    add(run, RunEnded(outcome), 1)
    with pytest.raises(UsageError) as caught:
        request("run-1", PAUSE, data=tmp_path)
    assert caught.value.message == f"run run-1 has ended: {outcome}"
    assert caught.value.remedy == "There is nothing to control."


def test_there_is_no_such_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no run"):
        request("nowhere", PAUSE, data=tmp_path)


# ------------------------------------------------------------------------------------------ what became of it
def opened(run: Path, tmp_path: Path) -> Any:
    return open_run(str(run), data=tmp_path).record


def test_a_run_is_followed_from_a_position_on_as_its_events_come(run: Path, tmp_path: Path) -> None:
    add(run, ControlAsked("stop", "me"), 1)
    record = opened(run, tmp_path)
    events = follow(record, 0, 5.0)
    assert [next(events).position] == [1]
    add(run, RunEnded("stopped"), 2)
    began = time.monotonic()
    assert next(events).body == RunEnded("stopped")
    assert time.monotonic() - began < 0.5
    record.close()


def test_nobody_follows_for_longer_than_was_asked_for(run: Path, tmp_path: Path) -> None:
    record = opened(run, tmp_path)
    began = time.monotonic()
    assert [event.position for event in follow(record, -1, 0.25)] == [0]
    assert 0.25 <= time.monotonic() - began < 1.0
    assert list(follow(record, 0, 0.0)) == []
    record.close()


def test_between_two_looks_it_waits(run: Path, tmp_path: Path) -> None:
    class Counts:
        looks = 0

        def events(self, after: int) -> tuple[()]:
            assert after == 7
            self.looks += 1
            return ()

    record: Any = Counts()
    assert list(follow(record, 7, 0.45)) == []
    assert 3 <= record.looks <= 6


def test_how_long_a_run_may_take_to_answer() -> None:
    assert (HEARD_WITHIN, LOOK_EVERY) == (5.0, 0.1)
    assert Request("stop", "me") == Request("stop", "me", "", False)
