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
from labcore.app.reachable import CONTROL
from labcore.errors import LabcoreError, UsageError
from labcore.model.event import Event
from labcore.records.finished import FinishedRun
from labcore.records.run_folder import RunFolder, find_run, is_alive

ControlWord = Literal["pause", "resume", "stop", "abort"]
HEARD_WITHIN = 5.0  # s
LOOK_EVERY = 0.1  # s


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
    process lives and does not answer.
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
    if answer.get("position") is None:
        raise UsageError(f"run {found.id}: {answer.get('refused') or 'it has ended'}")
    return found, int(answer["position"])


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
    if found.word in ("done", "failed", "stopped", "aborted"):
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
