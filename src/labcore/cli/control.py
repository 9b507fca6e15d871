"""labcore pause, resume, stop, abort: control a run from another terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labcore.cli.arguments import DATA, Data, Run
from labcore.cli.errors import DECISION, DONE, FAILED

if TYPE_CHECKING:
    from labcore.app.controlling import ControlWord
    from labcore.model.event import Event
    from labcore.records.finished import FinishedRun

Why = Annotated[str, typer.Option("--why", help="Why; it stands in the journal with your name.")]
Wait = Annotated[float, typer.Option("--wait", help="How long to wait for it to happen, s.")]
Now = Annotated[
    bool,
    typer.Option("--now", help="Do not wait for steps that may be begun again: cut them; they begin anew."),
]
SOON = 30.0  # s
CLEAN_UP = 330.0  # s; what a stop gives its clean-up, and a little


def pause(run: Run, data: Data = DATA, why: Why = "", now: Now = False, wait: Wait = SOON) -> None:
    """Pause a run at its next safe point. Outputs stay as they are; only `labcore resume` goes on."""
    _control("pause", run, data, why, wait, now=now)


def resume(run: Run, data: Data = DATA, why: Why = "", wait: Wait = SOON) -> None:
    """Go on with a paused run."""
    _control("resume", run, data, why, wait)


def stop(run: Run, data: Data = DATA, why: Why = "", wait: Wait = CLEAN_UP) -> None:
    """Stop a run: steps are cut, devices made safe at once, then its clean-up."""
    _control("stop", run, data, why, wait)


def abort(run: Run, data: Data = DATA, why: Why = "", wait: Wait = SOON) -> None:
    """Abort a run: every device safe now, no clean-up."""
    _control("abort", run, data, why, wait)


def _control(what: ControlWord, run: str, data: Path, why: str, wait: float, *, now: bool = False) -> None:
    from labcore.app.controlling import Request, request
    from labcore.cli.run import user

    found, position = request(run, Request(what, user(), why, now), data=data)
    typer.echo(f"{found.id}: {what} is on record (event {position})")
    if what == "resume":
        raise typer.Exit(_resumed(found))
    raise typer.Exit(_until(found, position, "paused" if what == "pause" else "run_ended", wait))


def _until(found: FinishedRun, position: int, kind: str, wait: float) -> int:
    """Wait until it happened, telling what each device says; FAILED, and what it waits for, if it did not."""
    from labcore.app.controlling import follow
    from labcore.cli.plan import clock
    from labcore.model import event as ev

    done = found.record.last("step_ended")
    for event in follow(found.record, position, wait):
        done = event if event.kind == "step_ended" else done
        if isinstance(event.body, ev.StopSettled):
            by = f", confirmed by {event.body.confirmed_by}" if event.body.confirmed_by else ""
            typer.echo(f"  {event.device}: {event.body.status}{by} {event.body.message}".rstrip())
        if event.kind == kind or isinstance(event.body, ev.RunEnded):
            word = event.body.outcome if isinstance(event.body, ev.RunEnded) else event.kind
            typer.echo(f"{word} at {clock(event.at)}{_after(done)}")
            return DONE if event.kind == kind else FAILED
    typer.echo(
        f"it has not happened within {wait:g} s: the run is {found.record.state().status}, {_going(found)}"
    )
    return FAILED


def _after(last: Event | None) -> str:
    """Name the step that ended last."""
    return f" after step {last.step}" if last is not None and last.step else ""


def _going(found: FinishedRun) -> str:
    steps = [f"step {key} ({one.verb})" for key, one in found.record.state().live.items() if key]
    return f"under way: {', '.join(steps)}" if steps else "no step is under way"


def _resumed(found: FinishedRun) -> int:
    state = found.record.state()
    open_ = [question for question in state.questions.values() if question.ask == "decide"]
    typer.echo(f"the run is {state.status}")
    for question in open_:
        typer.echo(f"{question.question} needs a decision: {question.text} ({', '.join(question.options)})")
    return DECISION if open_ else DONE
