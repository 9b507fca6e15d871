"""kill -9 in the middle of a dose; what the next command says; recovery in a terminal and from another one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import labcore as labcore_package
from labcore.model.event import Event

Call = Callable[..., Any]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal and SIGKILL")
DOSES = """
labcore: 1
name: doses
vessels: {a: {labware: vial-50ml}}
materials: {water: {}}
devices: {dispenser: [dosing], stirrer: [stirring]}
steps:
  - stir: {vessel: a, speed: 300 rpm}
  - dispense: {material: water, into: a, volume: 5 mL}
  - note: after
"""
LAB = """
lab: Kill bench
devices:
  dispenser: {driver: gantry-dispenser, port: "sim://gantry", profile: grbl11-syringe, syringe: 25 mL}
  stirrer:   {driver: ika-namur, port: "sim://ika-rct"}
positions: {stirrer: {fits: vial-50ml, reach: [dispenser], station: stirrer}}
stock: {water: {in: bottle/1, volume: 250 mL, labware: bottle-500ml, reach: [dispenser], solvent: water}}
vessels: {a: {at: stirrer, labware: vial-50ml, empty: true, closed: true}}
"""


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "labcore.cli.main", *args]


@pytest.fixture
def environment(state: Path) -> dict[str, str]:
    return {**os.environ, "LABCORE_STATE": str(state), "COLUMNS": "200", "TERM": "dumb"}


def events(labcore: Call) -> list[dict[str, Any]]:
    return [json.loads(line) for line in labcore("events", "last", "--json", code=None).out.splitlines()]


def until_it_doses(data: Path, limit: float = 60.0) -> None:
    """Wait for the intent of the dose, without a process for each look."""
    end = time.monotonic() + limit
    while not any(getattr(event.body, "method", "") == "dispense" for event in _journal(data)):
        assert time.monotonic() < end, "it never doses"
        time.sleep(0.05)


def _journal(data: Path) -> Sequence[Event]:
    folder = next(iter((data / "runs").glob("*/journal.db")), None)
    if folder is None:
        return ()
    run = labcore_package.open_run("last", data=data)
    found = run.events()
    run.record.close()
    return found


@pytest.fixture
def killed(labcore: Call, tmp_path: Path, environment: dict[str, str]) -> None:
    """A rehearsal in real time, killed while the syringe moves."""
    for name in ("labcore_gantry", "labcore_namur", "labcore_simulators"):
        pytest.importorskip(name)
    (tmp_path / "doses.yaml").write_text(DOSES, encoding="utf-8")
    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    run = subprocess.Popen(
        command("run", "doses.yaml", "--yes", "--quiet"), cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until_it_doses(tmp_path / "labcore-data")
    finally:
        run.kill()
        run.wait(10)


def flip_bytes(run: Path) -> None:
    with (run / "journal.db-wal").open("rb+") as log:
        log.seek(40_000)
        before = log.read(4)
        log.seek(40_000)
        log.write(bytes(one ^ 0x55 for one in before))


def delete_the_log(run: Path) -> None:
    (run / "journal.db-wal").unlink()


def delete_the_log_without_a_trace(run: Path) -> None:
    """As if somebody had copied the folder without it."""
    delete_the_log(run)
    (run / "journal.db-open").unlink()


def cut_the_log(run: Path) -> None:
    """Cut it before the intent of the dose: no frame behind tells that there was more."""
    data = (run / "journal.db-wal").read_bytes()
    (run / "journal.db-wal").write_bytes(data[: (data.index(b"G1 Z") - 32) // 4120 * 4120 + 32])


DAMAGES = [flip_bytes, delete_the_log, delete_the_log_without_a_trace, cut_the_log]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
def test_a_dose_that_the_journal_lost_is_not_given_again(
    killed: None, labcore: Call, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    (run,) = (tmp_path / "labcore-data" / "runs").iterdir()
    damage(run)
    wire = (run / "wire" / "dispenser.jsonl").read_bytes()
    for command in (
        ("show", "last"),
        ("recover", "last", "--policy", "resume"),
        ("recover", "last", "--policy", "close"),
    ):
        said = labcore(*command, code=2).err
        assert "lost" in said
        assert "labcore estop" in said
    assert "  damaged" in labcore("runs").out
    assert (run / "wire" / "dispenser.jsonl").read_bytes() == wire, "nothing was sent"
    labcore("lab", "show", "Kill bench", code=2)


@contextmanager
def terminal(
    tmp_path: Path, environment: dict[str, str], *args: str
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    screen, other = os.openpty()
    with subprocess.Popen(
        command(*args), cwd=tmp_path, env=environment, stdin=other, stdout=other, stderr=other
    ) as process:
        os.close(other)
        try:
            yield screen, process
        finally:
            process.kill()
    os.close(screen)


def test_the_next_command_says_what_happened_and_what_to_type(killed: None, labcore: Call) -> None:
    said = labcore("runs").err
    assert "was interrupted at" in said
    assert "dispense 5 mL water into a" in said
    assert "nobody knows what became of 1 act(s): dispenser dispense" in said
    assert "Type: labcore recover " in said
    refused = labcore("recover", "last", code=5)
    assert "waits for a decision, and there is no terminal to ask in" in refused.err
    assert labcore("recover", "last", "--json", code=5).json()["unsettled"][0]["act"] == "act-2"
    labcore("recover", "last", "--settle", "act-9=done", code=2)
    labcore("recover", "last", "--settle", "act-2=perhaps", code=2)
    assert "--settle act-2: write it" in labcore("recover", "last", "--settle", "act-2", code=2).err
    labcore("recover", "last", "--policy", "hope", code=2)


def test_answered_in_the_terminal(
    killed: None, labcore: Call, tmp_path: Path, environment: dict[str, str], read_until: Callable[..., str]
) -> None:
    with terminal(tmp_path, environment, "recover", "last") as (screen, process):
        shown = read_until(screen, "question q1")
        assert "what became of it" in shown
        os.write(screen, b"not started\n")
        shown = read_until(screen, "question q2", shown)
        os.write(screen, b"go on\n")
        read_until(screen, "\0", shown)
    assert process.returncode == 0
    found = events(labcore)
    assert [one["data"]["status"] for one in found if one["kind"] == "settled" and one["data"]["by"]] == [
        "not_started"
    ]
    assert [one["data"]["text"] for one in found if one["kind"] == "noted"] == ["after"]
    restored = [one for one in found if one["kind"] == "intended" and one["data"]["method"] == "stir"]
    assert len(restored) == 2, "stirring was switched off and came back"
    kept = labcore("lab", "show", "Kill bench", "--json").json()
    assert kept["unsettled"] == []


def test_answered_from_another_terminal(
    killed: None, labcore: Call, tmp_path: Path, environment: dict[str, str], read_until: Callable[..., str]
) -> None:
    with terminal(tmp_path, environment, "recover", "last") as (screen, process):
        shown = read_until(screen, "question q1")
        labcore("answer", "last", "q1", "2-5 mL", "--by", "Ann")
        shown = read_until(screen, "question q2", shown)
        labcore("answer", "last", "q2", "close", "--by", "Ben")
        read_until(screen, "\0", shown)
    assert process.returncode == 3
    found = events(labcore)
    (settled,) = [one["data"] for one in found if one["kind"] == "settled" and one["data"]["by"]]
    assert (settled["status"], settled["by"]) == ("partly", "Ann")
    assert settled["amount"] == {"low": 2.0, "mid": 3.5, "high": 5.0}
    assert [one["data"]["by"] for one in found if one["kind"] == "recovery_decided"] == ["Ben"]
    kept = labcore("lab", "show", "Kill bench", "--json").json()
    assert kept["vessels"]["a"]["contents"]["water"]["low"] == 2.0


def test_broken_off_it_is_as_interrupted_as_before_and_says_so(
    killed: None, labcore: Call, tmp_path: Path, environment: dict[str, str], read_until: Callable[..., str]
) -> None:
    with terminal(tmp_path, environment, "recover", "last") as (screen, process):
        shown = read_until(screen, "question q1")
        assert labcore("recover", "last", "--json", code=5).json()["state"] == "recovering"
        process.send_signal(signal.SIGINT)
        shown = " ".join(read_until(screen, "\0", shown).split())
    assert process.returncode == 130
    assert "is still interrupted; switched off: stirrer speed; nothing else was moved" in shown
    assert "Type: labcore recover " in shown
    assert labcore("recover", "last", "--json", code=5).json()["state"] == "interrupted"
