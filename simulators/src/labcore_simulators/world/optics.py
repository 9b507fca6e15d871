"""Attenuation and transport coefficient of suspensions at 550 nm: Mie theory and geometric optics."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .liquid import EMPTY, Liquid
from .mie import efficiency
from .population import SIZES
from .rules import Rules
from .substances import solvent

WAVELENGTH = 550e-9
GRAIN_EFFICIENCY, GRAIN_ANISOTROPY = 2.0, 0.85
"""Large grains take twice their shadow out of the beam (with diffraction); forward scatter assumed."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """Attenuation 1/cm and transport coefficient 1/cm (attenuation times one minus anisotropy)."""

    attenuation: float = 0.0
    transport: float = 0.0


@cache
def cross_sections(particle: float, liquid: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return extinction and transport cross sections (m2) of every size class for two refractive indices."""
    wave = 2 * math.pi * liquid / WAVELENGTH
    found = np.array([efficiency(wave * float(radius), particle / liquid) for radius in SIZES])
    shadow = math.pi * SIZES**2
    return found[:, 0] * shadow, found[:, 0] * (1 - found[:, 1]) * shadow


def index_of(zone: Liquid, rules: Rules) -> float:
    """Return the refractive index of the liquid, by volume, to 0.005."""
    total = sum(zone.materials.values())
    if total <= 0:
        return 1.0
    mean = sum(solvent(rules.solvent_of(name)).index * part for name, part in zone.materials.items()) / total
    return round(mean * 200) / 200


def cloud(zone: Liquid, rules: Rules) -> Cloud:
    """Return how cloudy a zone is."""
    if zone.volume_ml <= EMPTY:
        return Cloud()
    attenuation = transport = 0.0
    if zone.numbers is not None:
        extinct, turned = cross_sections(rules.kinetics.index, index_of(zone, rules))
        per_cm = 1e-2 / (zone.volume_ml * 1e-6)
        attenuation, transport = float(zone.numbers @ extinct) * per_cm, float(zone.numbers @ turned) * per_cm
    for name, grams in zone.solids.items():
        grains = zone.grains.get(name, 0.0)
        across = rules.solids[name].diameter(grams, grains) * 1e-4
        shade = GRAIN_EFFICIENCY * math.pi / 4 * across**2 * grains / zone.volume_ml
        attenuation, transport = attenuation + shade, transport + shade * (1 - GRAIN_ANISOTROPY)
    return Cloud(attenuation, transport)


def mean_cloud(zones: tuple[Liquid, ...], rules: Rules) -> Cloud:
    """Return the average over the liquid of all zones, by volume."""
    total = sum(zone.volume_ml for zone in zones)
    if total <= EMPTY:
        return Cloud()
    clouds = [(cloud(zone, rules), zone.volume_ml / total) for zone in zones]
    return Cloud(sum(c.attenuation * w for c, w in clouds), sum(c.transport * w for c, w in clouds))


def turbidity(attenuation: float) -> float:
    """Return the 0-5 scale: 5 ln(1 + a/0.02) / ln(1 + 5/0.02), at most 5, for an attenuation in 1/cm."""
    return min(5.0, 5.0 * math.log1p(attenuation / 0.02) / math.log1p(5.0 / 0.02))
