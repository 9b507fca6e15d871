"""Before a real run: show what is believed to stand where and what moves first, and ask once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from labcore.cli.confirm import confirmed
from labcore.cli.holdings import holdings
from labcore.errors import DecisionNeeded

if TYPE_CHECKING:
    from labcore.app.api import Checked
    from labcore.model.plan import Plan

FIRST_ACTS = 3


def confirm_real_run(checked: Checked, *, yes: bool) -> None:
    """Show and ask; DecisionNeeded if something is unknown or the person says no."""
    from labcore.app.lab_state import refuse_unknown

    plan = checked.prepared.plan
    assert plan is not None
    _show_devices(plan)
    left = checked.remembered
    typer.echo(
        "What stands where, " + (f"as run {left.run_id} left it:" if left else "as the lab file says:")
    )
    for one in plan.bench:
        total = (
            f"{one.total.mid:.4g} mL [{one.total.low:.4g} to {one.total.high:.4g}]: "
            if one.total and len(one.contents) > 1
            else ""
        )
        typer.echo(f"  {one.vessel} at {one.place or 'UNKNOWN'}: {total}{holdings(one.contents, one.solids)}")
    typer.echo("First:")
    for planned in [p for p in checked.prepared.timeline if p.effects.changes][:FIRST_ACTS]:
        typer.echo(f"  {planned.key}: {planned.node.label} [{', '.join(planned.effects.devices)}]")
    refuse_unknown(plan.bench, left)
    if not yes and not confirmed("Is this so, and may it begin?"):
        raise DecisionNeeded(
            "not confirmed; nothing was moved", remedy="Correct it with `labcore lab set`, or answer yes."
        )


def _show_devices(plan: Plan) -> None:
    from labcore.app.machines import is_simulated_device

    drivers = [entry for entry in plan.lab.devices.values() if entry.driver is not None]
    word = "rehearsal" if drivers and all(map(is_simulated_device, drivers)) else "real run"
    typer.echo(f"A {word} in: {plan.lab.lab}")
    for name, entry in plan.lab.devices.items():
        if entry.driver is not None:
            kind = "simulated" if is_simulated_device(entry) else "REAL"
            address = entry.source if entry.port is None else entry.port
            typer.echo(
                f"  device {name}: {entry.driver} at {'a person' if address is None else address} ({kind})"
            )
