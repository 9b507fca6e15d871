"""Two zones: exchange, material balance, and the declared assumption about placement."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labcore_simulators.world import World

React = Callable[..., World]


def _spread(bench: World) -> float:
    return float(bench.truth("reactor", 743.0)["cv"])


def test_off_centre_broadens_sizes_most_where_dilute(react: React) -> None:
    gains = [_spread(react(c, offset=6.0, tilt=4.0)) - _spread(react(c)) for c in (5.0, 2.5, 1.25)]
    assert gains[2] > 0.02
    assert gains[2] > 2 * max(gains[0], gains[1])


def test_slider_at_zero_switches_the_assumption_off(react: React) -> None:
    centred, badly = react(1.25), react(1.25, offset=6.0, tilt=4.0, mixing_from_offset=0)
    assert badly.truth("reactor", 700.0)["offset_mm"] > 1.0
    assert _spread(badly) == pytest.approx(_spread(centred), rel=1e-9)


def test_zones_differ_without_stirring_and_even_out_with_it(react: React) -> None:
    bench = react(2.5)
    bench.set_stirring("stirrer", 0.0, 3.0)
    still = bench.truth("reactor", 240.0)["zone_attenuations"]
    assert abs(still[0] - still[1]) > 0.2 * max(still)
    bench.set_stirring("stirrer", 500.0, 240.0)
    stirred = bench.truth("reactor", 300.0)["zone_attenuations"]
    assert stirred[0] == pytest.approx(stirred[1], rel=0.02)


def test_every_atom_is_somewhere(react: React) -> None:
    bench = react(5.0, offset=3.0, tilt=2.0)
    before = bench.mass("reactor", 3.0)
    assert bench.mass("reactor", 3600.0) == pytest.approx(before, rel=1e-6)


def test_a_simulated_hour_after_an_hour_of_rest_is_all_but_settled(react: React) -> None:
    bench = react(5.0)
    early, late = (bench.truth("reactor", t)["attenuation_per_cm"] for t in (200.0, 7200.0))
    assert late > 2 * early
