"""Before a real run: show what is believed to stand where and what moves first, and ask once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from labcore.errors import DecisionNeeded

if TYPE_CHECKING:
    from labcore.app.api import Checked
    from labcore.model.event import VesselStated

FIRST_ACTS = 3


def confirm_real_run(checked: Checked, *, yes: bool) -> tuple[VesselStated, ...]:
    """Return the bench the run begins with; DecisionNeeded if something is unknown or the person says no."""
    from labcore.app.lab_state import bench_for
    from labcore.app.machines import is_simulated_device

    plan = checked.prepared.plan
    assert plan is not None
    bench, remembered = bench_for(plan)
    typer.echo(f"A real run in: {plan.lab.lab}")
    for name, entry in plan.lab.devices.items():
        if entry.driver is not None:
            kind = "simulated" if is_simulated_device(entry) else "REAL"
            typer.echo(
                f"  device {name}: {entry.driver} at {entry.port or entry.source or 'a person'} ({kind})"
            )
    typer.echo(
        "What stands where"
        + (f", as run {remembered.run_id} left it:" if remembered else ", as the lab file says:")
    )
    for one in bench:
        held = (
            ", ".join(f"{a.mid:.4g} mL {m} [{a.low:.4g} to {a.high:.4g}]" for m, a in one.contents.items())
            or "empty"
        )
        typer.echo(f"  {one.vessel} at {one.place or 'UNKNOWN'}: {held}")
    typer.echo("First:")
    for planned in [p for p in checked.prepared.timeline if p.effects.changes][:FIRST_ACTS]:
        typer.echo(f"  {planned.key}: {planned.node.label} [{', '.join(planned.effects.devices)}]")
    _refuse_unknown(bench, remembered)
    if not yes and not _confirmed():
        raise DecisionNeeded(
            "not confirmed; nothing was moved", remedy="Correct it with `labcore lab set`, or answer yes."
        )
    return bench


def _refuse_unknown(bench: tuple[VesselStated, ...], remembered: object) -> None:
    unknown = [one.vessel for one in bench if one.place is None]
    unsettled = getattr(remembered, "unsettled", ())
    if unknown or unsettled:
        what = ", ".join(
            [*(f"where {name} stands" for name in unknown), *(f"what became of {act}" for act in unsettled)]
        )
        raise DecisionNeeded(
            f"nobody knows {what}",
            remedy="Look, then say so with `labcore lab set LAB VESSEL --place ... --holds ...`, or `labcore lab reset`.",
        )


def _confirmed() -> bool:
    """Ask; no terminal to ask in is no confirmation."""
    try:
        return typer.confirm("Is this so, and may it begin?")
    except typer.Abort:
        return False
