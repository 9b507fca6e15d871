"""Children that may be killed: forked from a parent that has loaded everything, where the system can fork.

POSIX. Windows has no fork: `torture` starts a new interpreter for each child there (`subprocesses.py`). A parent that forks
has one thread and no event loop, so that a child begins as clean as a new process.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

TIMED_OUT = 1000  # what a child that had to be ended is reported with


def can_fork() -> bool:
    """Say whether this process may fork children that begin clean."""
    return hasattr(os, "fork") and threading.active_count() == 1


@dataclass(frozen=True, slots=True)
class Child:
    """A forked child. `over` becomes readable when it has ended."""

    pid: int
    over: int

    def wait(self, limit: float) -> int:
        """Return its exit code, negative for a signal; one that takes longer than `limit` s is ended."""
        ready, _, _ = select.select([self.over], [], [], limit)
        if not ready:
            os.kill(self.pid, signal.SIGKILL)
        os.close(self.over)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status) if ready else TIMED_OUT


def fork(job: Callable[[], int], log: Path) -> Child:
    """Start `job` in a child whose output goes to `log`; its result is the exit code."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _be_a_child(job, log)
    os.close(writer)
    return Child(pid, reader)


def _be_a_child(job: Callable[[], int], log: Path) -> NoReturn:
    code = 1
    try:
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(file, 1)
        os.dup2(file, 2)
        code = job()
    except BaseException:  # whatever it is, it must not go on as if it were the parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def first_over(children: list[Child], limit: float) -> Child | None:
    """Return a child that has ended, None if none has within `limit` s."""
    end = time.monotonic() + limit
    ready, _, _ = select.select([child.over for child in children], [], [], max(0.0, end - time.monotonic()))
    return next((child for child in children if child.over in ready), None)
