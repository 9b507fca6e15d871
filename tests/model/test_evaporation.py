"""How fast open vessels lose liquid, and how heavy liquids are: published figures, and the safe side where none is known."""

from __future__ import annotations

import pytest

from labcore.model.density import density
from labcore.model.evaporation import faster_by, losses, lost, rate
from labcore.model.interval import Interval
from labcore.model.labware import CATALOGUE
from labcore.model.solvents import SOLVENTS, solvent
from labcore.model.vessel import VesselState

VIAL = CATALOGUE["vial-50ml"]


def test_the_rate_is_that_of_the_published_correlation_with_its_margin() -> None:
    acetone = solvent("acetone")
    assert acetone is not None
    grams = 1464e-6 * 30_800 * 58.08 * 9.621e-4  # g/h over 9.621 cm2 (Mackay and van Wesenbeeck 2014)
    assert rate(VIAL, acetone) == pytest.approx(1.5 * grams / 0.791, rel=0.01)


def test_names_find_their_solvent_and_nothing_else_does() -> None:
    assert solvent("Acetone") == solvent("アセトン") == solvent("propanone") != solvent("water")
    assert solvent("THF") is not None
    assert solvent("brine") is None


def test_an_unknown_solvent_is_taken_for_the_most_volatile() -> None:
    *named, rest = losses(VIAL, {"brine": "water", "mystery": "", "acetone": ""})
    assert [(one.solvent, one.materials) for one in named] == [
        ("water", ("brine",)),
        ("acetone", ("acetone",)),
    ]
    assert rest.materials == ()
    assert rest.rate == max(rate(VIAL, one) for one in SOLVENTS)


def test_solutions_in_one_solvent_share_its_loss() -> None:
    rates = losses(VIAL, {"a": "acetone", "b": "acetone", "c": "water"})
    each, total = lost(rates, ["a", "b", "c"], 2.0)
    acetone, water = (
        rate(VIAL, one) for name in ("acetone", "water") for one in SOLVENTS if one.name == name
    )
    assert each["a"] == each["b"] == 2 * acetone
    assert total == pytest.approx(2 * (acetone + water))


def test_warmth_makes_it_faster_than_any_vapour_pressure_rises() -> None:
    assert faster_by(20.0) == 1.0
    assert faster_by(45.0) == 4.0  # water: 3.0 times, acetone: 2.2 times


def test_time_lowers_the_lower_end_only_and_never_below_nothing() -> None:
    held = {"acetone": Interval(19.0, 20.0, 21.0)}
    vial = VesselState("vial-50ml", "rack", held, losses=losses(VIAL, {"acetone": ""}))
    later = vial.aged(3600.0).volume
    assert (later.mid, later.high) == (20.0, 21.0)
    assert later.low == pytest.approx(19.0 - 4.78)
    assert vial.aged(1e6).volume.low == 0.0
    assert vial.aged(1800.0).aged(3600.0).volume.low == pytest.approx(later.low)
    shut = VesselState("vial-50ml", "rack", held, closed=True, losses=vial.losses)
    assert shut.aged(1e6).volume == Interval(19.0, 20.0, 21.0)


@pytest.mark.parametrize(
    ("name", "recipe", "low", "high"),
    [
        ("acetone", {}, 0.777, 0.805),
        ("brine", {"density": "1.100 g/mL", "solvent": "water"}, 1.094, 1.106),
        ("acid", {"solvent": "water", "solute": "acid", "concentration": "0.1 mol/L"}, 0.991, 1.053),
    ],
)
def test_densities(name: str, recipe: dict[str, str], low: float, high: float) -> None:
    found = density(name, recipe)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(low, abs=0.001), pytest.approx(high, abs=0.001))


@pytest.mark.parametrize(
    "recipe",
    [
        {},
        {"solvent": "water", "solute": "salt"},
        {"solvent": "water", "solute": "salt", "concentration": "5 g/L"},
    ],
)
def test_what_nobody_knows_has_no_density(recipe: dict[str, str]) -> None:
    assert density("brine", recipe) is None


def test_what_is_warm_may_be_lighter() -> None:
    cold, warm = density("acetone", {}), density("acetone", {}, 45.0)
    assert cold is not None
    assert warm is not None
    assert warm.low == pytest.approx(cold.low * 0.97)
    assert warm.high == cold.high
