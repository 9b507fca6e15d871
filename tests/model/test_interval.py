"""Intervals: conservative arithmetic, and bounds that cannot cross."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.model.interval import Interval

amounts = st.floats(-1e6, 1e6)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, mid, high = sorted(draw(st.tuples(amounts, amounts, amounts)))
    return Interval(low, mid, high)


quick = settings(derandomize=True, max_examples=200, deadline=None, database=None)


@quick
@given(intervals(), intervals(), st.floats(0, 1), st.floats(0, 1))
def test_sums_and_differences_hold_every_true_value(a: Interval, b: Interval, s: float, t: float) -> None:
    x, y = a.low + s * a.width, b.low + t * b.width
    slack = 1e-9 * (abs(x) + abs(y) + 1)
    assert (a + b).low - slack <= x + y <= (a + b).high + slack
    assert (a - b).low - slack <= x - y <= (a - b).high + slack


@quick
@given(intervals(), intervals())
def test_hull_holds_both_and_intersection_is_in_both(a: Interval, b: Interval) -> None:
    hull, shared = a.hull(b), a.intersect(b)
    turned = b.hull(a)
    assert (hull.low, hull.high) == (turned.low, turned.high)
    assert hull.mid == pytest.approx(turned.mid, rel=1e-9, abs=1e-9 * hull.width)
    assert all(hull.contains(end) for end in (a.low, a.high, b.low, b.high, hull.mid))
    if shared is None:
        assert a.high < b.low or b.high < a.low
    else:
        assert a.contains(shared.mid)
        assert b.contains(shared.mid)


@quick
@given(intervals(), st.floats(-1e3, 1e3))
def test_scaling_keeps_order(a: Interval, factor: float) -> None:
    scaled = a.scale(factor)
    assert scaled.low <= scaled.mid <= scaled.high
    assert scaled.width == pytest.approx(a.width * abs(factor), abs=1e-6, rel=1e-9)


def test_ways_to_make_one() -> None:
    assert Interval.exactly(3) == Interval(3, 3, 3)
    assert Interval.around(10, relative=0.05) == Interval(9.5, 10, 10.5)
    assert Interval.around(-10, relative=0.1, absolute=1) == Interval(-12, -10, -8)
    assert Interval.between(2, 6) == Interval(2, 4, 6)


def test_width_and_clamp() -> None:
    assert Interval(1, 2, 4).width == 3
    assert Interval(1, 2, 4).relative_width == 1.5
    assert Interval.exactly(0).relative_width == 0
    assert Interval(-1, 0, 1).relative_width == inf
    assert Interval(-2, -1, 3).clamp_low(0) == Interval(0, 0, 3)
    assert Interval(1, 2, 3).contains(3)
    assert not Interval(1, 2, 3).contains(3.1)


@pytest.mark.parametrize(
    "bounds", [(2, 1, 3), (1, 4, 3), (nan, 1, 2), (0, 1, inf), (-inf, 0, 1), (1, nan, 2)]
)
def test_bounds_that_are_no_interval_are_refused(bounds: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="not an interval"):
        Interval(*bounds)


def test_rounding_noise_is_no_contradiction() -> None:
    noisy = Interval(0.1 + 0.2, 0.3, 0.3)
    assert noisy.low <= noisy.mid <= noisy.high
