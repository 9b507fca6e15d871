"""The population balance: mass, sizes, the fitted set."""

from __future__ import annotations

import math

import numpy as np
import pytest

from labcore_simulators.world.description import FIT, describe
from labcore_simulators.world.kinetics import Kinetics
from labcore_simulators.world.optics import cross_sections
from labcore_simulators.world.population import (
    EDGES,
    SIZES,
    VOLUMES,
    Zones,
    diameters,
    grown,
    longest_step,
    nucleation,
)

ROOM = 295.15
KIN = Kinetics()


def _fresh(concentration: float) -> Zones:
    one = np.array([concentration])
    return Zones(one, one.copy(), np.zeros(1), np.zeros((1, len(SIZES))))


def _run(concentration: float, kin: Kinetics = KIN, until: float = 740.0) -> tuple[float, Zones]:
    """Return the onset (attenuation 0.1/cm) and the zones at the end."""
    extinct, _ = cross_sections(kin.index, 1.355)
    zones, t, onset = _fresh(concentration), 0.0, math.inf
    while t < until:
        dt = min(longest_step(zones, kin, ROOM), until - t)
        zones, t = grown(zones, dt, kin, ROOM), t + dt
        if math.isinf(onset) and float(zones.n[0] @ extinct) * 1e-2 > 0.1:
            onset = t
    return onset, zones


@pytest.mark.parametrize(
    ("concentration", "onset", "attenuation"), [(5.0, 80, 22.6), (2.5, 190, 8.8), (1.25, 460, 3.1)]
)
def test_fitted_set_is_near_the_reference(concentration: float, onset: float, attenuation: float) -> None:
    found, zones = _run(concentration)
    diameter, spread = diameters(zones.n[0])
    extinct, _ = cross_sections(KIN.index, 1.355)
    assert found == pytest.approx(onset, rel=0.20)
    assert diameter == pytest.approx(0.44, abs=0.05)
    assert spread < 0.25
    assert float(zones.n[0] @ extinct) * 1e-2 == pytest.approx(attenuation, rel=0.4)


def test_monomer_becomes_product_and_particles_exactly() -> None:
    _, zones = _run(5.0)
    solid = float(zones.n[0] @ VOLUMES) * KIN.density * 1e6 / KIN.unit
    assert float(zones.a[0] + zones.p[0]) + solid == pytest.approx(5.0, rel=1e-9)
    assert (zones.n >= -1e-3).all()


def test_nothing_to_do_costs_nothing() -> None:
    assert longest_step(_fresh(0.0), KIN, ROOM) == math.inf


def test_saturated_solution_does_not_nucleate() -> None:
    rates = nucleation(np.array([KIN.solubility, 10 * KIN.solubility, 80 * KIN.solubility]), KIN, ROOM)
    assert rates[0] == 0.0
    assert rates[2] > 1e3 * rates[1]


def test_diffusion_narrows_sizes() -> None:
    """Growth that slows with size focuses; growth that does not keeps the spread of the birth times."""
    flat = Kinetics(k=1.0, nucleation=1e16, tension=0.010, diffusion=5e-10, surface=1e-5)
    assert diameters(_run(5.0)[1].n[0])[1] < 0.5 * diameters(_run(5.0, flat)[1].n[0])[1]


def test_particles_grow_on_the_right_way_through_classes() -> None:
    """A narrow population that takes up a known amount ends at the radius that the amount says."""
    zones = _fresh(0.0)
    start = int(np.searchsorted(EDGES, 0.10e-6))
    zones.n[0, start] = 1e16
    zones.p[0] = 0.5
    still = Kinetics(nucleation=0.0)
    for _ in range(4000):
        dt = longest_step(zones, still, ROOM)
        if math.isinf(dt):
            break
        zones = grown(zones, dt, still, ROOM)
    gained = (0.5 - float(zones.p[0])) * still.unit / still.density * 1e-6 / 1e16
    expected = (3 / (4 * math.pi) * (VOLUMES[start] + gained)) ** (1 / 3)
    assert diameters(zones.n[0])[0] / 2 == pytest.approx(expected * 1e6, rel=0.01)
    assert diameters(zones.n[0])[1] < 0.04


def test_description_tells_the_parameters_and_results_of_the_code() -> None:
    for text in (f"{KIN.k:g} L/mol/s", f"{KIN.tension * 1e3:g} mJ/m2", f"particle index {KIN.index:g}"):
        assert text in FIT.replace("\n", " ")
    onset, zones = _run(1.25)
    assert f"| {onset:3.0f} |" in FIT
    assert f"{100 * diameters(zones.n[0])[1]:.0f} %" in FIT
    assert "mixing_from_offset" in describe()
