"""Ctrl-C, kill -9, answers from another terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")
WAITING = """
labcore: 1
name: waits
vessels: {reactor: {labware: vial-50ml}}
materials: {acetone: {}}
devices: {mover: [placing], stirrer: [stirring]}
steps:
  - place_vial: {vessel: reactor, onto: stirrer}
  - stir: {vessel: reactor, speed: 300 rpm}
  - wait: 10 h
finally:
  - note: cleaned up
"""


@contextmanager
def going(tmp_path: Path, state: Path, *args: str | Path) -> Iterator[subprocess.Popen[str]]:
    env = {**os.environ, "LABCORE_STATE": str(state)}
    command = [sys.executable, "-m", "labcore.cli.main", *map(str, args)]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=env,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(condition: Callable[[], bool], what: str, limit: float = 60.0) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.1)


def kinds(labcore: Call) -> list[str]:
    result = labcore("events", "last", "--json", code=None)
    return [
        json.loads(line)["data"].get("verb", json.loads(line)["kind"]) for line in result.out.splitlines()
    ]


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    path = tmp_path / "waits.yaml"
    path.write_text(WAITING, encoding="utf-8")
    return path


SIGNALS = {"SIGINT": "Ctrl-C", "SIGTERM": "SIGTERM", "SIGHUP": "SIGHUP"}


@pytest.mark.parametrize(("sent", "by"), SIGNALS.items())
def test_a_signal_stops_cleans_up_and_exits_with_3(
    labcore: Call, waiting: Path, tmp_path: Path, state: Path, protocols: Path, sent: str, by: str
) -> None:
    lab = protocols / "overnight_watch" / "lab.yaml"
    with going(tmp_path, state, "run", waiting, "--lab", lab, "--simulate", "--speed", "20") as run:
        until(lambda: "wait" in kinds(labcore), "the wait begins")
        run.send_signal(getattr(signal, sent))
        assert run.wait(60) == 3
    found = [json.loads(line) for line in labcore("events", "last", "--json").out.splitlines()]
    asked = [e["data"] for e in found if e["kind"] == "control_asked"]
    assert [(one["what"], one["by"]) for one in asked] == [("stop", by)]
    assert [e["data"]["text"] for e in found if e["kind"] == "noted"] == ["cleaned up"]
    settled = {e["device"]: e["data"]["status"] for e in found if e["kind"] == "stop_settled"}
    assert settled == {"stirrer": "halted", "dispenser": "halted"}
    assert labcore("runs", "--json").json()[-1]["state"] == "stopped"


def test_ctrl_c_twice_aborts(
    labcore: Call, waiting: Path, tmp_path: Path, state: Path, protocols: Path
) -> None:
    text = waiting.read_text(encoding="utf-8").replace("note: cleaned up", "wait: 5 h")
    waiting.write_text(text, encoding="utf-8")
    lab = protocols / "overnight_watch" / "lab.yaml"
    with going(tmp_path, state, "run", waiting, "--lab", lab, "--simulate", "--speed", "20") as run:
        until(lambda: "wait" in kinds(labcore), "the wait begins")
        run.send_signal(signal.SIGINT)
        until(lambda: kinds(labcore).count("wait") == 2, "clean-up begins")
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 3
    assert labcore("runs", "--json").json()[-1]["state"] == "aborted"


def test_a_killed_run_is_called_interrupted_and_its_journal_is_whole(
    labcore: Call, waiting: Path, tmp_path: Path, state: Path, protocols: Path
) -> None:
    lab = protocols / "overnight_watch" / "lab.yaml"
    with going(tmp_path, state, "run", waiting, "--lab", lab, "--simulate", "--speed", "20") as run:
        until(lambda: "wait" in kinds(labcore), "the wait begins")
        run.kill()
        run.wait(10)
    assert labcore("runs", "--json").json()[-1]["state"] == "interrupted"
    found = [json.loads(line) for line in labcore("events", "last", "--json").out.splitlines()]
    assert [e["position"] for e in found] == list(range(len(found)))
    shown = labcore("show", "last", "--json").json()
    assert shown["vessels"]["reactor"]["place"] == "stirrer"
    assert shown["unsettled"] == []


def test_a_question_is_answered_from_another_process(labcore: Call, tmp_path: Path, state: Path) -> None:
    path = tmp_path / "asks.yaml"
    path.write_text(
        "{labcore: 1, name: asks, steps: [{prompt: {text: How much?, expects: mL}, save: much}, {note: 'it is ${much}'}]}",
        encoding="utf-8",
    )
    with going(tmp_path, state, "run", path, "--yes") as run:
        until(lambda: "asked" in kinds(labcore), "the question")
        assert "How much?" in labcore("answer", "last").out
        labcore("answer", "last", "q9", "x", code=2)
        labcore("answer", "last", "q1", "12.5 mL", "--by", "the operator")
        assert run.wait(60) == 0
    found = [json.loads(line) for line in labcore("events", "last", "--json").out.splitlines()]
    answered = next(e for e in found if e["kind"] == "answered")
    assert answered["data"]["by"] == "the operator"
    assert answered["source"] == "real"
    assert next(e for e in found if e["kind"] == "noted")["data"]["text"] == "it is 12.5 mL"
