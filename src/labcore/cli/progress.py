"""What runs, what is next, how long it still takes, and what the last picture told."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from labcore.cli.plan import clock
from labcore.model import event as ev

if TYPE_CHECKING:
    from labcore.app.api import Checked
    from labcore.app.running import RunUnderWay

UNSAID = ("sequence", "parallel", "choice", "prompt")  # their steps, and the question itself, speak for them


def progress(
    checked: Checked, *, quiet: bool = False, questions: bool = True
) -> Callable[[RunUnderWay], Coroutine[Any, Any, None]]:
    """Return a task that prints a line for every step and every observation of a run under way, to stderr.

    `questions` are printed, too, even when `quiet`, unless somebody else shows them; so is that the record cannot be
    written.
    """
    import anyio

    from labcore.cli.stalls import tell_of_stalls

    expected = checked.prepared.duration
    labels = [(planned.key, planned.node.label) for planned in checked.prepared.timeline]
    starts = planned_starts((planned.key, planned.start) for planned in checked.prepared.timeline)

    async def follow(run: Any) -> None:
        position = -1
        if not quiet:
            print(f"run {run.folder.name}; expected to take {clock(expected)}", file=sys.stderr)
        while True:
            changed = run.writer.changed
            for event in run.record.events(position):
                position = event.position
                if questions if isinstance(event.body, ev.Asked) else not quiet:
                    _show(event, labels, time_left(event.step or "", starts, expected))
            await changed.wait()

    async def watch(run: Any) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(tell_of_stalls, run)
            await follow(run)

    return watch


def _show(event: ev.Event, labels: list[tuple[str, str]], left: float | None) -> None:
    body = event.body
    text = ""
    if isinstance(body, ev.StepStarted) and "#" not in (event.step or "") and body.verb not in UNSAID:
        still = "" if left is None else f"  ~{clock(left)} left"
        text = f"{event.step:<10} {body.label}{_next(event.step or '', labels)}{still}"
    elif isinstance(body, ev.StepEnded) and body.outcome == "failed":
        text = f"{event.step or '':<10} FAILED: {body.error} {body.remedy}"
    elif isinstance(body, ev.Observed) and body.value is not None:
        text = f"{'':<10} {body.observable}({body.subject}) = {body.value:.3g} {body.unit} [{body.low:.2g}, {body.high:.2g}] {body.quality}"
    elif isinstance(body, ev.Asked):
        text = f"{event.step or '':<10} asked: {body.text}"
    elif isinstance(body, ev.ControlAsked | ev.Paused | ev.Warned | ev.ReaderFailed):
        text = f"{'':<10} {event.kind}: {getattr(body, 'what', '') or getattr(body, 'reason', '') or getattr(body, 'error', '')}"
    if text:
        print(f"{clock(event.at):>8}  {text.rstrip()}", file=sys.stderr)


def _next(step: str, labels: list[tuple[str, str]]) -> str:
    keys = [key for key, _ in labels]
    index = keys.index(step) + 1 if step in keys else len(labels)
    return f"  (then: {labels[index][1]})" if index < len(labels) else ""


def planned_starts(timeline: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return the planned starts, s, of steps and of the blocks around them by key, from (key, start) of every step."""
    starts: dict[str, float] = {}
    for key, start in timeline:
        for border in re.finditer(r"[.#]|$", key):
            block = key[: border.start()]
            starts[block] = min(start, starts.get(block, start))
    return starts


def time_left(step: str, starts: Mapping[str, float], expected: float) -> float | None:
    """Return what the plan has still to do when `step` starts, s; None if the plan does not know the step.

    `expected` is the planned end, s. What went before does not matter: a pause or a slow dose leaves as much to do as
    ever, a loop that ended early leaves less.
    """
    start = starts.get(step)
    return None if start is None else max(0.0, expected - start)
