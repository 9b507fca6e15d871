"""What a plan expects of a gantry, against its simulator and by its options."""

from __future__ import annotations

import pytest

from labcore_gantry.driver import GantryDispenser
from labcore_gantry.options import GantryOptions

MEASURED = {0.1: 9.7, 2.0: 11.1, 5.0: 14.0, 20.0: 28.4, 30.0: 46.5}
"""mL: s, of doses with a syringe of 25 mL on the simulated reference bench."""


def expected(volume: float, **more: str) -> float:
    options = GantryOptions.model_validate({"syringe": "25 mL", **more})
    return GantryDispenser.paces_of(options)["dispense"].seconds(volume)


@pytest.mark.parametrize("volume", MEASURED)
def test_doses_take_about_as_long_as_on_the_bench(volume: float) -> None:
    assert expected(volume) == pytest.approx(MEASURED[volume], rel=0.15)


def test_a_larger_syringe_and_a_faster_feed_are_faster() -> None:
    assert expected(20.0, syringe="50 mL") < expected(20.0) < expected(20.0, syringe="5 mL")
    assert expected(20.0, feed="4 mL/s") < expected(20.0)
