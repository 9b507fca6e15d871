"""First-order exchange of heat between liquid, plate and room.

Heat transfer coefficients are assumed: 300 W/m2/K from plate to liquid through the bottom, 8 W/m2/K to the
room. Not modelled: heat of mixing, of reaction, of evaporation; temperature differences inside the liquid.
"""

from __future__ import annotations

import math
from dataclasses import replace

from .around import Around
from .liquid import EMPTY
from .substances import solvent
from .vessel import Vessel

FROM_PLATE, TO_ROOM, GLASS = 300.0, 8.0, 0.8
_STEP = 10.0
_CLOSE = 0.01


def _conductances(vessel: Vessel) -> tuple[float, float]:
    bottom = vessel.kind.area * 1e-6
    wet = math.pi * vessel.kind.outer * vessel.kind.level(vessel.volume_ml) * 1e-6
    return FROM_PLATE * bottom, TO_ROOM * (wet + bottom)


def _capacity(vessel: Vessel, around: Around) -> float:
    """Heat capacity of liquid and of a third of the glass, J/K."""
    total = GLASS * vessel.kind.tare / 3
    for zone in vessel.zones:
        for name, volume in zone.materials.items():
            kind = solvent(around.rules.solvent_of(name))
            total += volume * kind.density * kind.heat
    return total


def _goal(vessel: Vessel, around: Around, t: float) -> tuple[float, float]:
    """Temperature the liquid tends to, and the sum of the conductances."""
    below, beside = _conductances(vessel)
    plate = around.plate(t)
    if plate is None:
        return around.rules.ambient, beside
    return (below * plate + beside * around.rules.ambient) / (below + beside), below + beside


def limit(vessel: Vessel, around: Around) -> float:
    """Return how long a step may be, s."""
    if vessel.volume_ml <= EMPTY:
        return math.inf
    goal, _ = _goal(vessel, around, vessel.t)
    quiet = around.station is None or around.station.settled(vessel.t)
    return math.inf if quiet and abs(goal - vessel.temperature) < _CLOSE else _STEP


def step(vessel: Vessel, around: Around, dt: float) -> Vessel:
    """Return the vessel `dt` seconds later."""
    if vessel.volume_ml <= EMPTY:
        return vessel
    goal, conductance = _goal(vessel, around, vessel.t + dt / 2)
    left = math.exp(-dt * conductance / _capacity(vessel, around))
    return replace(vessel, temperature=goal + (vessel.temperature - goal) * left)
