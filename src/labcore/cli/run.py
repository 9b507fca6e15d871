"""labcore run and labcore simulate."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labcore.cli.arguments import DATA, Data, Lab, Protocol, Set, parameters
from labcore.cli.errors import FAILED, OUTCOMES, PROBLEMS

if TYPE_CHECKING:
    from labcore.app.api import Checked

Seed = Annotated[
    int | None, typer.Option("--seed", help="Seed of the simulation: the same seed gives the same journal.")
]
Speed = Annotated[
    float | None,
    typer.Option("--speed", help="Run the clock this many times faster (simulated devices only)."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation before a real run.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Do not show progress.")]


def run(
    protocol: Protocol, lab: Lab = None, set_: Set = None,
    simulate: Annotated[bool, typer.Option("--simulate", help="Replace every device by its simulator, in virtual time.")] = False,
    seed: Seed = None, speed: Speed = None, data: Data = DATA, yes: Yes = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """Run a protocol. The last line names the report."""
    run_protocol(protocol, lab, parameters(set_), simulate, seed, speed, data, yes, quiet)


def simulate(
    protocol: Protocol,
    lab: Lab = None,
    set_: Set = None,
    seed: Seed = None,
    speed: Speed = None,
    data: Data = DATA,
    quiet: Quiet = False,
) -> None:
    """Run a protocol against simulated devices in virtual time (the same as `run --simulate`)."""
    run_protocol(protocol, lab, parameters(set_), True, seed, speed, data, True, quiet)


def run_protocol(
    protocol: Path, lab: Path | None, given: dict[str, str], simulate: bool, seed: int | None, speed: float | None, data: Path,
    yes: bool, quiet: bool,
) -> None:  # fmt: skip
    """Check, confirm, run, and end with the report's path and the exit code of the outcome."""
    from labcore.app.api import check, how_to_run, run_checked
    from labcore.cli.gate import confirm_real_run
    from labcore.cli.problems import show_problems
    from labcore.cli.progress import progress

    checked = check(protocol, lab=lab, parameters=given, simulate=simulate)
    show_problems(checked)
    if not checked.ok:
        raise typer.Exit(PROBLEMS)
    more = {"watch": None if quiet else progress(checked), "prompts": _terminal(simulate)}
    if not simulate:
        more["bench"] = confirm_real_run(checked, yes=yes)
    how = how_to_run(checked, simulate=simulate, speed=speed, seed=seed, data=data, by=_user(), more=more)
    finished = run_checked(checked, how)
    _say_end(checked, finished)
    raise typer.Exit(OUTCOMES.get(finished.word, FAILED))


def _say_end(checked: Checked, finished: object) -> None:
    run = finished
    reason = f": {run.state.reason}" if run.state.reason else ""  # type: ignore[attr-defined]
    typer.echo(f"{run.word}{reason}")  # type: ignore[attr-defined]
    typer.echo(f"run {run.id}")  # type: ignore[attr-defined]
    typer.echo(str(run.report or run.folder))  # type: ignore[attr-defined]


def _terminal(simulate: bool) -> object:
    """Answer questions in this terminal if a person sits at it; a simulation asks its simulated person."""
    if simulate or not sys.stdin.isatty():
        return None
    from rich.console import Console

    from labcore.adapters.prompts_terminal import TerminalPrompts

    def make(control: object) -> object:
        by = _user()
        return TerminalPrompts(Console(), lambda word: control.post(word, by), by=by)  # type: ignore[attr-defined]

    return make


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown user"
