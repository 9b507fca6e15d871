"""Before a real run: show who answered, what limits and hazards there are, what stands where, what moves first, and ask once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import typer

from labcore.cli.confirm import confirmed
from labcore.cli.holdings import holdings
from labcore.errors import DecisionNeeded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from labcore.app.api import Checked
    from labcore.app.gate import DeviceAtGate, Gate, Question
    from labcore.model.event import VesselStated

YES = ("yes", "y", "true")
QUESTION = "Is this so, and may it begin?"


def refuse_what_is_unknown(checked: Checked) -> None:
    """Show what stands where and raise DecisionNeeded, before a device is touched, if something is unknown."""
    from labcore.app.lab_state import refuse_unknown

    plan = checked.prepared.plan
    assert plan is not None
    try:
        refuse_unknown(plan.bench, checked.remembered)
    except DecisionNeeded:
        _show_bench(plan.bench)
        raise


def confirm_in_terminal(*, yes: bool, terminal: bool) -> Callable[[Gate, Question], Awaitable[bool]]:
    """Return how to confirm: show everything, then ask, in the terminal that answers questions if there is one."""

    async def confirm(gate: Gate, ask: Question) -> bool:
        _show(gate)
        if yes:
            return True
        return await _answered(ask) if terminal else confirmed(QUESTION)

    return confirm


async def _answered(ask: Question) -> bool:
    from labcore.model.event import Asked

    holds = "The devices are connected; nothing has moved"
    answer = await ask(Asked("", QUESTION, "confirm", ("yes", "no"), holds=holds))
    return str(answer.value).casefold() in YES


def _show(gate: Gate) -> None:
    word = "rehearsal" if gate.rehearsal else "real run"
    typer.echo(f"A {word} of {gate.protocol!r} in: {gate.lab}")
    for device in gate.devices:
        _show_device(device)
    for hazard in gate.hazards:
        typer.echo(f"  beware: {hazard}")
    _show_bench(gate.bench)
    typer.echo("First:")
    for step in gate.first:
        typer.echo(f"  {step}")


def _show_device(device: DeviceAtGate) -> None:
    kind = "simulated" if device.simulated else "REAL"
    who = f"{device.identity}, serial number {device.serial or 'not told'}"
    typer.echo(f"  device {device.name}: {device.driver} at {device.address} ({kind}): {who}")
    for limit in device.limits:
        typer.echo(f"    {limit}")


def _show_bench(bench: Iterable[VesselStated]) -> None:
    typer.echo("What stands where, and who says so:")
    for one in bench:
        total = (
            f"{one.total.mid:.4g} mL [{one.total.low:.4g} to {one.total.high:.4g}]: "
            if one.total and len(one.contents) > 1
            else ""
        )
        place = one.place or "UNKNOWN"
        typer.echo(f"  {one.vessel} at {place}: {total}{holdings(one.contents, one.solids)} (by {one.by})")
