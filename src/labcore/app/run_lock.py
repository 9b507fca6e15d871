"""The lock by which one process alone writes a run. Light to load, as whoever looks at a run asks it: filelock comes later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labcore.errors import UsageError
from labcore.records.run_folder import is_alive, pid_of

LOCK = "run.lock"


@contextmanager
def hold_run(folder: Path) -> Iterator[None]:
    """Be the only process that writes this run; UsageError within a second, naming the owner, if another one is."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0.5)
    try:
        lock.acquire()
    except Timeout:
        remedy = "Let it end, or stop it there; two programs must not write one journal."
        raise UsageError(
            f"run {folder.name} is under way in process {pid_of(folder) or '?'}", remedy=remedy
        ) from None
    try:
        yield
    finally:
        lock.release()


def is_held(folder: Path) -> bool:
    """Say whether a process writes this run now; a run that was never held has no lock, and gets none."""
    if not (folder / LOCK).exists():
        return False
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that we may only read
        return is_alive(pid_of(folder))
