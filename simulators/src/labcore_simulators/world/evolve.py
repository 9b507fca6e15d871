"""Let time pass in a vessel; steps follow from its state alone, so that looking changes nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from . import dissolution, evaporation, mixing, reaction, settling, thermal
from .around import Around
from .vessel import Vessel

_LIMITS: tuple[Callable[[Vessel, Around], float], ...] = (
    thermal.limit,
    evaporation.limit,
    mixing.limit,
    reaction.limit,
    dissolution.limit,
    settling.limit,
)
_STEPS: tuple[Callable[[Vessel, Around, float], Vessel], ...] = (
    thermal.step,
    evaporation.step,
    mixing.step,
    reaction.step,
    dissolution.step,
    settling.step,
)


def settled(vessel: Vessel, around: Around, until: float) -> Vessel:
    """Return the vessel at its last whole step not after `until` (s)."""
    while True:
        dt = step_length(vessel, around)
        if not vessel.t + dt <= until:
            return vessel
        vessel = stepped(vessel, around, dt)


def at(vessel: Vessel, around: Around, t: float) -> Vessel:
    """Return the vessel at exactly `t` (s), not before its own time."""
    vessel = settled(vessel, around, t)
    if t <= vessel.t:
        return vessel
    if math.isinf(step_length(vessel, around)):
        return replace(vessel, t=t)
    return stepped(vessel, around, t - vessel.t)


def step_length(vessel: Vessel, around: Around) -> float:
    """Return the length of the next step, s; infinite where nothing changes."""
    return min(limit(vessel, around) for limit in _LIMITS)


def stepped(vessel: Vessel, around: Around, dt: float) -> Vessel:
    """Return the vessel `dt` seconds later."""
    for step in _STEPS:
        vessel = step(vessel, around, dt)
    return replace(vessel, t=vessel.t + dt)
