"""Control words and the emergency stop from another process, on simulators inside the run's own process in real time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
LAB = """
lab: Rehearsal
devices: {stirrer: {driver: ika-namur, port: "sim://ika-rct"}}
positions: {plate: {fits: vial-50ml, station: stirrer}}
vessels: {vial: {at: plate, labware: vial-50ml}}
"""
STIRS = """
labcore: 1
name: Stirs
devices: {stirrer: [stirring]}
steps:
  - stir: {vessel: vial, speed: 300 rpm}
  - wait: 10 h
finally:
  - note: cleaned up
"""


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    (tmp_path / "stirs.yaml").write_text(STIRS, encoding="utf-8")
    return tmp_path


@contextmanager
def going(folder: Path, state: Path, labcore: Call, *more: str) -> Iterator[subprocess.Popen[str]]:
    """A run that has come to its long wait."""
    command = [
        sys.executable,
        "-m",
        "labcore.cli.main",
        "run",
        "stirs.yaml",
        "--lab",
        "lab.yaml",
        "--yes",
        *more,
    ]
    env = {**os.environ, "LABCORE_STATE": str(state)}
    with subprocess.Popen(
        command, cwd=folder, env=env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:  # fmt: skip
        try:
            end = time.monotonic() + 60
            while not any(one["data"].get("verb") == "wait" for one in events(labcore)):
                assert time.monotonic() < end, "the wait never began"
                assert run.poll() is None, run.communicate()
                time.sleep(0.1)
            yield run
        finally:
            run.kill()
            run.communicate()


def events(labcore: Call) -> list[dict[str, Any]]:
    return [json.loads(line) for line in labcore("events", "last", "--json", code=None).out.splitlines()]


def test_a_rehearsal_is_paused_resumed_and_stopped(bench: Path, state: Path, labcore: Call) -> None:
    with going(bench, state, labcore) as run:
        assert "paused at " in labcore("pause", "last", "--now").out
        assert "the run is running" in labcore("resume", "last").out
        assert "stirrer: halted" in labcore("stop", "last").out
        assert run.wait(30) == 3
    found = events(labcore)
    asked = [(one["data"]["what"], one["data"]["now"]) for one in found if one["kind"] == "control_asked"]
    assert asked == [("pause", True), ("resume", False), ("stop", False)]


def test_a_simulation_with_speed_can_be_paused_and_resumed(bench: Path, state: Path, labcore: Call) -> None:
    with going(bench, state, labcore, "--simulate", "--speed", "5") as run:
        labcore("pause", "last")
        labcore("resume", "last")
        labcore("abort", "last")
        assert run.wait(30) == 3
    assert not (state / "labs").exists(), "a simulation belongs to no lab"


def test_the_emergency_stop_reaches_simulators_inside_the_run(
    bench: Path, state: Path, labcore: Call
) -> None:
    with going(bench, state, labcore) as run:
        assert "stirrer: confirmed safe" in labcore("estop").out
        assert run.wait(30) == 3
    found = events(labcore)
    assert [one["data"]["outcome"] for one in found if one["kind"] == "run_ended"] == ["aborted"]
    assert [one["data"]["status"] for one in found if one["kind"] == "stop_settled"] == ["halted"]
    assert [one["data"] for one in found if one["kind"] == "noted"] == []
    labcore("run", "stirs.yaml", "--lab", "lab.yaml", "--yes", code=5)
    labcore("estop", "--reset", "--yes")
