"""labcore lab: what a lab believes stands where, and corrections by people."""

from __future__ import annotations

import getpass
import json
from typing import Annotated

import typer

from labcore.cli.arguments import Json
from labcore.cli.holdings import vessel_text, vessels_as_data

app = typer.Typer(
    help="Show or correct what a lab remembers between real runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
HOLDS = (
    'What it holds: --holds "acetone=20 mL" (taken to 2 %) or --holds "acetone=10-12 mL". May be repeated.'
)
Name = Annotated[str, typer.Argument(help="The lab's name or its file.")]


def _name(lab: str) -> str:
    from pathlib import Path

    from labcore.app import load_lab

    return load_lab(lab).lab if Path(lab).suffix in (".yaml", ".yml") and Path(lab).exists() else lab


def _places(lab: str) -> tuple[str, ...]:
    """Return the places of a lab file; none if only its name was given."""
    from pathlib import Path

    from labcore.app import load_lab
    from labcore.app.lab_state import places_of

    return places_of(load_lab(lab)) if Path(lab).suffix in (".yaml", ".yml") and Path(lab).exists() else ()


def _refuse_unknown_place(place: str | None, known: tuple[str, ...]) -> None:
    """UsageError if the lab has no such place; nothing is refused where nobody knows its places."""
    from labcore.errors import UsageError
    from labcore.model.names import nearest

    if place is None or not known or place in known:
        return
    hint = nearest(place, known)
    remedy = f"Did you mean {hint!r}?" if hint else f"Places of this lab: {', '.join(known)}."
    raise UsageError(f"the lab has no place {place!r}", remedy=remedy)


@app.command()
def show(lab: Name, json_: Json = False) -> None:
    """Show what is remembered, as it is now: open vessels go on losing liquid."""
    from labcore.app.lab_state import recall

    remembered = recall(_name(lab))
    if remembered is None:
        typer.echo("nothing is remembered: the lab file says how it begins")
        return
    if json_:
        vessels = vessels_as_data(remembered.ledger.vessels)
        found = {"run": remembered.run, "as_of": remembered.as_of, "unsettled": list(remembered.unsettled)}
        typer.echo(json.dumps({**found, "vessels": vessels}, ensure_ascii=False))
        return
    for name, vessel in remembered.ledger.vessels.items():
        typer.echo(vessel_text(name, vessel))
    for one in remembered.unsettled:
        typer.echo(f"unsettled: {one}")


@app.command("set")
def set_(
    lab: Name, vessel: Annotated[str, typer.Argument(help="The vessel.")],
    place: Annotated[str | None, typer.Option("--place", help="Where it stands.")] = None,
    holds: Annotated[list[str] | None, typer.Option("--holds", help=HOLDS)] = None,
    by: Annotated[str, typer.Option("--by", help="Who says so.")] = "",
) -> None:  # fmt: skip
    """Correct what is remembered of one vessel; the correction carries its author."""
    from labcore.app.lab_state import correct, recall
    from labcore.cli.amounts import holding
    from labcore.errors import UsageError
    from labcore.model.event import VesselStated

    remembered = recall(_name(lab))
    if remembered is None or vessel not in remembered.ledger.vessels:
        known = ", ".join(remembered.ledger.vessels) if remembered else "none"
        raise UsageError(f"the lab remembers no vessel {vessel!r}", remedy=f"Remembered: {known}.")
    _refuse_unknown_place(place, _places(lab) or remembered.places)
    old = remembered.ledger.vessels[vessel]
    contents = dict(old.contents) if holds is None else dict(holding(one) for one in holds)
    who = by or getpass.getuser()
    at = place if place is not None else old.place
    total = old.total if holds is None else None
    stated = VesselStated(vessel, old.labware, at, contents, who, old.closed, old.losses, old.tare, total)
    correct(_name(lab), stated)
    typer.echo(f"{vessel}: corrected by {who}")


@app.command()
def reset(lab: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Forget what is remembered: the next real run begins from the lab file."""
    from labcore.app.lab_state import reset as forget

    if yes or typer.confirm(f"Forget what stands where in {lab!r}?"):
        forget(_name(lab))
        typer.echo("forgotten")
