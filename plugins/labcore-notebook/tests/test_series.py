"""When a rise is stated, and when it is not."""

from __future__ import annotations

from typing import Any

import pytest

from labcore_notebook.journal import read
from labcore_notebook.series import Series, gather, rise


def write(record: Any, values: list[tuple[float, float]]) -> Series:
    """Write pictures with values every 30 s and return the series."""
    for number, (value, half) in enumerate(values):
        record.now = 30.0 * number
        record.turbidity(value, half, record.picture(f"1#{number}", 0.1))
    return gather(read(record))[0]


STEADY = [(0.1, 0.1)] * 8


def test_a_steady_series_has_no_onset(empty: Any) -> None:
    assert rise(write(empty, STEADY)) is None


def test_one_outlier_is_no_onset(empty: Any) -> None:
    assert rise(write(empty, [*STEADY[:5], (2.0, 0.1), *STEADY[:4]])) is None


def test_a_value_whose_interval_reaches_down_is_no_onset(empty: Any) -> None:
    assert rise(write(empty, [*STEADY, (1.0, 0.9), (1.0, 0.9), (1.0, 0.9)])) is None


def test_too_few_values_give_no_onset(empty: Any) -> None:
    assert rise(write(empty, [(0.1, 0.05), (0.1, 0.05), (0.1, 0.05), (3, 0.1), (4, 0.1)])) is None


def test_onset_half_rise_and_levels(empty: Any) -> None:
    found = rise(
        write(empty, [*STEADY[:5], (0.8, 0.1), (2.0, 0.1), (3.0, 0.1), (4.0, 0.1), (4.0, 0.1), (4.0, 0.1)])
    )
    assert found is not None
    assert (found.before.at, found.onset.at) == pytest.approx((120.4, 150.4))
    assert found.threshold == pytest.approx(0.2)
    assert found.half_level == pytest.approx(2.05)
    assert found.half is not None
    assert found.half.body.value == 3.0


def test_a_value_that_is_cloudy_already_is_no_baseline(empty: Any) -> None:
    """The demo, seed 1: two clear values before the polymer falls out."""
    demo = [(0.07, 0.07), (0.015, 0.01), (1.68, 0.08), (3.6, 0.1), (4.75, 0.25), (4.75, 0.25), (4.75, 0.25)]
    found = rise(write(empty, demo))
    assert found is not None
    assert len(found.baseline) == 2
    assert found.threshold == pytest.approx(0.14)
    assert (found.before.at, found.onset.at) == pytest.approx((30.4, 60.4))
    assert found.half_level == pytest.approx((0.0425 + 4.75) / 2)


def test_one_clear_value_is_baseline_enough(empty: Any) -> None:
    found = rise(write(empty, [(0.1, 0.1), *[(2.0, 0.1)] * 6]))
    assert found is not None
    assert (found.before.at, found.onset.at) == pytest.approx((0.4, 30.4))


def test_doubtful_values_are_not_used(empty: Any) -> None:
    for number in range(12):
        empty.now = 30.0 * number
        quality = "doubtful" if 5 <= number < 8 else "good"
        empty.turbidity(4.0 if number >= 5 else 0.1, 0.1, empty.picture(f"1#{number}", 0.1), quality)
    found = rise(gather(read(empty))[0])
    assert found is not None
    assert found.onset.at == pytest.approx(240.4)


def test_an_observation_said_twice_counts_once(empty: Any) -> None:
    picture = empty.picture("1#1", 0.5)
    empty.turbidity(1.0, 0.1, picture)
    empty.turbidity(1.0, 0.1, picture)
    assert len(gather(read(empty))[0].values) == 1


def test_a_late_observer_does_not_move_the_time(empty: Any) -> None:
    picture = empty.picture("1#1", 0.5)
    empty.now += 500
    empty.turbidity(1.0, 0.1, picture)
    assert gather(read(empty))[0].values[0].at == pytest.approx(0.4)
