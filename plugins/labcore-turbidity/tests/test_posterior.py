"""Beliefs: narrow where signs agree, wide where they cannot tell, never a confident 5."""

from __future__ import annotations

import numpy as np
import pytest

from labcore_turbidity.posterior import PER_CM, SCALE_UNITS, Sign, weigh


def sign(observed: float, error: float) -> Sign:
    return Sign(observed, SCALE_UNITS.copy(), np.full_like(SCALE_UNITS, error))


def test_no_sign_leaves_everything_possible() -> None:
    belief = weigh([])
    assert belief.high == 5.0
    assert belief.low < 0.8


def test_one_sign_gives_its_own_interval() -> None:
    belief = weigh([sign(2.5, 0.2)])
    assert belief.value == pytest.approx(2.5, abs=0.02)
    assert belief.high - belief.low == pytest.approx(
        2 * 1.94 * 0.2, rel=0.08
    )  # Student, 6 degrees of freedom


def test_two_signs_that_agree_narrow_it_and_that_disagree_widen_it() -> None:
    one, agree, split = (weigh(s) for s in ([sign(2, 0.3)], [sign(2, 0.3)] * 2, [sign(1, 0.2), sign(3, 0.2)]))
    assert agree.high - agree.low < one.high - one.low < split.high - split.low


def test_a_clear_liquid_includes_zero() -> None:
    assert weigh([sign(0.0, 0.2)]).low == 0.0


def test_saturated_sign_is_not_a_confident_five() -> None:
    flat = np.minimum(SCALE_UNITS, 3.5)
    belief = weigh([Sign(3.5, flat, np.full_like(flat, 0.1))])
    assert belief.high == 5.0
    assert belief.low < 4.2


def test_what_does_not_speak_against_clear_is_zero() -> None:
    assert weigh([sign(0.15, 0.1)]).value == 0.0
    assert weigh([sign(0.25, 0.1)]).value == pytest.approx(0.25, abs=0.02)


def test_grid_is_fine_near_clear_and_reaches_past_the_end() -> None:
    assert PER_CM[0] == 0.0
    assert SCALE_UNITS[1] == 0.0005
    assert np.all(np.diff(SCALE_UNITS) > 0)
    assert PER_CM[np.searchsorted(SCALE_UNITS, 5.0)] == pytest.approx(5.0)
    assert PER_CM[-1] > 40
