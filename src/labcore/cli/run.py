"""labcore run and labcore simulate."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labcore.cli.arguments import DATA, Data, Lab, Protocol, Set, parameters
from labcore.cli.errors import FAILED, OUTCOMES, PROBLEMS
from labcore.cli.streams import doing, has_person

if TYPE_CHECKING:
    from labcore.engine.control import Control
    from labcore.ports import Prompts
    from labcore.records.finished import FinishedRun

Seed = Annotated[
    int | None, typer.Option(help="Seed of the simulation: the same seed gives the same journal.")
]
Speed = Annotated[
    float | None, typer.Option(help="Run the clock so many times faster (simulated devices only).")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation before a real run.")]
Language = Annotated[str, typer.Option("--language", help="Language of the notebook: en or ja.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Do not show progress.")]
Simulate = Annotated[
    bool, typer.Option("--simulate", help="Replace every device by its simulator, in virtual time.")
]


FromNow = Annotated[
    bool, typer.Option("--from-now", help="Simulate from what the lab remembers, not from its file.")
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the user wants a protocol to be run."""

    simulate: bool
    seed: int | None = None
    speed: float | None = None
    data: Path = DATA
    yes: bool = False
    quiet: bool = False
    language: str = "en"
    from_now: bool = False


def run(
    protocol: Protocol, lab: Lab = None, set_: Set = None, simulate: Simulate = False, seed: Seed = None,
    speed: Speed = None, data: Data = DATA, yes: Yes = False, quiet: Quiet = False, language: Language = "en",
    from_now: FromNow = False,
) -> None:  # fmt: skip
    """Run a protocol. The last line names the report."""
    run_protocol(
        protocol, lab, parameters(set_), Wanted(simulate, seed, speed, data, yes, quiet, language, from_now)
    )


def simulate(
    protocol: Protocol, lab: Lab = None, set_: Set = None, seed: Seed = None, speed: Speed = None, data: Data = DATA,
    quiet: Quiet = False, language: Language = "en", from_now: FromNow = False,
) -> None:  # fmt: skip
    """Run a protocol against simulated devices in virtual time (the same as `run --simulate`)."""
    run_protocol(
        protocol, lab, parameters(set_), Wanted(True, seed, speed, data, True, quiet, language, from_now)
    )


def run_protocol(protocol: Path, lab: Path | None, given: dict[str, str], wanted: Wanted) -> None:
    """Check, confirm, run, and end with the report's path and the exit code of the outcome."""
    from labcore.app.api import check, how_to_run, run_checked
    from labcore.app.emergency import refuse_latched
    from labcore.app.in_use import refuse_devices_in_use
    from labcore.cli.gate import confirm_in_terminal, refuse_what_is_unknown
    from labcore.cli.notebook import check_language
    from labcore.cli.problems import show_problems
    from labcore.cli.progress import progress
    from labcore.cli.stalls import tell_of_stalls

    check_language(wanted.language)
    checked = check(
        protocol,
        lab=lab,
        parameters=given,
        simulate=wanted.simulate,
        from_now=wanted.from_now or not wanted.simulate,
    )
    if (
        not wanted.simulate and checked.prepared.plan is not None
    ):  # while another run is at work, where things stand is its business
        refuse_devices_in_use(checked.prepared)
    show_problems(checked)
    if not checked.ok:
        raise typer.Exit(PROBLEMS)
    terminal = terminal_prompts(simulate=wanted.simulate)
    more: dict[str, Any] = {"prompts": terminal, "language": wanted.language, "from_now": wanted.from_now}
    if wanted.quiet and wanted.simulate:
        more["watch"] = tell_of_stalls
    else:  # the terminal that takes the answers shows the questions
        more["watch"] = progress(checked, quiet=wanted.quiet, questions=terminal is None)
    more["confirm"] = confirm_in_terminal(yes=wanted.yes, terminal=terminal is not None)
    how = how_to_run(
        checked,
        simulate=wanted.simulate,
        speed=wanted.speed,
        seed=wanted.seed,
        data=wanted.data,
        by=user(),
        more=more,
    )
    if not wanted.simulate:
        refuse_latched(checked.prepared.plan.lab.lab)  # type: ignore[union-attr]
        refuse_devices_in_use(checked.prepared)
        refuse_what_is_unknown(checked)
    with doing("the run goes on", patient=wanted.simulate):
        finished = run_checked(checked, how)
    say_end(finished)
    raise typer.Exit(OUTCOMES.get(finished.word, FAILED))


def say_end(finished: FinishedRun) -> None:
    """Print how a run ended, and what is uncertain if that was not as planned; the last line is the path of its report."""
    from labcore.cli.holdings import finished_vessels, uncertain

    reason = f": {finished.state.reason}" if finished.state.reason else ""
    typer.echo(f"{finished.word}{reason}")
    for line in uncertain(finished_vessels(finished)) if finished.word != "done" else ():
        typer.echo(f"uncertain: {line}")
    typer.echo(f"run {finished.id}")
    typer.echo(str(finished.report or finished.folder))


def terminal_prompts(*, simulate: bool) -> object:
    """Answer questions in this terminal if a person sits at it; a simulation asks its simulated person."""
    if simulate or not has_person():
        return None
    from rich.console import Console

    from labcore.adapters.prompts_terminal import TerminalPrompts

    def make(control: Control) -> Prompts:
        by = user()
        return TerminalPrompts(Console(), lambda word: control.post(word, by), by=by)

    return make


def user() -> str:
    """Return who sits at this computer."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown user"
