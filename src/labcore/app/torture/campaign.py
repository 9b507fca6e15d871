"""The whole of it: one undisturbed run, its points, the trials, the report."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from labcore.app.copies import lab_data
from labcore.app.torture.child import Subject, marks_file, run_folder
from labcore.app.torture.deeds import deeds
from labcore.app.torture.judge import ledger_findings
from labcore.app.torture.knife import Marks
from labcore.app.torture.point import WAYS, Point, Trial, Way
from labcore.app.torture.points import act_points, chosen, journal_points, spread, wire_points
from labcore.app.torture.trial import Expected, Result, read_events
from labcore.app.torture.workshop import Workshop, one_thread_each
from labcore.app.torture.world import facts, truths
from labcore.errors import ProblemsFound, UsageError
from labcore.state.reduce import fold

SENSIBLE = 120.0  # s of work that the default choice of points is meant for
FEWEST, MOST = 12, 400  # points by default
PATIENCE = 20.0  # times the undisturbed run's duration, the longest that one process may take
LEAST_PATIENCE = 60.0  # s


Settle = Literal["both", "witness", "unknown", "in-turn"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is tortured and how hard.

    `every`: each so-many-th point; `points`: so many, evenly spread; `acts`: five boundaries of every act; `only`: these
    trials. `settle`: who says what became of open acts. `deep`: how many recoveries are killed, too.
    """

    protocol: Path
    lab: Path | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    every: int | None = None
    points: int | None = None
    only: tuple[Trial, ...] = ()
    acts: bool = False
    settle: Settle = "both"
    deep: int = 0


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What the run without a knife showed."""

    outcome: str
    seconds: float
    events: int
    acts: int
    journal: tuple[Point, ...]
    wire: tuple[Point, ...]
    boundaries: tuple[Point, ...]
    ledger: tuple[str, ...]
    expected: Expected


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found."""

    wanted: Wanted
    name: str
    lab: str
    undisturbed: Undisturbed
    results: Sequence[Result]
    seconds: float

    @property
    def failed(self) -> list[Result]:
        """The trials in which something was found."""
        return [one for one in self.results if one.findings]

    @property
    def ok(self) -> bool:
        """Say whether nothing was doubled or lost, and the ledger held."""
        return not self.failed and not self.undisturbed.ledger


Progress = Callable[[int, int, int], None]  # done, of, failed


def torture(wanted: Wanted, folder: Path, progress: Progress | None = None) -> Report:
    """Torture a protocol in `folder`; ProblemsFound if it cannot be run, UsageError if it does not end undisturbed."""
    one_thread_each()
    began = time.monotonic()
    subject = Subject.of(wanted.protocol, wanted.lab, wanted.parameters, wanted.seed)
    if not subject.checked.ok:
        raise ProblemsFound(subject.checked.prepared.errors)
    plan = subject.checked.prepared.plan
    assert plan is not None
    jobs = max(1, min(4, os.cpu_count() or 1))
    undisturbed = _undisturbed(subject, Workshop(subject, folder, jobs, 3600.0))
    workshop = Workshop(subject, folder, jobs, max(LEAST_PATIENCE, PATIENCE * undisturbed.seconds))
    trials = _trials(wanted, undisturbed, jobs)
    results: list[Result] = []
    for result in workshop.results(trials, undisturbed.expected):
        results.append(result)
        if progress is not None:
            progress(len(results), len(trials), sum(bool(one.findings) for one in results))
    order = {str(trial): number for number, trial in enumerate(trials)}
    results.sort(key=lambda one: order[one.trial])
    return Report(wanted, plan.name, plan.lab.lab, undisturbed, results, time.monotonic() - began)


def _undisturbed(subject: Subject, workshop: Workshop) -> Undisturbed:
    began = time.monotonic()
    data = workshop.undisturbed()
    seconds = time.monotonic() - began
    folder = run_folder(data)
    events = read_events(folder) if folder is not None else []
    state = fold(events)
    if folder is None or state.status != "ended":
        log = (data / "log").read_text(encoding="utf-8", errors="replace").strip()
        raise UsageError(
            f"the protocol does not come to an end even undisturbed: {state.status}. {log[-300:]}",
            remedy="Let `labcore simulate` end it first.",
        )
    marks = Marks.read(marks_file(data, 0))
    found, _ = deeds(events, [marks], facts(folder / "world"))
    silent = {one.device for one in found if one.status == "done"} - {
        one.device for one in found if one.happened
    }
    really = truths(
        folder / "world",
        lab_data(subject.checked.texts),
        subject.seed,
        subject.checked.catalog,
        list(state.vessels),
    )
    acts = frozenset(one.identity for one in found if one.happened)
    return Undisturbed(
        state.outcome, seconds, len(events), len(found), tuple(journal_points(marks.lines)),
        tuple(wire_points(marks.lines)), tuple(act_points(marks.lines)), tuple(ledger_findings(state, really)) if not silent else (),
        Expected(acts, frozenset(silent)),
    )  # fmt: skip


def _trials(wanted: Wanted, undisturbed: Undisturbed, jobs: int) -> list[Trial]:
    if wanted.only:
        return list(wanted.only)
    points = _points(wanted, undisturbed, jobs)
    shallow = [Trial((point,), way) for n, point in enumerate(points) for way in _ways(wanted.settle, n)]
    return [one for trial in shallow for one in (_deeper(trial, wanted.deep) if wanted.deep else [trial])]


def _ways(settle: Settle, number: int) -> tuple[Way, ...]:
    if settle == "both":
        return WAYS
    return (WAYS[number % len(WAYS)],) if settle == "in-turn" else (settle,)


def _points(wanted: Wanted, undisturbed: Undisturbed, jobs: int) -> list[Point]:
    journal, wire = undisturbed.journal, undisturbed.wire
    if wanted.acts:
        return list(undisturbed.boundaries)
    if wanted.every is not None:
        return [*journal[:: wanted.every], *wire[:: wanted.every]]
    if wanted.points is not None:
        return chosen(journal, wire, wanted.points)
    # a trial runs the protocol about once in all, and judges it
    affordable = SENSIBLE * jobs / (len(WAYS) * (undisturbed.seconds + 0.1))
    return chosen(journal, wire, int(min(MOST, max(FEWEST, affordable))))


RECOVERY = tuple(Point("commit", n, after=after, relative=True) for n in range(12) for after in (False, True))


def _deeper(trial: Trial, deep: int) -> list[Trial]:
    """Return the trial with kills during its recoveries: a few places at each depth, other ones for each first point."""
    first = trial.points[0]
    shift = (first.number * 7 + first.size * 3 + first.after) % 5
    places = spread(RECOVERY[shift:], 4)
    found = [trial]
    for depth in range(1, deep + 1):
        found += [
            Trial((first, *(places[(start + n) % len(places)] for n in range(depth))), trial.way)
            for start in range(len(places))
        ]
    return found
