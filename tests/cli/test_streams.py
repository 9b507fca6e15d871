"""Showing something never stops doing something: broken pipes, closed streams, terminals that know few letters."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labcore.cli.streams import Outlet

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes are closed the POSIX way")
COMMAND = f'"{sys.executable}" -m labcore.cli.main'
NOTES = "{labcore: 1, name: p, steps: [{note: here}, {wait: 0.1 s}, {note: there}]}"
JAPANESE = "{labcore: 1, name: 沈殿, steps: [{note: 反応器を見る}, {note: 🧪}]}"
Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "notes.yaml").write_text(NOTES, encoding="utf-8")

    def run(line: str, **env: str) -> subprocess.CompletedProcess[str]:
        given = {**os.environ, "LABCORE_STATE": str(tmp_path / "state"), **env}
        return subprocess.run(
            ["bash", "-c", "set -o pipefail; " + line.replace("labcore ", COMMAND + " ", 1)],
            cwd=tmp_path, env=given, capture_output=True, encoding="utf-8", timeout=110, check=False,
        )  # fmt: skip

    return run


def events(shell: Shell) -> list[Any]:
    return [json.loads(line) for line in shell("labcore events last --json").stdout.splitlines()]


@pytest.mark.parametrize(
    ("pipe", "unbuffered"), [("2>&1 | true", ""), ("2>&1 >&- | true", "1"), (">/dev/full 2>/dev/full", "1")]
)
def test_a_run_goes_on_when_nobody_reads_it(shell: Shell, pipe: str, unbuffered: str) -> None:
    assert shell(f"labcore run notes.yaml --yes {pipe}", PYTHONUNBUFFERED=unbuffered).returncode == 0
    found = events(shell)
    assert found[-1]["data"]["outcome"] == "done"
    assert [one for one in found if one["kind"] == "warned"] == []


def test_the_stream_that_is_left_says_that_the_other_one_is_gone(shell: Shell) -> None:
    done = shell("labcore simulate notes.yaml 2>/dev/full")
    assert done.returncode == 0
    assert "stderr takes nothing any more" in done.stdout
    assert "the run goes on" in done.stdout


def test_a_command_cut_short_by_head_keeps_its_own_exit_code(
    shell: Shell, protocol: Path, data: Path
) -> None:
    cut = shell("labcore events last | head -1")
    assert (cut.returncode, cut.stderr) == (0, "")
    assert "run_started" in cut.stdout
    protocol.write_text("steps: 5", encoding="utf-8")
    assert shell(f"labcore check {protocol.name} 2>&1 | head -1").returncode == 1


def test_streams_closed_before_the_start_are_empty_ones(shell: Shell) -> None:
    assert shell("labcore run notes.yaml --yes <&-").returncode == 0
    assert shell("labcore run notes.yaml --yes <&- >&- 2>&-").returncode == 0
    refused = shell("labcore run notes.yaml <&-")
    assert (refused.returncode, "not confirmed" in refused.stderr) == (5, True)
    assert len(shell("labcore runs --json").stdout) > 0


def test_a_terminal_that_knows_few_letters_gets_escapes(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(JAPANESE, encoding="utf-8")
    shown = shell("labcore run p.yaml --yes", PYTHONIOENCODING="ascii")
    assert shown.returncode == 0, shown.stderr
    assert "note: \\u53cd" in shown.stderr
    plan = shell("labcore check p.yaml --json", PYTHONIOENCODING="ascii")
    assert json.loads(plan.stdout)["ok"]


class Full(io.RawIOBase):
    """A stream on a disk without space."""

    def write(self, data: Any) -> int:
        raise OSError(28, "No space left on device")


def test_what_is_written_to_a_lost_stream_vanishes() -> None:
    outlet = Outlet(Full(), "stdout")
    stream = io.TextIOWrapper(io.BufferedWriter(outlet), encoding="utf-8")
    stream.write("one\n")
    stream.flush()
    stream.write("two\n")
    stream.flush()
    assert outlet.lost


def test_a_terminal_that_stands_still_holds_nothing_up() -> None:
    reading, writing = os.pipe()
    try:
        os.set_blocking(writing, False)
        while True:
            try:
                os.write(writing, b"x" * 4096)
            except BlockingIOError:
                break
        os.set_blocking(writing, True)
        with io.FileIO(writing, "w", closefd=False) as raw:
            outlet = Outlet(raw, "stderr")
            outlet.patient = False
            assert outlet.write(b"not shown") == 9
            assert not outlet.lost
    finally:
        os.close(reading)
        os.close(writing)
