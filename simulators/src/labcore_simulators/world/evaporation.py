"""Loss of solvent from open vessels by diffusion through the still air above the liquid (Stefan's tube).

Not modelled: draught, condensation on the wall, cooling by evaporation, loss of solutes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from .around import Around
from .liquid import EMPTY, Liquid
from .substances import solvent
from .vessel import Vessel

PRESSURE, GAS = 101325.0, 8.314
_STEP = 300.0
_SHORTEST_PATH = 5.0
"""The air path is never shorter than this, mm."""


def _solvents(vessel: Vessel, around: Around) -> dict[str, float]:
    volumes: dict[str, float] = {}
    for zone in vessel.zones:
        for name, volume in zone.materials.items():
            kind = around.rules.solvent_of(name)
            volumes[kind] = volumes.get(kind, 0.0) + volume
    return volumes


def rates(vessel: Vessel, around: Around) -> dict[str, float]:
    """Return the loss of each solvent in mL/s."""
    if vessel.closed or vessel.volume_ml <= EMPTY or around.rules.evaporation <= 0:
        return {}
    volumes = _solvents(vessel, around)
    moles = {
        name: volume * solvent(name).density / solvent(name).molar_mass for name, volume in volumes.items()
    }
    total, kelvin = sum(moles.values()), vessel.temperature + 273.15
    path = max(vessel.kind.height - vessel.kind.level(vessel.volume_ml), _SHORTEST_PATH) * 1e-3
    found = {}
    for name, amount in moles.items():
        kind = solvent(name)
        pressure = min(kind.vapour_pressure(vessel.temperature) * amount / total, 0.9 * PRESSURE)
        flux = kind.in_air * PRESSURE / (GAS * kelvin * path) * -math.log1p(-pressure / PRESSURE)
        loss = flux * vessel.kind.area * 1e-6 * kind.molar_mass / kind.density
        found[name] = loss * around.rules.evaporation
    return found


def limit(vessel: Vessel, around: Around) -> float:
    """Return how long a step may be, s."""
    return _STEP if any(rates(vessel, around).values()) else math.inf


def step(vessel: Vessel, around: Around, dt: float) -> Vessel:
    """Return the vessel `dt` seconds later."""
    losses = rates(vessel, around)
    if not any(losses.values()):
        return vessel
    there = _solvents(vessel, around)
    kept = {name: max(1.0 - loss * dt / there[name], 0.0) for name, loss in losses.items() if there[name] > 0}
    core, corner = (_dried(zone, around, kept) for zone in vessel.zones)
    return replace(vessel, core=core, corner=corner)


def _dried(zone: Liquid, around: Around, kept: Mapping[str, float]) -> Liquid:
    materials = {
        name: volume * kept.get(around.rules.solvent_of(name), 1.0) for name, volume in zone.materials.items()
    }
    lost = sum(zone.materials.values()) - sum(materials.values())
    return replace(zone, materials=materials, volume_ml=max(zone.volume_ml - lost, 0.0))
