"""labcore estop: the latched emergency stop of a lab, with or without a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labcore.cli.errors import DECISION, DONE, FAILED

if TYPE_CHECKING:
    from labcore.app.estop import LabAt, Pressed

NO_REPLACEMENT = "This does not replace the hardware emergency stop of your bench: if in doubt, press that."
CHECKS = """Before it is reset, look:
  - nobody is in reach of what may move, and nothing spills, smokes or boils;
  - every device is as it says (a gripper may still hold a vessel; a reset machine has lost its position);
  - what caused the stop is removed, and the hardware emergency stop, if it was pressed, is released by whoever may do that;
  - what the vessels hold: acts that were cut have an interval, or nobody knows (`labcore show`, `labcore lab show`).
Nothing goes on by itself afterwards: the run that was stopped has ended."""
HELD = "`labcore estop --reset` ends it; until then nothing starts and no act is sent."
NOT_HELD = "NOTHING HOLDS THE LAB: make its state folder writable (LABCORE_STATE) and press again."
WORDS = {"confirmed": "confirmed safe", "sent": "SENT, NOT CONFIRMED", "not_reached": "NOT REACHED"}


def estop(
    lab: Annotated[str | None, typer.Option("--lab", help="Name or file of the lab (default: the one with a run).")] = None,
    why: Annotated[str, typer.Option("--why", help="Why; it is kept with your name.")] = "",
    reset: Annotated[bool, typer.Option("--reset", help="End the emergency stop, after saying what to check.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say whether it is set (exit code 5 if it is).")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a reset.")] = False,
) -> None:  # fmt: skip
    """Make every device of a lab safe now, and let nothing start until it is reset.

    It works without a run. It does not replace a hardware emergency stop.
    """
    from labcore.app.estop import find_labs, press
    from labcore.cli.run import user

    labs = find_labs(lab)
    if status:
        raise typer.Exit(max([_status(one) for one in labs]))
    if reset:
        _reset(labs, why, yes=yes)
        return
    pressed = [press(one, user(), why) for one in labs]
    for one in pressed:
        _show(one)
    typer.echo(NO_REPLACEMENT)
    raise typer.Exit(DONE if all(one.safe for one in pressed) else FAILED)


def _show(pressed: Pressed) -> None:
    from labcore.app.estop import worst_first

    typer.echo(
        f"Emergency stop of {pressed.lab.name}: {f'set {pressed.latched}' if pressed.latched else 'NOT LATCHED'}"
    )
    for report in worst_first(pressed.reports):
        typer.echo(f"  {report.device}: {WORDS[report.made]}{': ' if report.message else ''}{report.message}")
    for remark in pressed.remarks:
        typer.echo(f"  {remark}")
    if not pressed.reports and pressed.known:
        typer.echo("  there is no device here that could be stopped over a line")
    typer.echo(HELD if pressed.latched else NOT_HELD)


def _status(lab: LabAt) -> int:
    who = lab.latch.read()
    typer.echo(f"Emergency stop of {lab.name}: {f'set {who}' if who else 'not set'}")
    return DECISION if who else DONE


def _reset(labs: list[LabAt], why: str, *, yes: bool) -> None:
    from labcore.app.estop import forget_dead_guards, reset
    from labcore.cli.run import user
    from labcore.errors import DecisionNeeded, UsageError

    if len(labs) != 1:
        names = ", ".join(lab.name for lab in labs)
        raise UsageError("which lab? Reset one at a time with --lab", remedy=f"Labs: {names}.")
    typer.echo(f"Emergency stop of {labs[0].name}: {labs[0].latch.read() or 'not set'}")
    typer.echo(CHECKS)
    if not yes and not _confirmed():
        raise DecisionNeeded("not reset", remedy="Look first, then answer yes, or give --yes.")
    reset(labs[0], user(), why)
    forget_dead_guards(labs[0])
    typer.echo(f"reset by {user()}")


def _confirmed() -> bool:
    """Ask; no terminal to ask in is no confirmation."""
    try:
        return typer.confirm("Have you looked, and may things move again?")
    except typer.Abort:
        return False
