"""labcore lab: what a lab believes stands where, and corrections by people."""

from __future__ import annotations

import getpass
import json
from typing import Annotated

import typer

from labcore.cli.arguments import Json
from labcore.cli.holdings import holdings

app = typer.Typer(
    help="Show or correct what a lab remembers between real runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(help="The lab's name or its file.")]


def _name(lab: str) -> str:
    from pathlib import Path

    from labcore.app import load_lab

    return load_lab(lab).lab if Path(lab).suffix in (".yaml", ".yml") and Path(lab).exists() else lab


@app.command()
def show(lab: Name, json_: Json = False) -> None:
    """Show what is remembered."""
    from dataclasses import asdict

    from labcore.app.lab_state import recall

    remembered = recall(_name(lab))
    if remembered is None:
        typer.echo("nothing is remembered: the lab file says how it begins")
        return
    if json_:
        vessels = {name: asdict(vessel) for name, vessel in remembered.ledger.vessels.items()}
        typer.echo(
            json.dumps(
                {"run": remembered.run, "unsettled": list(remembered.unsettled), "vessels": vessels},
                ensure_ascii=False,
            )
        )
        return
    for name, vessel in remembered.ledger.vessels.items():
        typer.echo(f"{name} at {vessel.place or 'unknown place'}: {holdings(vessel.contents)}")
    for one in remembered.unsettled:
        typer.echo(f"unsettled: {one}")


@app.command("set")
def set_(
    lab: Name, vessel: Annotated[str, typer.Argument(help="The vessel.")],
    place: Annotated[str | None, typer.Option("--place", help="Where it stands.")] = None,
    holds: Annotated[list[str] | None, typer.Option("--holds", help='What it holds: --holds "acetone=20 mL". May be repeated.')] = None,
    by: Annotated[str, typer.Option("--by", help="Who says so.")] = "",
) -> None:  # fmt: skip
    """Correct what is remembered of one vessel; the correction carries its author."""
    from labcore.app.lab_state import correct, recall
    from labcore.errors import UsageError
    from labcore.model.event import VesselStated
    from labcore.model.interval import Interval
    from labcore.model.quantity import parse_quantity

    remembered = recall(_name(lab))
    if remembered is None or vessel not in remembered.ledger.vessels:
        known = ", ".join(remembered.ledger.vessels) if remembered else "none"
        raise UsageError(f"the lab remembers no vessel {vessel!r}", remedy=f"Remembered: {known}.")
    old = remembered.ledger.vessels[vessel]
    contents = dict(old.contents) if holds is None else {}
    for one in holds or ():
        material, _, amount = one.partition("=")
        contents[material.strip()] = Interval.around(parse_quantity(amount).in_("mL"), relative=0.02)
    who = by or getpass.getuser()
    correct(
        _name(lab),
        VesselStated(
            vessel, old.labware, place if place is not None else old.place, contents, who, old.closed
        ),
    )
    typer.echo(f"{vessel}: corrected by {who}")


@app.command()
def reset(lab: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Forget what is remembered: the next real run begins from the lab file."""
    from labcore.app.lab_state import reset as forget

    if yes or typer.confirm(f"Forget what stands where in {lab!r}?"):
        forget(_name(lab))
        typer.echo("forgotten")
