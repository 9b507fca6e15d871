"""The table of units agrees with itself and with known sizes."""

from __future__ import annotations

import pytest

from labcore.model.dimensions import PREFERRED, dimension_name, dimension_vector
from labcore.model.unit_text import unit_of
from labcore.model.units import ATOMS, UnitError


def test_no_spelling_means_two_things() -> None:
    for spelling, unit in ATOMS.items():
        assert unit_of(spelling) is unit
        assert unit_of(unit.name) == unit


def test_preferred_units_measure_what_they_stand_for() -> None:
    for vector, name in PREFERRED.items():
        assert unit_of(name).vector == vector
        assert unit_of(name).name == name


@pytest.mark.parametrize(
    ("unit", "others", "ratio"),
    [
        ("kPa", "Pa", 1000),
        ("bar", "Pa", 100_000),
        ("h", "s", 3600),
        ("kJ", "N*m", 1000),
        ("W", "J/s", 1),
        ("V", "W/A", 1),
        ("Ω", "V/A", 1),
        ("S", "A/V", 1),
        ("L", "dm^3", None),
        ("L", "cm^3", 1000),
        ("M", "mol/m3", 1000),
        ("rpm", "deg/s", 6),
        ("ppm", "%", 1e-4),
        ("kHz", "1/s", 1000),
        ("g/mL", "kg/L", 1),
    ],
)
def test_sizes(unit: str, others: str, ratio: float | None) -> None:
    from labcore.model.quantity import Quantity

    if ratio is None:
        with pytest.raises(UnitError):
            unit_of(others)
    else:
        assert Quantity(1.0, unit).in_(others) == pytest.approx(ratio, rel=1e-15)


def test_names_of_dimensions_lead_back() -> None:
    for text in (
        "mL",
        "mL/min",
        "g/min",
        "mmol/L",
        "K/min",
        "kg*m/s^2",
        "pH/min",
        "mol^2/L",
        "1/min/L",
        "V/cm",
    ):
        unit = unit_of(text)
        assert dimension_vector(unit.dimension) == unit.vector
        assert dimension_name(unit.vector, "x") == unit.dimension
    assert dimension_vector("temperature") is None
    assert dimension_vector("colour") is None


@pytest.mark.parametrize(
    "text", ["mL//min", "/min", "mL/1", "1", "mL^", "mL min", "mL*", "2mL", "m^0", "°C*s", "-"]
)
def test_what_is_no_unit_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        unit_of(text)
