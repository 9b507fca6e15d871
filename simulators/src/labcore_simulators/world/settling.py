"""Slow settling of particles where nothing stirs (Stokes), and their return when stirring starts.

Not modelled: hindered settling, a sharp front of clear liquid (the liquid thins out evenly), caking.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from .around import Around
from .liquid import EMPTY, Liquid
from .substances import solvent
from .vessel import Vessel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GRAVITY = 9.81
LIFTING = 60.0
"""Above this speed (rpm) the bed is stirred up again and nothing settles."""
RETURN = 8.0
"""Time constant of stirring up, s (assumed)."""


def limit(vessel: Vessel, around: Around) -> float:
    """Return how long a step may be, s."""
    if vessel.volume_ml <= EMPTY:
        return math.inf
    if around.rpm(vessel.t) > LIFTING:
        return 2.0 if _any(vessel.bed) else math.inf
    if around.station is not None and around.station.wanted_rpm > LIFTING:
        return 0.5
    if any(sum(zone.solids.values()) > 1e-6 for zone in vessel.zones):
        return 3.0
    return 120.0 if any(zone.numbers is not None for zone in vessel.zones) else math.inf


def _any(bed: Liquid) -> bool:
    return sum(bed.solids.values()) > 1e-9 or (bed.numbers is not None and float(bed.numbers.sum()) > 1.0)


def step(vessel: Vessel, around: Around, dt: float) -> Vessel:
    """Return the vessel `dt` seconds later."""
    if vessel.volume_ml <= EMPTY:
        return vessel
    if around.rpm(vessel.t) > LIFTING:
        return _stirred_up(vessel, dt) if _any(vessel.bed) else vessel
    return _settled(vessel, around, dt)


def _stirred_up(vessel: Vessel, dt: float) -> Vessel:
    share = -math.expm1(-dt / RETURN)
    risen, bed = vessel.bed.part(share), vessel.bed.part(1 - share)
    part = vessel.core.volume_ml / vessel.volume_ml
    core, corner = vessel.core.plus(risen.part(part)), vessel.corner.plus(risen.part(1 - part))
    return replace(vessel, core=core, corner=corner, bed=bed)


def _settled(vessel: Vessel, around: Around, dt: float) -> Vessel:
    depth = max(vessel.kind.level(vessel.volume_ml), 1.0) * 1e-3
    core, fallen = _thinned(vessel.core, around, dt / depth)
    corner, more = _thinned(vessel.corner, around, dt / depth)
    return replace(vessel, core=core, corner=corner, bed=vessel.bed.plus(fallen).plus(more))


def _thinned(zone: Liquid, around: Around, exposure: float) -> tuple[Liquid, Liquid]:
    """Return a zone and what fell out of it; `exposure` is time over depth, s/m."""
    if zone.numbers is None and not zone.solids:
        return zone, Liquid()
    fall = {name: -math.expm1(-_fall(zone, around, name) * exposure) for name in zone.solids}
    numbers, settled = _particles(zone, around, exposure)
    stays = replace(
        zone,
        numbers=numbers,
        solids={name: grams * (1 - fall[name]) for name, grams in zone.solids.items()},
        grains={name: count * (1 - fall[name]) for name, count in zone.grains.items()},
    )
    gone = Liquid(
        numbers=settled,
        solids={name: grams * fall[name] for name, grams in zone.solids.items()},
        grains={name: count * fall[name] for name, count in zone.grains.items()},
    )
    return stays, gone


def _particles(
    zone: Liquid, around: Around, exposure: float
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    if zone.numbers is None:
        return None, None
    import numpy as np

    from .population import SIZES

    density, viscosity = _carrier(zone, around)
    excess = (around.rules.kinetics.density - density) * 1e3
    speed = 2 / 9 * max(excess, 0.0) * GRAVITY * SIZES**2 / viscosity
    gone = zone.numbers * -np.expm1(-speed * exposure)
    return zone.numbers - gone, gone


def _fall(zone: Liquid, around: Around, name: str) -> float:
    """Stokes' speed of grains, m/s, at most 0.05."""
    density, viscosity = _carrier(zone, around)
    kind = around.rules.solids[name]
    radius = kind.diameter(zone.solids[name], zone.grains.get(name, 0.0)) * 0.5e-6
    return min(2 / 9 * max(kind.density - density, 0.0) * 1e3 * GRAVITY * radius**2 / viscosity, 0.05)


def _carrier(zone: Liquid, around: Around) -> tuple[float, float]:
    """Density (g/mL) and viscosity (Pa s) of the liquid, by volume."""
    total = sum(zone.materials.values()) or 1.0
    kinds = [(solvent(around.rules.solvent_of(name)), part / total) for name, part in zone.materials.items()]
    density = sum(kind.density * part for kind, part in kinds) or 1.0
    viscosity = sum(kind.viscosity * part for kind, part in kinds) or 1e-3
    return density, viscosity
