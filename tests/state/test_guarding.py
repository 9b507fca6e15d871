"""Readings against guards: bounds, doors, silence, heaters that do not warm, fall or run away."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from labcore.model.quantity import Quantity
from labcore.state.guarding import Rule, Watch, begin, judge, missed


def celsius(value: float) -> Quantity:
    return Quantity(value, "°C")


def heater(values: Iterable[float], target: float, every: float = 2.0) -> list[str]:
    """Return the verdicts on a series of readings of a heater."""
    rule, watch, verdicts = Rule("plate", "temperature", runaway=True), begin(0.0), []
    for number, value in enumerate(values):
        watch, wrong = judge(rule, watch, celsius(value), target, number * every)
        verdicts.append(wrong)
    return verdicts


def approach(target: float, seconds: float, every: float = 2.0) -> list[float]:
    """Return a plate that gains 0.5 K/s and closes in on its target with 60 s, as plates do."""
    values, value = [], 22.0
    for _ in range(int(seconds / every)):
        values.append(value)
        value += every * min(0.5, (target - value) / 60.0)
    return values


@pytest.mark.parametrize(
    ("value", "wrong"), [(19.9, "below 20 °C"), (20.0, ""), (60.0, ""), (60.1, "above 60 °C")]
)
def test_bounds_are_inclusive(value: float, wrong: str) -> None:
    rule = Rule("plate", "temperature", celsius(20), celsius(60))
    assert wrong in judge(rule, begin(0.0), celsius(value), None, 1.0)[1]
    assert bool(judge(rule, begin(0.0), celsius(value), None, 1.0)[1]) == bool(wrong)


def test_a_bound_may_have_another_unit_than_the_reading() -> None:
    rule = Rule("pump", "volume", high=Quantity(0.5, "L"))
    assert judge(rule, begin(0.0), Quantity(500, "mL"), None, 1.0)[1] == ""
    assert "0.51 L, above 0.5 L" in judge(rule, begin(0.0), Quantity(510, "mL"), None, 1.0)[1]


@pytest.mark.parametrize(
    ("value", "closed", "wrong"), [(1, True, ""), (0, True, "open"), (0, False, ""), (1, False, "closed")]
)
def test_a_door(value: float, closed: bool, wrong: str) -> None:
    rule = Rule("hood", "door", closed=closed)
    said = judge(rule, begin(0.0), Quantity(value, ""), None, 1.0)[1]
    assert said == (f"hood.door is {wrong}" if wrong else "")


def test_silence_is_counted_from_the_last_good_reading() -> None:
    rule = Rule("plate", "temperature", stale=7.0)
    watch, _ = judge(rule, begin(0.0), celsius(25), None, 10.0)
    assert missed(rule, watch, 17.0) == ""
    assert missed(rule, watch, 17.5) == "plate.temperature could not be read for 8 s"


@pytest.mark.parametrize("target", [30.0, 60.0, 150.0, 300.0])
def test_a_healthy_plate_is_left_alone(target: float) -> None:
    verdicts = heater(approach(target, 2400) + [target - 3.9, target + 9.0] * 50, target)
    assert set(verdicts) == {""}


def test_a_heater_that_does_not_warm() -> None:
    verdicts = heater([22.0 + 0.01 * n for n in range(60)], 80.0)
    first = next(n for n, wrong in enumerate(verdicts) if wrong)
    assert first * 2.0 == pytest.approx(62.0)
    assert verdicts[first].startswith("plate.temperature does not warm: 0.3 K in 62 s")


def test_a_heater_whose_sensor_came_off_on_the_way() -> None:
    way = approach(200.0, 100)
    verdicts = heater(way + [way[-1]] * 40, 200.0)
    assert not any(verdicts[: len(way) + 28])
    assert "does not warm" in verdicts[-1]


def test_a_heater_that_falls_and_one_that_runs_away() -> None:
    warm = approach(60.0, 1200)
    fallen = heater(warm + [55.0] * 30, 60.0)
    hot = heater(warm + [71.0] * 30, 60.0)
    assert not any(fallen[: len(warm) + 20])
    assert "fell to 55.0 °C and stays below its set-point of 60 °C" in fallen[len(warm) + 21]
    assert not any(hot[: len(warm) + 10])
    assert "runs away: 71.0 °C" in hot[len(warm) + 11]


def test_a_fall_that_passes_is_forgiven() -> None:
    warm = approach(60.0, 1200)
    assert not any(heater(warm + ([55.0] * 19 + [58.0]) * 4, 60.0))


def test_a_new_set_point_starts_anew() -> None:
    rule, watch = Rule("plate", "temperature", runaway=True), begin(0.0)
    for number, value in enumerate(approach(60.0, 1200)):
        watch, wrong = judge(rule, watch, celsius(value), 60.0, 2.0 * number)
    assert watch.reached
    cooler, wrong = judge(rule, watch, celsius(60.0), 30.0, 1300.0)
    assert (cooler.reached, wrong) == (False, "")
    for second in range(0, 300, 2):  # it takes its time to cool: that is no runaway
        cooler, wrong = judge(rule, cooler, celsius(60.0 - second / 20), 30.0, 1300.0 + second)
        assert wrong == ""


def test_an_output_that_went_off_is_no_heater_any_more() -> None:
    rule = Rule("plate", "temperature", runaway=True)
    watch = Watch(0.0, 0.0, 60.0, reached=True, low_since=1.0)
    watch, wrong = judge(rule, watch, celsius(40.0), None, 500.0)
    assert (watch.target, wrong) == (None, "")
