"""Polymer particles by size: step growth, nucleation and size-dependent growth, a binned population balance.

All zones of a vessel at once. Concentrations mol/m3 (= mmol/L), numbers 1/m3, radii m, times s. Growth moves
particles through the classes with a limited second-order flux; what the particles gain is what the solution
loses, exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kinetics import Kinetics

Array = NDArray[np.float64]
BOLTZMANN, AVOGADRO, GAS = 1.380649e-23, 6.02214076e23, 8.314462618
REFERENCE = 295.15
"""Temperature of the fitted parameters, K."""

_FINE, _STEP, _RATIO, _COARSE = 120, 3.0e-9, 1.05, 48
EDGES: Array = np.concatenate(
    [np.arange(_FINE + 1) * _STEP, _FINE * _STEP * np.cumprod(np.full(_COARSE, _RATIO))]
)
"""Edges of the size classes (radius): 3 nm apart to 0.36 um, then by 5 % to 3.7 um."""
WIDTHS: Array = np.diff(EDGES)
SIZES: Array = (EDGES[1:] + EDGES[:-1]) / 2
VOLUMES: Array = math.pi / 3 * (EDGES[1:] ** 4 - EDGES[:-1] ** 4) / WIDTHS
"""Mean volume of a particle of each class, m3."""
_GAIN: Array = np.diff(VOLUMES)
_LONGEST, _COURANT, _RISE = 120.0, 0.8, 0.08
_PACE: Array = np.array([30e-9])
"""Steps are as long as particles of this radius allow; smaller ones grow by at most a class a step."""


@dataclass(frozen=True, slots=True)
class Zones:
    """Both monomers, dissolved product (zones), and particles (zones, classes)."""

    a: Array
    b: Array
    p: Array
    n: Array


def rate_constant(kin: Kinetics, kelvin: float) -> float:
    """Return the rate constant of step growth, m3/mol/s (Arrhenius from 22 degC)."""
    return kin.k * 1e-3 * math.exp(-kin.activation * 1e3 / GAS * (1 / kelvin - 1 / REFERENCE))


def nucleation(p: Array, kin: Kinetics, kelvin: float) -> Array:
    """Return new particles per m3 and s (classical theory); zero below saturation."""
    molecule = kin.unit * 1e-3 / (kin.density * 1e3 * AVOGADRO)
    barrier = 16 * math.pi * kin.tension**3 * molecule**2 / (3 * (BOLTZMANN * kelvin) ** 3)
    log = np.log(np.maximum(p / kin.solubility, 1.0 + 1e-9))
    return np.where(log > 0.05, kin.nucleation * np.exp(-barrier / np.maximum(log, 0.05) ** 2), 0.0)


def _speed(radius: Array, kin: Kinetics) -> Array:
    """Growth of the radius, m/s per mol/m3 of supersaturation: surface and diffusion in series."""
    return kin.unit * 1e-6 / kin.density / (1 / kin.surface + radius / kin.diffusion)


def _uptake(n: Array, kin: Kinetics) -> Array:
    """First-order constant of the loss of supersaturation to all surfaces, 1/s."""
    per_particle = 4 * math.pi * SIZES**2 / (1 / kin.surface + SIZES / kin.diffusion)
    return np.asarray(n @ per_particle)


def longest_step(zones: Zones, kin: Kinetics, kelvin: float) -> float:
    """Return how long a step may be, s; infinite where nothing reacts and nothing grows."""
    rate = rate_constant(kin, kelvin) * zones.a * zones.b
    above = np.maximum(zones.p - kin.solubility, 0.0)
    if float(rate.max()) < 1e-9 and float(above.max()) < 1e-6 * kin.solubility:
        return math.inf
    rise = np.where(
        rate > 0, np.maximum(_RISE * zones.p, 2 * kin.solubility) / np.maximum(rate, 1e-30), _LONGEST
    )
    uptake = _uptake(zones.n, kin)
    lasting = np.maximum(
        np.minimum(above, np.where(uptake > 0.05, rate / np.maximum(uptake, 1e-9), above)), 1e-12
    )
    smallest = _STEP / (_speed(_PACE, kin)[0] * lasting)
    spent = 0.1 / np.maximum(rate_constant(kin, kelvin) * np.maximum(zones.a, zones.b), 1e-9)
    fastest = np.minimum(np.minimum(np.where(above > 0, rise, _LONGEST), spent), _COURANT * 2 * smallest)
    return float(min(max(fastest.min(), 0.2), _LONGEST))


def grown(zones: Zones, dt: float, kin: Kinetics, kelvin: float) -> Zones:
    """Return the zones `dt` seconds later, in as many equal parts as the fastest particle needs."""
    parts = 1
    for _ in range(8):
        above = _mean_above(zones, _reacted(zones, dt / parts, kin, kelvin), dt / parts, kin)
        courant = float((_speed(_PACE, kin)[0] * above).max()) * dt / parts / _STEP
        if courant <= _COURANT:
            break
        parts *= max(2, math.ceil(courant / _COURANT))
    for _ in range(parts):
        zones = _part(zones, dt / parts, kin, kelvin)
    return zones


def _reacted(zones: Zones, dt: float, kin: Kinetics, kelvin: float) -> Array:
    """Repeat units made in `dt`, mol/m3 (second order, midpoint)."""
    k = rate_constant(kin, kelvin)
    first = np.minimum(k * zones.a * zones.b * dt, np.minimum(zones.a, zones.b))
    made = k * (zones.a - first / 2) * (zones.b - first / 2) * dt
    return np.minimum(made, np.minimum(zones.a, zones.b))


def _mean_above(zones: Zones, made: Array, dt: float, kin: Kinetics) -> Array:
    """Mean supersaturation during a step.

    Made evenly, taken up in proportion (exact for constant surface).
    """
    start = zones.p - kin.solubility
    uptake = np.maximum(_uptake(zones.n, kin), 1e-12)
    level = made / dt / uptake
    lasting = -np.expm1(-uptake * dt) / (uptake * dt)
    slow = uptake * dt < 1e-6
    return np.maximum(np.where(slow, start + made / 2, level + (start - level) * lasting), 0.0)


def _part(zones: Zones, dt: float, kin: Kinetics, kelvin: float) -> Zones:
    made = _reacted(zones, dt, kin, kelvin)
    above = _mean_above(zones, made, dt, kin)
    flux = _flux(zones.n, above[:, None] * _speed(EDGES[1:-1], kin), dt)
    born = nucleation(above + kin.solubility, kin, kelvin) * dt * (above > 0)
    molar = kin.density * 1e6 / kin.unit
    wanted = molar * (flux @ _GAIN + born * VOLUMES[0])
    there = np.maximum(zones.p + made - kin.solubility, 0.0)
    share = np.where(wanted > there, there / np.maximum(wanted, 1e-300), 1.0)
    flux, born = flux * share[:, None], born * share
    n = zones.n.copy()
    n[:, :-1] -= flux
    n[:, 1:] += flux
    n[:, 0] += born
    return Zones(zones.a - made, zones.b - made, zones.p + made - wanted * share, n)


def _flux(n: Array, speed: Array, dt: float) -> Array:
    """Particles that cross each inner edge in `dt`: upwind with van Leer's limited slope."""
    density = n / WIDTHS
    ahead = np.diff(density, axis=1)
    behind = np.concatenate([density[:, :1], ahead[:, :-1]], axis=1)
    product = ahead * behind
    slope = np.where(product > 0, 2 * product / np.where(product > 0, ahead + behind, 1.0), 0.0)
    courant = np.minimum(speed * dt / WIDTHS[:-1], 1.0)
    return np.asarray(courant * (n[:, :-1] + 0.5 * (1 - courant) * slope * WIDTHS[:-1]))


def diameters(n: Array) -> tuple[float, float]:
    """Return mean diameter (um) and coefficient of variation by number.

    Zeros where there are no particles.
    """
    total = float(n.sum())
    if total <= 0:
        return 0.0, 0.0
    mean = float(n @ SIZES) / total
    spread = math.sqrt(max(float(n @ SIZES**2) / total - mean**2, 0.0))
    return 2e6 * mean, spread / mean
