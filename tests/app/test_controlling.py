"""Who can be asked to pause or stop, and what is said of those who cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from labcore.adapters.loopback import Loopback, Reply
from labcore.adapters.loopback_client import publish
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app import open_run
from labcore.app.controlling import Request, request, standing
from labcore.app.reachable import CONTROL
from labcore.app.run_lock import hold_run
from labcore.errors import LabcoreError, StorageError, UsageError
from labcore.model.event import Event, RunEnded, RunStarted
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
    with pytest.raises(UsageError, match=str(answer.get("refused") or "has ended")):
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
    with pytest.raises(LabcoreError, match=f"process {os.getpid()} .* lives but does not answer") as caught:
        request("run-1", PAUSE, data=tmp_path)
    assert not isinstance(caught.value, UsageError)
    assert "labcore estop" in caught.value.remedy


def test_a_run_in_virtual_time_refuses_with_a_sentence(run: Path, tmp_path: Path) -> None:
    header(run, pid=os.getpid(), simulated=True)
    with pytest.raises(UsageError, match="virtual time"):
        request("run-1", PAUSE, data=tmp_path)


def test_a_run_without_an_address_is_to_be_controlled_where_it_runs(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be reached"):
        request("run-1", PAUSE, data=tmp_path)


def test_a_run_that_ended_or_whose_process_is_gone_is_said_to_be_so(run: Path, tmp_path: Path) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    header(run, pid=int(dead.stdout))
    publish(run / CONTROL, {"port": 1, "token": "t", "pid": int(dead.stdout)})
    with pytest.raises(UsageError, match="is gone") as caught:
        request("run-1", PAUSE, data=tmp_path)
    assert "labcore recover run-1" in caught.value.remedy
    add(run, RunEnded("stopped"), 1)
    with pytest.raises(UsageError, match="has ended: stopped"):
        request("run-1", PAUSE, data=tmp_path)


def test_there_is_no_such_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no run"):
        request("nowhere", PAUSE, data=tmp_path)
