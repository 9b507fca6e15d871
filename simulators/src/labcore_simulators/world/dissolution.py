"""Solids that dissolve: Noyes-Whitney with a surface that shrinks with the grains.

dm/dt = -rate (m/m0)^(2/3) (solubility - c) V for stirred liquid; a tenth of it for liquid at rest. The same
law makes grains grow in a supersaturated liquid; new grains do not form. `rate` (1/s) is the first-order
constant of the full load.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .liquid import EMPTY, Liquid
from .quantities import lookup
from .substances import molar_mass

if TYPE_CHECKING:
    from .around import Around
    from .vessel import Vessel

_STEP = 2.0
_AT_REST = 0.1
_GONE = 1e-9


@dataclass(frozen=True, slots=True)
class Solid:
    """A solid: solubility g/L, rate 1/s, grain diameter um, density g/mL."""

    name: str
    solubility: float = 20.0
    rate: float = 0.02
    size: float = 50.0
    density: float = 1.4

    def grains(self, grams: float) -> float:
        """Return the number of fresh grains in `grams`."""
        return grams / (self.density * math.pi / 6 * (self.size * 1e-4) ** 3)

    def diameter(self, grams: float, grains: float) -> float:
        """Return the diameter of the grains left, um."""
        return 0.0 if grains <= 0 else float(1e4 * (6 * grams / (math.pi * self.density * grains)) ** (1 / 3))


def solid(entry: Mapping[str, Any], defaults: Mapping[str, Any], *, where: str) -> Solid:
    """Read `{name, solubility: 20 g/L, rate: 0.02 1/s, size: 50 um, density}` over `world.dissolution`."""
    merged = {**defaults, **entry}
    return Solid(
        str(merged.get("name", "solid")),
        lookup(merged, "solubility", "g/L", 20.0, where=where),
        lookup(merged, "rate", "1/s", 0.02, where=where),
        lookup(merged, "size", "um", 50.0, where=where),
        lookup(merged, "density", "g/mL", 1.4, where=where),
    )


def limit(vessel: Vessel, around: Around) -> float:
    """Return how long a step may be, s."""
    active = any(abs(_pull(vessel, around, name)) > 1e-3 for name in _there(vessel))
    return _STEP if active else math.inf


def _there(vessel: Vessel) -> set[str]:
    parts = (*vessel.zones, vessel.bed)
    return {name for part in parts for name, grams in part.solids.items() if grams > _GONE}


def _pull(vessel: Vessel, around: Around, name: str) -> float:
    """Undersaturation, g/L."""
    if vessel.volume_ml <= EMPTY:
        return 0.0
    dissolved = sum(zone.solutes.get(name, 0.0) for zone in vessel.zones) * molar_mass(name) * 1e-3
    return around.rules.solids[name].solubility - 1e3 * dissolved / vessel.volume_ml


def step(vessel: Vessel, around: Around, dt: float) -> Vessel:
    """Return the vessel `dt` seconds later: grains wherever they lie feed the whole liquid."""
    for name in sorted(_there(vessel)):
        if vessel.volume_ml > EMPTY:
            vessel = _dissolved(vessel, around, name, dt)
    return vessel


def _dissolved(vessel: Vessel, around: Around, name: str, dt: float) -> Vessel:
    kind = around.rules.solids[name]
    parts = (*vessel.zones, vessel.bed)
    grams = sum(part.solids.get(name, 0.0) for part in parts)
    fresh = sum(part.grains.get(name, 0.0) for part in parts) * kind.grains(1.0) ** -1
    surface = (grams / fresh) ** (2 / 3)
    speed = kind.rate * surface * (1.0 if around.rpm(vessel.t) > 30 else _AT_REST)
    gone = min(_pull(vessel, around, name) * -math.expm1(-speed * dt) * vessel.volume_ml * 1e-3, grams)
    left = max(1.0 - gone / grams, 0.0)
    core, corner, bed = (_less(part, name, left) for part in parts)
    mmol = 1e3 * gone / molar_mass(name)
    share = core.volume_ml / vessel.volume_ml
    core, corner = _more(core, name, mmol * share), _more(corner, name, mmol * (1 - share))
    return replace(vessel, core=core, corner=corner, bed=bed)


def _less(part: Liquid, name: str, left: float) -> Liquid:
    if name not in part.solids:
        return part
    grams = part.solids[name] * left
    gone = left == 0.0
    solids = {key: value for key, value in part.solids.items() if key != name or not gone}
    grains = {key: value for key, value in part.grains.items() if key != name or not gone}
    return replace(part, solids=solids if gone else {**solids, name: grams}, grains=grains)


def _more(zone: Liquid, name: str, mmol: float) -> Liquid:
    return replace(zone, solutes={**zone.solutes, name: zone.solutes.get(name, 0.0) + mmol})
