"""Quantities: what is read, what is refused with which remedy, and arithmetic with units."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import reduce
from operator import mul

import pytest

from labcore.model.quantity import Quantity, QuantityError, UnitError, format_number, parse_quantity


@pytest.mark.parametrize("text", ["5 ul", "5 uL", "5µL", "5 μL", "5.0 µl", "５ μＬ", "5 ㎕", " 5 uL "])
def test_every_spelling_of_a_microlitre_is_the_same(text: str) -> None:
    assert parse_quantity(text) == Quantity(5.0, "uL")
    assert parse_quantity(text).unit == "μL"


@pytest.mark.parametrize(
    ("text", "value", "unit", "dimension"),
    [
        ("20 mL", 20, "mL", "volume"),
        ("1.5ml/min", 1.5, "mL/min", "volume flow"),
        ("5 M", 5, "mol/L", "concentration"),
        ("5 mM", 5, "mmol/L", "concentration"),
        ("5 m", 5, "m", "length"),
        ("300 rpm", 300, "rpm", "rotation"),
        ("740 s", 740, "s", "time"),
        ("5 min", 5, "min", "time"),
        ("24 h", 24, "h", "time"),
        ("2 d", 2, "d", "time"),
        ("2 days", 2, "d", "time"),
        ("25 %", 25, "%", "ratio"),
        ("37 °C", 37, "°C", "temperature"),
        ("37 ℃", 37, "°C", "temperature"),
        ("2 K", 2, "K", "temperature difference"),
        ("5 K/min", 5, "K/min", "temperature difference/time"),
        ("4.5 kW", 4.5, "kW", "power"),
        ("24 V", 24, "V", "voltage"),
        ("100 mbar", 100, "mbar", "pressure"),
        ("3 mm/min", 3, "mm/min", "speed"),
        ("90 deg", 90, "deg", "angle"),
        ("10 g/L", 10, "g/L", "mass concentration"),
        ("0.02 1/cm", 0.02, "1/cm", "attenuation"),
        ("0.02 cm⁻¹", 0.02, "1/cm", "attenuation"),
        ("10 mmol L⁻¹", 10, "mmol/L", "concentration"),
        ("1 cm³", 1, "cm^3", "volume"),
        ("7.4 pH", 7.4, "pH", "pH"),
        ("2 g/min", 2, "g/min", "mass/time"),
        ("5 mL / min", 5, "mL/min", "volume flow"),
        ("-1 mL", -1, "mL", "volume"),
        ("+.5 mL", 0.5, "mL", "volume"),
        ("1e3 mL", 1000, "mL", "volume"),
        ("0.2 mmol", 0.2, "mmol", "amount"),
    ],
)
def test_quantities_are_read(text: str, value: float, unit: str, dimension: str) -> None:
    quantity = parse_quantity(text)
    assert (quantity.value, quantity.unit, quantity.dimension) == (value, unit, dimension)
    assert parse_quantity(str(quantity)) == quantity


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("1,5 mL", "decimal comma", "1.5 mL"),
        ("1,000 mL", "comma", "1000 mL or 1.000 mL"),
        ("1_000 mL", "no clear number", "digits"),
        ("1 000 mL", "no clear number", "digits"),
        ("5", "no unit", "5 mL"),
        ("37 C", "'C'", "°C"),
        ("98 °F", "'°F'", "°C"),
        ("45 °", "'°'", "deg"),
        ("5 ML", "'ML'", "mL"),
        ("5 MIN", "'MIN'", "min"),
        ("5 mll", "'mll'", "mL"),
        ("5 cc", "'cc'", "mL"),
        ("5 °C/min", "°C", "K"),
        ("5-10 mL", "range", "one number"),
        ("5 ± 1 mL", "range", "one number"),
        ("NaN mL", "finite", "20 mL"),
        ("inf mL", "finite", "20 mL"),
        (".nan", "finite", "20 mL"),
        ("1e400 L", "too large", "20 mL"),
        ("2026-01-02", "range", "one number"),
        ("", "missing", "20 mL"),
        ("mL", "begin with a number", "20 mL"),
        ("5² mL", "plain digit", "plain digits"),
        ("5 mL\u200b", "U+200B", "Delete"),
        ("20 mL min", "'mL min'", ""),
        ("5 mL/", "'mL/'", ""),
        ("9" * 1_000_000 + " mL", "too long", "20 mL"),
        ("5 " + "m*" * 20 + "m", "too long", ""),
    ],
)
def test_what_is_no_quantity_is_refused_with_the_fix(text: str, message: str, remedy: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text)
    assert message in caught.value.message
    assert remedy in caught.value.remedy


def test_a_bare_number_is_read_only_on_request() -> None:
    assert parse_quantity("5", bare=True) == Quantity(5.0, "")
    assert parse_quantity("5", bare=True).dimension == "number"
    with pytest.raises(QuantityError):
        parse_quantity("5")


def test_units_convert_without_float_noise() -> None:
    assert Quantity(9.0, "mL").in_("L") == 0.009
    assert Quantity(0.3, "mL").in_("uL") == 300.0
    assert Quantity(1.0, "d").in_("s") == 86400.0
    assert Quantity(360.0, "deg").in_("rev") == 1.0
    assert Quantity(1.0, "mol/m^3").in_("mmol/L") == 1.0
    assert Quantity(1.0, "bar").to("mbar") == Quantity(1000.0, "mbar")


def test_comparing_ignores_the_unit_and_the_noise() -> None:
    assert Quantity(300.0, "uL") <= Quantity(0.3, "mL")
    assert not Quantity(300.0, "uL") > Quantity(0.1, "mL") + Quantity(0.2, "mL")
    assert Quantity(1.0, "L") == Quantity(1000.0, "mL")
    assert hash(Quantity(1.0, "L")) == hash(Quantity(1000.0, "mL"))
    assert Quantity(1.0, "L") != Quantity(1.0, "kg")
    assert Quantity(1.0, "s") < Quantity(1.0, "min")
    assert Quantity(4.0, "") >= 4
    assert Quantity(37.0, "°C") > Quantity(20.0, "°C")


@pytest.mark.parametrize(
    ("left", "right"), [("1 mL", "1 g"), ("1 s", "1 rpm"), ("37 °C", "310 K"), ("1 Hz", "60 rpm")]
)
def test_what_measures_different_things_is_not_compared(left: str, right: str) -> None:
    with pytest.raises(UnitError):
        _ = parse_quantity(left) < parse_quantity(right)
    with pytest.raises(UnitError):
        parse_quantity(left).in_(parse_quantity(right).unit)


def test_products_and_quotients_come_in_usual_units() -> None:
    volume = parse_quantity("0.2 mmol") / parse_quantity("10 mmol/L")
    assert (volume.value, volume.unit) == (20.0, "mL")
    assert str(parse_quantity("5 mL") / parse_quantity("10 s")) == "30 mL/min"
    assert str(parse_quantity("3 g") / parse_quantity("2 min")) == "1.5 g/min"
    assert str(1 / parse_quantity("2 cm")) == "0.5 1/cm"
    assert parse_quantity("5 %") * parse_quantity("20 mL") == Quantity(1.0, "mL")
    assert (parse_quantity("20 mL") / parse_quantity("0.01 L")).unit == ""
    assert 2 * parse_quantity("3 mL") == parse_quantity("6 mL")


def test_sums_keep_the_unit_of_the_left() -> None:
    total = parse_quantity("1 mL") + parse_quantity("500 uL")
    assert (total.value, total.unit) == (1.5, "mL")
    with pytest.raises(UnitError, match="mass"):
        _ = parse_quantity("1 mL") + parse_quantity("1 g")
    with pytest.raises(UnitError, match="number"):
        _ = parse_quantity("1 mL") + 1


def test_celsius_is_only_a_point() -> None:
    warm, cold = parse_quantity("37 °C"), parse_quantity("20 °C")
    assert warm - cold == Quantity(17.0, "K")
    assert warm + Quantity(5.0, "K") == Quantity(42.0, "°C")
    assert Quantity(5.0, "K") + warm == Quantity(42.0, "°C")
    assert warm - Quantity(5.0, "K") == Quantity(32.0, "°C")
    refused: tuple[Callable[[], object], ...] = (
        lambda: warm + cold,
        lambda: warm * 2,
        lambda: 2 * warm,
        lambda: warm / 2,
        lambda: Quantity(5.0, "K") - warm,
        lambda: -warm,
        lambda: abs(warm),
        lambda: Quantity(1.0, "mL") * warm,
        lambda: 1 / warm,
        lambda: warm + 5,
    )
    for sum_or_product in refused:
        with pytest.raises(UnitError):
            sum_or_product()


def test_quantities_are_finite_numbers_of_known_units() -> None:
    with pytest.raises(QuantityError):
        Quantity(float("nan"), "mL")
    with pytest.raises(QuantityError):
        _ = Quantity(1e300, "mL") * 1e300
    with pytest.raises(UnitError):
        Quantity(1.0, "furlong")
    with pytest.raises(ZeroDivisionError):
        _ = Quantity(1.0, "mL") / Quantity(0.0, "mL")
    with pytest.raises(TypeError):
        _ = Quantity(1.0, "mL") * True


def test_multiplying_units_is_bounded() -> None:
    with pytest.raises(UnitError, match="Too many"):
        reduce(mul, [Quantity(2.0, "km")] * 20)


def test_a_quantity_survives_copying() -> None:
    quantity = parse_quantity("10 mmol/L")
    assert pickle.loads(pickle.dumps(quantity)) == copy.deepcopy(quantity) == quantity
    assert repr(quantity) == "Quantity(value=10.0, unit='mmol/L')"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (20.0, "20"),
        (0.1 + 0.2, "0.3"),
        (1234567.0, "1234570"),
        (0.00002, "0.00002"),
        (-0.0, "0"),
        (1e-9, "1e-09"),
        (1e20, "1e+20"),
        (2.5, "2.5"),
    ],
)
def test_numbers_are_written_without_noise(value: float, text: str) -> None:
    assert format_number(value) == text


def test_quantities_write_themselves() -> None:
    assert str(parse_quantity("20.0 ml")) == "20 mL"
    assert str(Quantity(4.0, "")) == "4"
    assert str(Quantity(25.0, "%")) == "25 %"
