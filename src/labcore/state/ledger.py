"""The material ledger: what every vessel holds and where it stands, as intervals. Pure.

One canonical unit, mL. `check` folds planned effects with it, the run folds actual ones; the code is the same. Volumes
are taken as additive. Time passes vessel by vessel: each is brought up to date when something happens to it or when
somebody looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from labcore.model.effect import Placement, Transfer
from labcore.model.evaporation import ROOM, faster_by
from labcore.model.interval import Interval
from labcore.model.vessel import VesselState


@dataclass(frozen=True, slots=True)
class Ledger:
    """All vessels by name. `warmth` is the hottest set-point of any heater so far, °C: nobody knows how fast things cool."""

    vessels: Mapping[str, VesselState] = field(default_factory=dict)
    warmth: float = ROOM

    def vessel(self, name: str) -> VesselState:
        """Return a vessel as it was when something last happened to it, KeyError if it was never stated."""
        return self.vessels[name]

    def vessel_at(self, name: str, at: float) -> VesselState:
        """Return a vessel as it is at a time, s: what may have evaporated widens what it holds."""
        return self.vessels[name].aged(at, faster_by(self.warmth))

    def at_time(self, at: float) -> Ledger:
        """Return the ledger with every vessel brought up to date."""
        return replace(self, vessels={name: self.vessel_at(name, at) for name in self.vessels})

    def at(self, place: str) -> str | None:
        """Return the vessel believed to stand at `place`."""
        return next((name for name, vessel in self.vessels.items() if vessel.place == place), None)

    def may_be_at(self, place: str, but: str = "") -> str | None:
        """Return a vessel other than `but` that stands at `place` or may stand there; nothing may be put on it."""
        there = (
            name for name, one in self.vessels.items() if name != but and place in (one.place, *one.maybe)
        )
        return next(there, None)

    def stated(self, name: str, vessel: VesselState) -> Ledger:
        """Return the ledger with a vessel as stated by somebody."""
        return replace(self, vessels={**self.vessels, name: vessel})

    def warmed(self, celsius: float, at: float) -> Ledger:
        """Return the ledger after something was set to `celsius`: from now on liquids evaporate faster."""
        if celsius <= self.warmth:
            return self
        return replace(self.at_time(at), warmth=celsius)


def transfer(
    ledger: Ledger,
    move: Transfer,
    at: float = 0.0,
    *,
    since: float | None = None,
    drawn_from: Mapping[str, Interval] | None = None,
    others: float = 0.0,
    left: Interval | None = None,
) -> Ledger:
    """Move liquid. What comes out of a mixture has the mixture's composition; nothing goes below zero.

    It may have moved at any time from `since` to `at`. `drawn_from` is what the source may have held by then (mL by material)
    where others poured into it meanwhile; what they pour may be on the books only later, so that less than zero is possible.
    `others` is how much (mL) is being drawn from it beside this, `left` what left the source if not all of that arrived.
    """
    vessels, faster = dict(ledger.vessels), faster_by(ledger.warmth)
    moved, volume = {"unknown": move.volume}, move.volume
    if move.source in vessels:
        source = ledger.vessel_at(move.source, at)
        mixture = source if drawn_from is None else replace(source, contents=drawn_from, total=None)
        volume = _available(move.volume, mixture, others)
        moved = mixture.drawn(volume)
        gone = volume if left is None else _available(left, mixture, others)
        rest = source.without(mixture.drawn(gone), gone)
        vessels[move.source] = rest if drawn_from is not None or others else rest.not_below_zero()
    if move.target in vessels:
        vessels[move.target] = vessels[move.target].filled(moved, volume, since, at, faster)
    return replace(ledger, vessels=vessels)


def _available(volume: Interval, source: VesselState, others: float) -> Interval:
    """Return what moved at the least if the source may have run dry: the rest was air."""
    least = max(0.0, source.volume.low - others)
    return volume if volume.low <= least else replace(volume, low=least)


def place(ledger: Ledger, placement: Placement) -> Ledger:
    """Set a vessel down at a place."""
    vessel = ledger.vessels.get(placement.vessel)
    if vessel is None:
        return ledger
    return ledger.stated(placement.vessel, replace(vessel, place=placement.place, maybe=()))


def lose_place(ledger: Ledger, placement: Placement) -> Ledger:
    """Forget where a vessel stands: an act that moved it has an unknown end. It may be where it was or where it was to go."""
    vessel = ledger.vessels.get(placement.vessel)
    if vessel is None:
        return ledger
    before = vessel.maybe if vessel.place is None else (vessel.place,)
    maybe = tuple(dict.fromkeys((*before, placement.place)))
    return ledger.stated(placement.vessel, replace(vessel, place=None, maybe=maybe))
