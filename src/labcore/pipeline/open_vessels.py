"""What an open vessel may lose to the air, and what a balance sees of it besides liquid."""

from __future__ import annotations

from labcore.model.evaporation import Loss, losses
from labcore.model.interval import Interval
from labcore.model.lab import LabFile, VesselEntry
from labcore.model.labware import CATALOGUE
from labcore.model.protocol import Header, VesselNeed

TARE = 0.001  # relative, of a mass that somebody stated
SCALE = 0.02  # g


def solvents_of(lab: LabFile, header: Header) -> dict[str, str]:
    """Return the solvent of every material that protocol and lab know, "" where neither says; the lab's word counts."""
    found = {name: "" for vessel in lab.vessels.values() for name in vessel.contents}
    found |= {name: entry.solvent or "" for name, entry in header.materials.items()}
    for name, entry in lab.stock.items():
        told = (entry.model_extra or {}).get("solvent") or found.get(name, "")
        found[name] = str(told)
    return found


def is_closed(entry: VesselEntry, need: VesselNeed | None) -> bool:
    """Say whether a vessel is capped: lab and protocol may both say so."""
    return entry.closed or (need is not None and need.closed)


def losses_of(
    entry: VesselEntry, need: VesselNeed | None, labware: str, solvents: dict[str, str]
) -> tuple[Loss, ...]:
    """Return how fast a vessel may lose what it holds: nothing if closed, the stated rate, else the tabled ones."""
    if is_closed(entry, need):
        return ()
    stated = entry.evaporation or (need.evaporation if need is not None else None)
    if stated is not None:
        return (Loss("any", stated.in_("mL/h")),)
    return losses(CATALOGUE[labware], solvents)


def tare_of(entry: VesselEntry, solids: float) -> Interval | None:
    """Return what a vessel weighs without its liquid, g; None if its tare is not stated."""
    if entry.tare is None:
        return None
    return Interval.around(entry.tare.in_("g") + solids, relative=TARE, absolute=SCALE)
