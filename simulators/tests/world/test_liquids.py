"""Heat, evaporation, settling, dissolving, pH."""

from __future__ import annotations

from typing import Any

import pytest

from labcore_simulators.world import World
from labcore_simulators.world.quantities import read


def _bench(vessel: dict[str, Any], stock: dict[str, Any] | None = None, **world: Any) -> World:
    lab = {
        "positions": {"stirrer": {"station": "stirrer"}},
        "stock": stock or {"acetone": {"in": "bottle/1", "volume": "250 mL"}},
        "vessels": {"vial": {"at": "stirrer", **vessel}},
        "world": world,
    }
    return World.from_lab(lab, seed=1)


def test_speed_ramps_and_plate_heats() -> None:
    bench = _bench({"contents": {"acetone": "30 mL"}}, evaporation=0)
    bench.set_stirring("stirrer", 400.0, 10.0)
    bench.set_heating("stirrer", 45.0, 10.0)
    assert bench.speed("stirrer", 11.0) == pytest.approx(200.0)
    assert bench.speed("stirrer", 20.0) == 400.0
    assert bench.temperature("stirrer", 30.0) < 45.0
    assert bench.temperature("stirrer", 900.0) == pytest.approx(45.0, abs=0.1)
    warm = bench.liquid_temperature("vial", 1800.0)
    assert 38.0 < warm < 45.0
    bench.set_heating("stirrer", None, 1800.0)
    assert bench.liquid_temperature("vial", 9000.0) == pytest.approx(22.0, abs=0.5)


def test_open_acetone_evaporates_and_a_cap_stops_it() -> None:
    open_one, capped = (_bench({"contents": {"acetone": "40 mL"}, "closed": c}) for c in (False, True))
    assert 40.0 - open_one.truth("vial", 3600.0)["volume_ml"] == pytest.approx(1.0, abs=0.4)
    assert open_one.mass("vial", 3600.0) < open_one.mass("bottle/1", 3600.0)
    assert capped.truth("vial", 86400.0)["volume_ml"] == 40.0


def test_concentration_rises_as_solvent_leaves() -> None:
    stock = {"salt": {"in": "bottle/1", "volume": "50 mL", "solute": "salt", "concentration": "0.1 mol/L"}}
    bench = _bench({"contents": {"salt": "20 mL"}}, stock, ambient="40 degC")
    day = bench.truth("vial", 86400.0)
    assert day["volume_ml"] < 19.5
    assert day["concentrations"]["salt"] * day["volume_ml"] == pytest.approx(100.0 * 20.0)


def test_powder_settles_rises_and_dissolves() -> None:
    powder = {"name": "caffeine", "mass": "0.2 g", "solubility": "20 g/L"}
    bench = _bench({"contents": {"acetone": "5 mL"}, "solid": powder}, evaporation=0)
    assert bench.truth("vial", 5.0)["turbidity"] == 0.0
    bench.set_stirring("stirrer", 400.0, 5.0)
    cloudy = bench.truth("vial", 60.0)
    assert cloudy["turbidity"] > 4.0
    assert bench.truth("vial", 3000.0)["solid_g"] == pytest.approx(0.1, rel=0.02)
    bench.pour("vial", bench.draw("bottle/1", 7.0, 3000.0, by="robot"), 3000.0, by="robot")
    clear = bench.truth("vial", 7000.0)
    assert clear["solid_g"] == 0.0
    assert clear["turbidity"] == 0.0
    dissolved = clear["concentrations"]["caffeine"] * 12e-3 * 194.19e-3
    assert dissolved == pytest.approx(0.2, rel=1e-6)


def test_polymer_settles_over_a_night_at_rest(react: Any) -> None:
    bench = react(5.0)
    white = bench.truth("reactor", 1800.0)["attenuation_per_cm"]
    bench.set_stirring("stirrer", 0.0, 1800.0)
    rested = bench.truth("reactor", 1800.0 + 43200.0)
    assert rested["attenuation_per_cm"] < 0.9 * white
    assert rested["bed_g"] > 1e-3
    bench.set_stirring("stirrer", 300.0, 45000.0)
    assert bench.truth("reactor", 45100.0)["bed_g"] < 1e-4


ACID = {"in": "bottle/1", "volume": "100 mL", "solute": "acetic acid", "concentration": "0.1 mol/L"}
BASE = {"in": "bottle/2", "volume": "100 mL", "base": "0.1 mol/L"}


@pytest.mark.parametrize(("added", "expected"), [(0.0, 2.88), (10.0, 4.76), (20.0, 8.73), (25.0, 12.05)])
def test_titration_of_a_weak_acid(added: float, expected: float) -> None:
    """Half-way the pH is the pKa; at the end it is that of the acetate."""
    bench = _bench({"contents": {"vinegar": "20 mL"}}, {"vinegar": ACID, "lye": BASE}, evaporation=0)
    bench.pour("vial", bench.draw("bottle/2", added, 1.0, by="robot"), 1.0, by="robot")
    assert bench.ph("vial", 2.0) == pytest.approx(expected, abs=0.03)


def test_strong_acid_and_neutral_water() -> None:
    stock = {"acid": {"in": "bottle/1", "volume": "100 mL", "acid": "10 mmol/L"}, "water": {"in": "bottle/2"}}
    bench = _bench({"contents": {"acid": "10 mL"}}, stock, evaporation=0)
    assert bench.ph("vial", 0.0) == pytest.approx(2.0, abs=0.01)
    assert bench.ph("bottle/2", 0.0) == pytest.approx(7.0, abs=0.01)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("250 mL", "mL", 250),
        ("5µL", "mL", 0.005),
        ("0.1 mol/L", "mmol/L", 100),
        ("10 mM", "mmol/L", 10),
        (3, "mm", 3),
    ],
)
def test_amounts_are_read(text: Any, unit: str, value: float) -> None:
    assert read(text, unit, where="here") == pytest.approx(value)
