"""A run in a terminal, as the person who sits at it sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
ASKS = "{labcore: 1, name: asks, steps: [{prompt: {text: Is the hood on?, options: [ok, no]}}]}"


NOTES = """
labcore: 1
name: Notes
steps:
  - note: begun
"""


@pytest.mark.parametrize("options", [[], ["--quiet"]], ids=["progress", "quiet"])
def test_a_question_is_shown_once(
    tmp_path: Path, state: Path, options: list[str], read_until: Callable[..., str]
) -> None:
    (tmp_path / "asks.yaml").write_text(ASKS, encoding="utf-8")
    screen, terminal = os.openpty()
    env = {**os.environ, "LABCORE_STATE": str(state), "COLUMNS": "100", "TERM": "dumb"}
    command = [sys.executable, "-m", "labcore.cli.main", "run", "asks.yaml", "--yes", *options]
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stdin=terminal, stdout=terminal, stderr=terminal
    ) as run:
        os.close(terminal)
        try:
            shown = read_until(screen, "question q1")
            os.write(screen, b"ok\n")
            shown = read_until(screen, "\0", shown)
        finally:
            run.kill()
    os.close(screen)
    assert run.returncode == 0
    assert shown.count("Is the hood on?") == 1
    assert "q1: ok" in shown


@pytest.mark.parametrize(("said", "code"), [(b"y\n", 0), (b"no\n", 5), (b"", 3)], ids=["yes", "no", "Ctrl-C"])
def test_the_gate_is_answered_in_the_terminal(
    tmp_path: Path, state: Path, said: bytes, code: int, read_until: Callable[..., str]
) -> None:
    (tmp_path / "notes.yaml").write_text(NOTES, encoding="utf-8")
    screen, terminal = os.openpty()
    env = {**os.environ, "LABCORE_STATE": str(state), "COLUMNS": "100", "TERM": "dumb"}
    command = [sys.executable, "-m", "labcore.cli.main", "run", "notes.yaml"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stdin=terminal, stdout=terminal, stderr=terminal
    ) as run:
        os.close(terminal)
        try:
            shown = read_until(screen, "may it begin?")
            if said:
                os.write(screen, said)
            else:
                run.send_signal(signal.SIGINT)
            shown = read_until(screen, "\0", shown)
        finally:
            run.kill()
    os.close(screen)
    assert run.returncode == code, shown
    assert "What stands where, and who says so:" in shown
    assert ("nothing was moved" in shown) == (code != 0)
