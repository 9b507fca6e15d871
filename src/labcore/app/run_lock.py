"""The lock by which one process alone writes a run. Light to load: whoever only looks at a run asks it, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from labcore.errors import UsageError
from labcore.records.run_folder import HEADER, read_json

LOCK = "run.lock"


@contextmanager
def hold_run(folder: Path) -> Iterator[None]:
    """Be the only process that writes this run; UsageError within a second, naming the owner, if another one is."""
    lock = FileLock(folder / LOCK, timeout=0.5)
    try:
        lock.acquire()
    except Timeout:
        pid = read_json(folder / HEADER).get("pid", "?")
        remedy = "Let it end, or stop it there; two programs must not write one journal."
        raise UsageError(f"run {folder.name} is under way in process {pid}", remedy=remedy) from None
    try:
        yield
    finally:
        lock.release()


def is_held(folder: Path) -> bool:
    """Say whether a process writes this run now; a run that was never held has no lock, and gets none."""
    if not (folder / LOCK).exists():
        return False
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except (Timeout, OSError):  # a folder that cannot be written to, by us: what its process can is not known
        return True
    lock.release()
    return False
