"""labcore lab set: correct what a lab remembers of one vessel."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labcore.errors import UsageError
from labcore.model.names import nearest

if TYPE_CHECKING:
    from labcore.app.lab_state import Remembered
    from labcore.model.interval import Interval
    from labcore.model.lab import LabFile
    from labcore.model.vessel import VesselState

HOLDS = (
    'What it holds: --holds "acetone=20 mL" (taken to 2 %) or --holds "acetone=10-12 mL". May be repeated.'
)


def set_(
    lab: Annotated[str, typer.Argument(help="The lab's name or its file.")],
    vessel: Annotated[str, typer.Argument(help="The vessel.")],
    place: Annotated[str | None, typer.Option("--place", help="Where it stands.")] = None,
    holds: Annotated[list[str] | None, typer.Option("--holds", help=HOLDS)] = None,
    empty: Annotated[bool, typer.Option("--empty", help="It holds nothing.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who says so.")] = "",
) -> None:
    """Correct what is remembered of one vessel; the correction carries its author."""
    from labcore.app.lab_state import correct, recall
    from labcore.cli.amounts import holding
    from labcore.model.event import VesselStated

    if place is None and not holds and not empty:
        raise UsageError(
            f"what is to be corrected of {vessel}?",
            remedy="Add --place, --holds or --empty, for what you have seen.",
        )
    if holds and empty:
        raise UsageError(
            "a vessel that holds something is not empty", remedy="Keep one of --holds and --empty."
        )
    file = lab_file(lab)
    remembered = recall(file.lab if file is not None else lab)
    old = _known(remembered, vessel)
    assert remembered is not None
    contents = dict(holding(one) for one in holds or ()) if holds or empty else dict(old.contents)
    _refuse_place(place, vessel, remembered, file)
    if holds:
        _refuse_contents(contents, vessel, old, remembered, file)
    who = by or getpass.getuser()
    at = place if place is not None else old.place
    total = None if holds or empty else old.total
    solids = {} if empty else dict(old.solids)
    stated = VesselStated(
        vessel, old.labware, at, contents, who, old.closed, old.losses, old.tare, total, solids=solids
    )
    correct(file.lab if file is not None else lab, stated)
    typer.echo(f"{vessel}: corrected by {who}")


def lab_file(lab: str) -> LabFile | None:
    """Return the lab file that is meant; None if only the lab's name was given."""
    from labcore.app import load_lab

    return load_lab(lab) if Path(lab).suffix in (".yaml", ".yml") and Path(lab).exists() else None


def _known(remembered: Remembered | None, vessel: str) -> VesselState:
    known = remembered.ledger.vessels if remembered is not None else {}
    if vessel not in known:
        near = nearest(vessel, known)
        remedy = f"Did you mean {near!r}?" if near else f"Remembered: {', '.join(known) or 'none'}."
        raise UsageError(f"the lab remembers no vessel {vessel!r}", remedy=remedy)
    return known[vessel]


def _refuse_place(place: str | None, vessel: str, remembered: Remembered, file: LabFile | None) -> None:
    """UsageError for a place that the lab does not have, or where something else stands; unless nobody knows its places."""
    from labcore.app.lab_state import places_of

    if place is None:
        return
    known = places_of(file) if file is not None else remembered.places
    if known and place not in known:
        near = nearest(place, known)
        remedy = f"Did you mean {near!r}?" if near else f"Places of this lab: {', '.join(known)}."
        raise UsageError(f"the lab has no place {place!r}", remedy=remedy)
    for name, one in remembered.ledger.vessels.items():
        if name != vessel and one.place == place:
            raise UsageError(
                f"{name} stands at {place}, as far as the lab remembers",
                remedy=f"If it does not any more, say first where it is: labcore lab set LAB {name} --place ...",
            )


def _refuse_contents(
    contents: Mapping[str, Interval],
    vessel: str,
    old: VesselState,
    remembered: Remembered,
    file: LabFile | None,
) -> None:
    """UsageError for more than goes in, and for a material that nobody has heard of."""
    from labcore.model.labware import CATALOGUE

    ware, most = CATALOGUE.get(old.labware), sum(amount.mid for amount in contents.values())
    if ware is not None and most > ware.capacity * (1 + 1e-9):
        raise UsageError(
            f"{vessel} would hold {most:g} mL; {old.labware} holds {ware.capacity:g} mL",
            remedy="Correct the amount.",
        )
    known = {name for one in remembered.ledger.vessels.values() for name in one.contents}
    known |= set(file.stock) if file is not None else set()
    for name in contents:
        near = nearest(name, known)
        if known and name not in known and near is not None:
            raise UsageError(f"the lab has no material {name!r}", remedy=f"Did you mean {near!r}?")
