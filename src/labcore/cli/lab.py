"""labcore lab: what a lab believes stands where, and corrections by people."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from labcore.cli import lab_set
from labcore.cli.arguments import Json
from labcore.cli.confirm import confirmed
from labcore.cli.holdings import vessel_text, vessels_as_data
from labcore.cli.problems import problems_of

app = typer.Typer(
    help="Show or correct what a lab remembers between real runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(help="The lab's name or its file.")]


def _name(lab: str) -> str:
    file = lab_set.lab_file(lab)
    return file.lab if file is not None else lab


@app.command()
def show(lab: Name, json_: Json = False) -> None:
    """Show what is remembered, as it is now: open vessels go on losing liquid."""
    from labcore.app.lab_state import recall

    with problems_of(lab, as_json=json_):
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


app.command("set")(lab_set.set_)


@app.command()
def reset(lab: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Forget what is remembered: the next real run begins from the lab file."""
    from labcore.app.lab_state import reset as forget
    from labcore.errors import DecisionNeeded

    if not yes and not confirmed(f"Forget what stands where in {lab!r}?"):
        raise DecisionNeeded("not confirmed; nothing was forgotten", remedy="Answer yes, or add --yes.")
    forget(_name(lab))
    typer.echo("forgotten")
