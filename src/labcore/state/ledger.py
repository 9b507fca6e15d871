"""The material ledger: what every vessel holds and where it stands, as intervals. Pure.

One canonical unit, mL. `check` folds planned effects with it, the run folds actual ones; the code is the same. Volumes
are taken as additive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from labcore.model.effect import Placement, Transfer
from labcore.model.interval import Interval

EMPTY = Interval(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class VesselState:
    """One vessel. `contents` in mL by material; `place` None means that nobody knows."""

    labware: str
    place: str | None
    contents: Mapping[str, Interval] = field(default_factory=dict)
    closed: bool = False

    @property
    def volume(self) -> Interval:
        """Total volume, mL."""
        total = EMPTY
        for amount in self.contents.values():
            total = total + amount
        return total


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
    left, moved = _take(source.contents if source else {}, move)
    vessels = dict(ledger.vessels)
    if source is not None:
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


def _take(
    contents: Mapping[str, Interval], move: Transfer
) -> tuple[dict[str, Interval], dict[str, Interval]]:
    if not contents:
        return {}, {"unknown": move.volume}
    if len(contents) == 1:
        material, amount = next(iter(contents.items()))
        return {material: (amount - move.volume).clamp_low(0.0)}, {material: move.volume}
    total = sum(amount.mid for amount in contents.values())
    shares = {name: _share(contents, name, total) for name in contents}
    moved = {name: _portion(move.volume, share) for name, share in shares.items()}
    left = {name: (amount - moved[name]).clamp_low(0.0) for name, amount in contents.items()}
    return left, moved


def _share(contents: Mapping[str, Interval], name: str, total: float) -> Interval:
    """Return the fraction of one material in a mixture, from the most to the least it can be."""
    amount = contents[name]
    others_low = sum(other.low for key, other in contents.items() if key != name)
    others_high = sum(other.high for key, other in contents.items() if key != name)
    low = amount.low / (amount.low + others_high) if amount.low + others_high > 0 else 0.0
    high = amount.high / (amount.high + others_low) if amount.high + others_low > 0 else 0.0
    mid = amount.mid / total if total > 0 else 0.0
    return Interval(min(low, mid), mid, max(high, mid))


def _portion(volume: Interval, share: Interval) -> Interval:
    return Interval(volume.low * share.low, volume.mid * share.mid, volume.high * share.high)


def _add(contents: Mapping[str, Interval], more: Mapping[str, Interval]) -> dict[str, Interval]:
    return {
        name: contents.get(name, EMPTY) + more.get(name, EMPTY) for name in dict.fromkeys((*contents, *more))
    }
