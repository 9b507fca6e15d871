"""Mie theory against textbook values."""

from __future__ import annotations

import math

import pytest

from labcore_simulators.world.mie import efficiency


@pytest.mark.parametrize(("x", "expected"), [(1.0, 0.2151), (10.0, 2.882)])
def test_textbook_extinction(x: float, expected: float) -> None:
    assert efficiency(x, 1.5)[0] == pytest.approx(expected, rel=3e-4)


def test_small_spheres_follow_rayleigh() -> None:
    x, m = 0.02, 1.33
    contrast = (m * m - 1) / (m * m + 2)
    found, forward = efficiency(x, m)
    assert found == pytest.approx(8 / 3 * x**4 * contrast**2, rel=2e-3)
    assert forward == pytest.approx(0.0, abs=1e-3)


def test_large_spheres_take_twice_their_shadow_and_scatter_forward() -> None:
    found, forward = efficiency(150.0, 1.2)
    assert found == pytest.approx(2.0, abs=0.15)
    assert forward > 0.85


def test_anisotropy_of_half_a_micrometre_in_acetone() -> None:
    """The table of the reference: 0.4 um, n = 1.65 in 1.357, Q = 0.82, g = 0.80."""
    found, forward = efficiency(2 * math.pi * 1.357 * 0.2 / 0.55, 1.65 / 1.357)
    assert found == pytest.approx(0.82, abs=0.01)
    assert forward == pytest.approx(0.80, abs=0.01)
