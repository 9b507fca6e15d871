"""The reaction in a vessel's zones: hands both to the population balance and takes them back."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from .around import Around
from .liquid import EMPTY, Liquid
from .vessel import Vessel

if TYPE_CHECKING:
    from .population import Zones

KELVIN = 273.15


def _involved(vessel: Vessel, around: Around) -> bool:
    """Tell whether any zone holds both reactants, or dissolved product above saturation."""
    kin = around.rules.kinetics
    one, other = kin.reactants
    for zone in vessel.zones:
        if zone.volume_ml <= EMPTY:
            continue
        per_litre = 1e3 / zone.volume_ml
        if zone.solutes.get(one, 0.0) * zone.solutes.get(other, 0.0) * per_litre**2 > 1e-9:
            return True
        if zone.product * per_litre > kin.solubility * (1 + 1e-6):
            return True
    return False


def limit(vessel: Vessel, around: Around) -> float:
    """Return how long a step may be, s."""
    if not _involved(vessel, around):
        return math.inf
    from .population import longest_step

    return longest_step(_zones(vessel, around), around.rules.kinetics, vessel.temperature + KELVIN)


def step(vessel: Vessel, around: Around, dt: float) -> Vessel:
    """Return the vessel `dt` seconds later."""
    if not _involved(vessel, around):
        return vessel
    from .population import grown

    after = grown(_zones(vessel, around), dt, around.rules.kinetics, vessel.temperature + KELVIN)
    core, corner = (_back(zone, after, index, around) for index, zone in enumerate(vessel.zones))
    return replace(vessel, core=core, corner=corner)


def _zones(vessel: Vessel, around: Around) -> Zones:
    import numpy as np

    from .population import SIZES, Zones

    one, other = around.rules.kinetics.reactants
    a, b, p = (np.zeros(2) for _ in range(3))
    n = np.zeros((2, len(SIZES)))
    for index, zone in enumerate(vessel.zones):
        if zone.volume_ml > EMPTY:
            a[index], b[index] = zone.concentration(one), zone.concentration(other)
            p[index] = 1e3 * zone.product / zone.volume_ml
            if zone.numbers is not None:
                n[index] = zone.numbers / (zone.volume_ml * 1e-6)
    return Zones(a, b, p, n)


def _back(zone: Liquid, after: Zones, index: int, around: Around) -> Liquid:
    if zone.volume_ml <= EMPTY:
        return zone
    one, other = around.rules.kinetics.reactants
    litres = zone.volume_ml * 1e-3
    solutes = {**zone.solutes, one: float(after.a[index]) * litres, other: float(after.b[index]) * litres}
    numbers = after.n[index] * (zone.volume_ml * 1e-6)
    return replace(zone, solutes=solutes, product=float(after.p[index]) * litres, numbers=numbers)
