"""The material ledger: what every vessel holds and where it stands, as intervals. Pure.

One canonical unit, mL. `check` folds planned effects with it, the run folds actual ones; the code is the same. Volumes
are taken as additive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from labcore.model.effect import Placement, Transfer
from labcore.model.interval import Interval
from labcore.model.vessel import EMPTY, VesselState


@dataclass(frozen=True, slots=True)
class Ledger:
    """All vessels by name."""

    vessels: Mapping[str, VesselState] = field(default_factory=dict)

    def vessel(self, name: str) -> VesselState:
        """Return a vessel, KeyError if it was never stated."""
        return self.vessels[name]

    def at(self, place: str) -> str | None:
        """Return the vessel believed to stand at `place`."""
        return next((name for name, vessel in self.vessels.items() if vessel.place == place), None)

    def stated(self, name: str, vessel: VesselState) -> Ledger:
        """Return the ledger with a vessel as stated by somebody."""
        return Ledger({**self.vessels, name: vessel})


def transfer(ledger: Ledger, move: Transfer) -> Ledger:
    """Move liquid. What comes out of a mixture has the mixture's composition; nothing goes below zero."""
    source, target = ledger.vessels.get(move.source), ledger.vessels.get(move.target)
    moved = source.drawn(move.volume) if source is not None else {"unknown": move.volume}
    vessels = dict(ledger.vessels)
    if source is not None:
        left = {name: (amount - moved[name]).clamp_low(0.0) for name, amount in source.contents.items()}
        vessels[move.source] = replace(source, contents=left)
    if target is not None:
        base = vessels[move.target].contents if move.source == move.target else target.contents
        vessels[move.target] = replace(target, contents=_add(base, moved))
    return Ledger(vessels)


def place(ledger: Ledger, placement: Placement) -> Ledger:
    """Set a vessel down at a place."""
    vessel = ledger.vessels.get(placement.vessel)
    if vessel is None:
        return ledger
    return Ledger({**ledger.vessels, placement.vessel: replace(vessel, place=placement.place)})


def lose_place(ledger: Ledger, name: str) -> Ledger:
    """Forget where a vessel stands: an act that moved it has an unknown end."""
    vessel = ledger.vessels.get(name)
    if vessel is None:
        return ledger
    return Ledger({**ledger.vessels, name: replace(vessel, place=None)})


def _add(contents: Mapping[str, Interval], more: Mapping[str, Interval]) -> dict[str, Interval]:
    return {
        name: contents.get(name, EMPTY) + more.get(name, EMPTY) for name in dict.fromkeys((*contents, *more))
    }
