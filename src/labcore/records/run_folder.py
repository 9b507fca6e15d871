"""A run on disk, read-only: its journal, pictures, plan and header (`labcore.ports.RunReader`)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labcore.errors import DamagedRecord, IllegalEvent, UsageError
from labcore.model.event import Event
from labcore.ports import BlobStore, Journal
from labcore.state.reduce import reduce
from labcore.state.reduce_acts import with_unknown_ends
from labcore.state.run_state import RunState

HEADER, PLAN, JOURNAL, BLOBS, REPORT, WIRE = (
    "header.json",
    "plan.json",
    "journal.db",
    "blobs",
    "report",
    "wire",
)
BATCH = 5000  # events that are in memory at once while a state is folded


class RunFolder:
    """Read one run. Nothing is read before it is asked for, so listing many is cheap."""

    def __init__(self, folder: Path, journal: Journal, blobs: BlobStore) -> None:
        self.folder = folder
        self._journal = journal
        self._blobs = blobs
        self._latest = RunState()

    @property
    def id(self) -> str:
        """The run's id: the name of its folder."""
        return self.folder.name

    @property
    def header(self) -> Mapping[str, Any]:
        """What differs by nature between equal runs, and the texts the run was made from."""
        header = read_json(self.folder / HEADER)
        for name in ("protocol", "lab"):
            path = self.folder / f"{name}.yaml"
            if path.exists():
                header[f"{name}_text"] = path.read_text(encoding="utf-8")
        return header

    def events(self, after: int = -1) -> Sequence[Event]:
        """Return all events after a position."""
        found: list[Event] = []
        while batch := self._journal.read(after, BATCH):
            found.extend(batch)
            after = batch[-1].position
        return found

    def readable(self, after: int = -1) -> Iterator[Event]:
        """Yield the events after a position up to the first that cannot be read, then raise its DamagedRecord."""
        size = BATCH
        while True:
            try:
                batch = self._journal.read(after, size)
            except DamagedRecord:
                if size == 1:
                    raise
                size = max(1, size // 10)
                continue
            if not batch:
                return
            yield from batch
            after = batch[-1].position

    def last(self, kind: str, source: str = "") -> Event | None:
        """Return the newest event of a kind (and a source), None if there is none; no other is read."""
        return self._journal.last(kind, source)

    def blob(self, digest: str) -> bytes:
        """Return a stored blob; KeyError if it is not here."""
        return self._blobs.get(digest)

    def plan(self) -> Mapping[str, Any]:
        """Return the plan as plain data."""
        return read_json(self.folder / PLAN)

    def state(self) -> RunState:
        """Return the state after the last event."""
        return self.state_at(sys.maxsize)

    def state_at(self, position: int, *, widened: bool = False) -> RunState:
        """Return the state after the event at `position` (see `RunReader`); going back folds from the start."""
        state = self._latest if self._latest.position <= position else RunState()
        while batch := self._journal.read(state.position, min(BATCH, max(0, position - state.position))):
            state = folded(self.folder, batch, state)
        self._latest = state  # one frozen value: whoever reads in another thread sees it whole
        return with_unknown_ends(state) if widened else state

    def close(self) -> None:
        """Release the journal."""
        self._journal.close()


def folded(folder: Path, events: Iterable[Event], state: RunState | None = None) -> RunState:
    """Return the state after the events of a run; DamagedRecord, naming its journal, if they cannot follow each other."""
    state = state or RunState()
    for event in events:
        try:
            state = reduce(state, event)
        except IllegalEvent as error:
            raise DamagedRecord(
                f"the journal {folder / JOURNAL} is damaged: event {event.position} ({event.kind}): {error}",
                remedy=f"Copy the folder {folder.name} and change nothing in it; `labcore events {folder.name} --json` prints it.",
            ) from error
    return state


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON file of a run, {} if there is none; DamagedRecord if it is damaged."""
    remedy = "It was not changed. Take it from a backup; the journal and the other files of the folder can be read."
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise DamagedRecord(f"{path} is damaged: {error}", remedy=remedy) from error
    if not isinstance(data, dict):
        raise DamagedRecord(f"{path} is damaged: it holds no mapping", remedy=remedy)
    return data


@contextmanager
def under_way(folder: Path) -> Iterator[None]:
    """Leave a mark beside the runs while one is under way: what is still marked, with nobody at work, was interrupted."""
    mark = _marks(folder.parent.parent) / folder.name
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    yield
    mark.unlink(missing_ok=True)  # not after an exception: the run has no end then


def interrupted_runs(data: Path) -> list[Path]:
    """Return the folders of runs that a process left unfinished, oldest first; cheap where there are none."""
    marks = _marks(data)
    if not marks.is_dir():
        return []
    folders = (data / "runs" / mark.name for mark in sorted(marks.iterdir()))
    return [one for one in folders if _is_run(one) and not is_alive(pid_of(one))]


def is_marked(folder: Path) -> bool:
    """Say whether a run is under way or was cut off; one that came to its end is not."""
    return (_marks(folder.absolute().parent.parent) / folder.name).exists()


def pid_of(folder: Path) -> int:
    """Return which process wrote a run, 0 if its header does not tell."""
    try:
        return int(read_json(folder / HEADER).get("pid") or 0)
    except (DamagedRecord, TypeError, ValueError):
        return 0


def _marks(data: Path) -> Path:
    return data / "under-way"


def run_folders(data: Path) -> list[Path]:
    """Return the folders of all runs, oldest first."""
    root = data / "runs"
    if not root.is_dir():
        return []
    return sorted(
        (path for path in root.iterdir() if _is_run(path)), key=lambda path: (_began(path), path.name)
    )


def _is_run(folder: Path) -> bool:
    """Say whether a folder is a run's, also if its header is lost."""
    return any((folder / name).exists() for name in (HEADER, JOURNAL, WIRE))


def _began(folder: Path) -> int:
    """Return when a run began, ns: by its header, else by the folder's name."""
    try:
        return int(read_json(folder / HEADER)["started_ns"])
    except (DamagedRecord, KeyError, TypeError, ValueError):
        pass
    try:
        stamp = datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return 0
    return int(stamp.timestamp()) * 10**9


def find_run(data: Path, run: str) -> Path:
    """Return the folder of a run by id, by a unique beginning or end of it, or "last"; UsageError if there is none."""
    given = Path(run)
    if _is_run(given):
        return given
    folders = run_folders(data)
    if run in ("last", "latest") and folders:
        return folders[-1]
    matches = [path for path in folders if path.name == run] or [
        path for path in folders if path.name.startswith(run) or path.name.endswith(run)
    ]
    if len(matches) == 1:
        return matches[0]
    known = ", ".join(path.name for path in folders[-5:]) or "none"
    problem = "several runs match" if matches else "there is no run"
    raise UsageError(
        f"{problem} {run!r} in {data}", remedy=f"Newest runs: {known}. `labcore runs` lists them."
    )


def is_alive(pid: int) -> bool:
    """Say whether the process that wrote a run still lives."""
    if pid <= 0:
        return False
    if os.name == "nt":  # os.kill(pid, 0) would end the process there
        return _alive_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _alive_windows(pid: int) -> bool:
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == 259  # STILL_ACTIVE
