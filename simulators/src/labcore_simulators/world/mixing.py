"""Exchange of liquid between the swept core and the badly swept corner of a vessel.

A centred stirrer needs a fixed number of turns: N theta = 5.2 Po^(-1/3) (T/D)^2 to 95 % in turbulent tanks
(Grenville and Nienow, as used in the library `fluids`), about 24 turns for a bar of 20 mm in a vial of 35 mm
with Po = 0.3 (assumed). Taken here as the time constant: a bar in a vial is in the transition regime, where
mixing is slower.

**Declared assumption, no source**: a vessel that stands off the middle or leans has a larger corner that
exchanges more slowly; `world.mixing_from_offset` (default 1, 0 = no effect) is the slider of this assumption.
"""

from __future__ import annotations

import math
from dataclasses import replace

from .around import Around
from .liquid import EMPTY, Liquid
from .vessel import Vessel

TURNS = 24.0
STILL = 1800.0
"""Exchange time of liquid that is not stirred, s (natural convection, assumed)."""
CORNER, CORNER_MAX, CORNER_SCALE = 0.05, 0.13, 0.25
SLOWING, SLOWEST = 16.0, 300.0
LEAN = 15.0
"""A lean of so many degrees counts as much as an offset of the vessel's inner radius."""
_SAME = 2e-3


def eccentricity(vessel: Vessel, around: Around) -> float:
    """Return how badly the vessel stands.

    Offset over inner radius plus lean over 15 degrees, times the slider.
    """
    if around.station is None:
        return 0.0
    stands = vessel.placed.offset / (vessel.kind.inner / 2) + abs(vessel.placed.tilt) / LEAN
    return stands * around.rules.mixing_from_offset


def corner_share(vessel: Vessel, around: Around) -> float:
    """Return the corner's share of the liquid, 0.05 to 0.18."""
    return CORNER + CORNER_MAX * (1 - math.exp(-eccentricity(vessel, around) / CORNER_SCALE))


def exchange_time(vessel: Vessel, around: Around, t: float) -> float:
    """Return the time constant of the exchange between core and corner, s."""
    turns_per_second = around.rpm(t) / 60.0
    if turns_per_second < 0.05:
        return STILL
    slower = min(math.exp(SLOWING * eccentricity(vessel, around)), SLOWEST)
    return min(TURNS / turns_per_second * slower, STILL)


def limit(vessel: Vessel, around: Around) -> float:
    """Return how long a step may be, s."""
    if vessel.volume_ml <= EMPTY or not _differ(vessel.core, vessel.corner):
        return math.inf
    if around.station is not None and around.station.speed(vessel.t) != around.station.wanted_rpm:
        return 0.5
    return min(max(exchange_time(vessel, around, vessel.t) / 3, 0.5), 60.0)


def step(vessel: Vessel, around: Around, dt: float) -> Vessel:
    """Return the vessel `dt` seconds later."""
    if vessel.volume_ml <= EMPTY:
        return vessel
    core, corner = balanced(vessel, around).zones
    if _differ(core, corner):
        done = -math.expm1(-dt / exchange_time(vessel, around, vessel.t + dt / 2))
        core, corner = _exchanged(core, corner, done)
    return replace(vessel, core=core, corner=corner)


def balanced(vessel: Vessel, around: Around) -> Vessel:
    """Return the vessel after liquid has flowed between the zones until the corner has its share."""
    core, corner = vessel.zones
    surplus = corner.volume_ml - corner_share(vessel, around) * vessel.volume_ml
    if abs(surplus) < 1e-9 * vessel.volume_ml:
        return vessel
    if surplus < 0:
        flow, core = core.split(-surplus)
        return replace(vessel, core=core, corner=corner.plus(flow))
    flow, corner = corner.split(surplus)
    return replace(vessel, core=core.plus(flow), corner=corner)


def _exchanged(core: Liquid, corner: Liquid, done: float) -> tuple[Liquid, Liquid]:
    whole = core.plus(corner)
    share = core.volume_ml / whole.volume_ml
    return (
        core.part(1 - done).plus(whole.part(done * share)),
        corner.part(1 - done).plus(whole.part(done * (1 - share))),
    )


def _differ(core: Liquid, corner: Liquid) -> bool:
    """Tell whether the zones' concentrations differ by more than 0.2 % of the larger."""
    if core.volume_ml <= EMPTY or corner.volume_ml <= EMPTY:
        return False
    for one, other in zip(_amounts(core), _amounts(corner), strict=True):
        for name in {*one, *other}:
            left, right = one.get(name, 0.0) / core.volume_ml, other.get(name, 0.0) / corner.volume_ml
            if abs(left - right) > _SAME * max(left, right):
                return True
    return False


def _amounts(zone: Liquid) -> tuple[dict[str, float], ...]:
    particles = 0.0 if zone.numbers is None else float(zone.numbers.sum())
    return (
        dict(zone.materials),
        dict(zone.solutes),
        dict(zone.solids),
        {"product": zone.product, "n": particles},
    )
