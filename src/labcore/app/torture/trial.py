"""One trial: run and be killed, recover (and be killed again), finish, be judged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app.copies import lab_data
from labcore.app.torture.child import Subject, marks_file, run_folder
from labcore.app.torture.judge import Evidence, Verdict, judge
from labcore.app.torture.knife import Marks
from labcore.app.torture.point import Point, Trial
from labcore.app.torture.process import TIMED_OUT
from labcore.app.torture.world import facts, truths
from labcore.errors import LabcoreError
from labcore.model.event import Event, RecoveryBegun, StepStarted
from labcore.records.run_folder import JOURNAL
from labcore.state.reduce import fold
from labcore.state.run_state import RunState

Spawn = Callable[[int, Point | None], int]  # number of the process, point -> exit code


@dataclass(frozen=True, slots=True)
class Expected:
    """What the undisturbed run tells: the acts there are, and devices whose simulators keep no record."""

    acts: frozenset[tuple[str, str, str]] = frozenset()
    unrecorded: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class Result(Verdict):
    """What became of a trial. `ready` is the s from the start of the first recovery until all was settled."""

    trial: str
    died: bool
    during: str = ""
    outcome: str = ""
    ready: float | None = None

    def as_data(self) -> dict[str, Any]:
        """Return it for machines."""
        return asdict(self)


def carry_out(subject: Subject, trial: Trial, data: Path, spawn: Spawn, expected: Expected) -> Result:
    """Return what became of it; the trial's folder is kept if something was found."""
    codes = [spawn(number, point) for number, point in enumerate((*trial.points, None))]
    result = _judged(subject, trial, data, codes, expected)
    if not result.findings:
        shutil.rmtree(data, ignore_errors=True)
    return result


def _judged(subject: Subject, trial: Trial, data: Path, codes: list[int], expected: Expected) -> Result:
    marks = [Marks.read(marks_file(data, number)) for number in range(len(codes))]
    result = Result(trial=str(trial), died=codes[0] not in (0, TIMED_OUT))
    if not result.died:
        result.other.append("the process was not killed: the run never comes to this point")
    if codes[-1] != 0:
        result.other.append(_how_it_ended(codes[-1], data))
    folder = run_folder(data)
    try:
        events = read_events(folder) if folder is not None else []
        if not events:
            result.outcome = "never began"
            record = facts(folder / "world") if folder is not None else []
            result.doubled += [f"the world saw {one.act} in a run that never began" for one in record[1:]]
            return result
        assert folder is not None
        state = fold(events)
        _add(result, judge(_evidence(subject, folder, events, state, marks, expected)))
    except LabcoreError as error:
        result.other.append(f"the run cannot be read: {error}")
        return result
    result.outcome = state.outcome or state.status
    result.during = _during(events)
    result.ready = marks[1].seconds_to("recovery_decided", "run_ended") if len(marks) > 1 else None
    return result


def _evidence(
    subject: Subject,
    folder: Path,
    events: list[Event],
    state: RunState,
    marks: list[Marks],
    expected: Expected,
) -> Evidence:
    plan = subject.checked.prepared.plan
    assert plan is not None
    world, vessels = folder / "world", list(state.ledger.vessels)
    really = truths(world, lab_data(subject.checked.texts), subject.seed, subject.checked.catalog, vessels)
    return Evidence(plan, events, state, marks, facts(world), really, expected.acts, expected.unrecorded)


def _add(result: Result, verdict: Verdict) -> None:
    result.issued, result.unknown = verdict.issued, verdict.unknown
    result.doubled += verdict.doubled
    result.lost += verdict.lost
    result.ledger += verdict.ledger
    result.other += verdict.other


def _how_it_ended(code: int, data: Path) -> str:
    if code == TIMED_OUT:
        return "recovery did not come to an end"
    log = data / "log"
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] if log.exists() else []
    return f"recovery failed: {' '.join(last) or f'exit code {code}'}"


def _during(events: list[Event]) -> str:
    """Return the labels of the steps that were under way when the process died."""
    begun = next((event.body for event in events if isinstance(event.body, RecoveryBegun)), None)
    labels = {event.step: event.body.label for event in events if isinstance(event.body, StepStarted)}
    return ", ".join(labels.get(key, key) for key in begun.interrupted) if begun is not None else ""


def read_events(folder: Path) -> list[Event]:
    """Return a run's journal, [] if there is none."""
    if not (folder / JOURNAL).exists():
        return []
    journal = SqliteJournal(folder / JOURNAL, read_only=True)
    try:
        return list(journal.read(-1, 10_000_000))
    finally:
        journal.close()


def write_result(path: Path, result: Result) -> None:
    """Keep a result for the parent."""
    path.write_text(json.dumps(result.as_data(), ensure_ascii=False), encoding="utf-8")


def read_result(path: Path, trial: Trial) -> Result:
    """Return the result a trial's process left; a finding of its own if it left none."""
    if not path.exists():
        return Result(trial=str(trial), died=False, other=["the trial itself came to no result; see its log"])
    return Result(**json.loads(path.read_text(encoding="utf-8")))
