"""Run the command line as a user does, in a process of its own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass
class Result:
    """What a command printed."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.strip().splitlines()[-1]

    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def labcore(tmp_path: Path, state: Path) -> Callable[..., Result]:
    """Call `labcore` in an empty folder with a state folder of its own."""

    def call(*args: str | Path, timeout: float = 110, code: int | None = 0, stdin: str = "") -> Result:
        env = {**os.environ, "LABCORE_STATE": str(state), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "labcore.cli.main", *map(str, args)]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=env,
            cwd=tmp_path,
            timeout=timeout,
            input=stdin,
            check=False,
        )
        result = Result(done.returncode, done.stdout, done.stderr)
        assert code is None or done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
        return result

    return call


@pytest.fixture(scope="session")
def protocols() -> Path:
    return ROOT / "protocols"


def _read_until(screen: int, wanted: str, shown: str = "", limit: float = 60.0) -> str:
    """Return what the terminal shows once `wanted` is there, or at the end of the process."""
    end = time.monotonic() + limit
    while wanted not in shown:
        assert time.monotonic() < end, shown
        if not select.select([screen], [], [], 1.0)[0]:
            continue
        try:
            shown += os.read(screen, 65536).decode("utf-8", "replace")
        except OSError:  # how Linux says that nobody holds the other end any more
            break
    return shown


@pytest.fixture(scope="session")
def read_until() -> Callable[..., str]:
    """Return how to read a terminal until something is shown."""
    return _read_until
