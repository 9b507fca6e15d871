"""Ask a run of another process to pause, resume, stop or abort, and follow what becomes of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from labcore.adapters.loopback_client import NoAnswer, ask, read_address
from labcore.app.opening import open_run
from labcore.app.reachable import CONTROL, STATUS
from labcore.app.run_lock import is_held
from labcore.errors import LabcoreError, StorageError, UsageError
from labcore.model.event import Event
from labcore.records.finished import FinishedRun
from labcore.records.run_folder import RunFolder, find_run, is_alive

ControlWord = Literal["pause", "resume", "stop", "abort"]
HEARD_WITHIN = 5.0  # s
TOLD_WITHIN = 0.5  # s for a process to say how its run stands
LOOK_EVERY = 0.1  # s
ENDED_WITHIN = 20.0  # s for a process that ends without a record
ENDS = ("done", "failed", "stopped", "aborted")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run, by whom and why; `now` with a pause only."""

    ask: ControlWord
    by: str
    why: str = ""
    now: bool = False


def request(run: str, wanted: Request, *, data: Path) -> tuple[FinishedRun, int]:
    """Ask a run under way; return it and the position of the event that records the request.

    UsageError if there is no such run, if it cannot be reached or if the request makes no sense now; LabcoreError if its
    process lives and does not answer; StorageError if nothing can be recorded there: stop and abort end it all the same.
    """
    folder = find_run(data, run)
    found = open_run(str(folder), data=data)
    address = read_address(folder / CONTROL)
    if address is None or not is_alive(int(address["pid"])):
        raise _unreachable(found)
    try:
        answer = next(ask(address, asdict(wanted), first=HEARD_WITHIN, within=HEARD_WITHIN), {})
    except NoAnswer as error:
        raise LabcoreError(
            f"process {address['pid']} of run {found.id} lives but does not answer ({error}); "
            f"whether it was asked to {wanted.ask} is not known",
            remedy="Look at its devices. `labcore estop` makes them safe, `labcore events` shows what it recorded.",
        ) from error
    if answer.get("stalled"):
        raise _stands_still(found, wanted.ask, int(address["pid"]), str(answer["stalled"]), data)
    if answer.get("position") is None:
        raise UsageError(f"run {found.id}: {answer.get('refused') or 'it has ended'}")
    return found, int(answer["position"])


def standing(found: FinishedRun) -> tuple[str, str]:
    """Return how a run stands and why; "stalled" if its process says that the record cannot be written."""
    address = read_address(found.folder / CONTROL)
    if address is None or found.word in ENDS or not is_alive(int(address["pid"])):
        return found.word, found.state.reason
    try:
        answer = next(ask(address, {"ask": STATUS}, first=TOLD_WITHIN, within=TOLD_WITHIN), {})
    except NoAnswer:
        answer = {}
    return ("stalled", str(answer["stalled"])) if answer.get("stalled") else (found.word, found.state.reason)


def _stands_still(found: FinishedRun, what: ControlWord, pid: int, why: str, data: Path) -> StorageError:
    """Return what became of a request to a run whose record cannot be written; an end is waited for."""
    if what not in ("stop", "abort"):
        remedy = f"Free space there, then ask again; `labcore stop {found.id}` ends it."
        return StorageError(f"run {found.id} stands still: {why}", remedy=remedy)
    ends, pause = time.monotonic() + ENDED_WITHIN, threading.Event()
    while is_held(found.folder) and time.monotonic() < ends:
        pause.wait(LOOK_EVERY)
    if is_held(found.folder):
        told, remedy = (
            f"its process {pid} has not ended",
            "Look at its devices; `labcore estop` makes them safe.",
        )
    elif (word := open_run(str(found.folder), data=data).word) in ENDS:
        told, remedy = f"it has ended: {word}", "There was space again."
    else:
        told = "its process has made its devices safe and ended; the run is interrupted"
        remedy = f"Free space there, then: labcore recover {found.id}"
    return StorageError(f"run {found.id} stood still ({why}); {told}", remedy=remedy)


def follow(record: RunFolder, after: int, within: float) -> Iterator[Event]:
    """Yield the events of a run after a position as they come, for at most `within` s."""
    ends = time.monotonic() + within
    pause = threading.Event()
    while True:
        for event in record.events(after):
            after = event.position
            yield event
        if time.monotonic() > ends:
            return
        pause.wait(LOOK_EVERY)


def _unreachable(found: FinishedRun) -> UsageError:
    if found.word in ENDS:
        return UsageError(f"run {found.id} has ended: {found.word}", remedy="There is nothing to control.")
    if found.word == "interrupted":
        return UsageError(
            f"the process of run {found.id} is gone", remedy=f"Type: labcore recover {found.id}"
        )
    if found.header.get("simulated"):
        return UsageError(
            f"run {found.id} goes on in virtual time, where nobody can break in",
            remedy="It ends by itself; with --speed a simulation can be controlled.",
        )
    return UsageError(f"run {found.id} cannot be reached", remedy="Use the terminal in which it runs.")
