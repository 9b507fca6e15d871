"""Numbers carry the digits their uncertainty supports."""

from __future__ import annotations

import pytest

from labcore_notebook.numbers import clock, common_decimals, decimals, fixed, plain, wall
from labcore_notebook.words import Words


@pytest.mark.parametrize(
    ("half_width", "expected"),
    [(0.2, 1), (0.15, 2), (0.0021, 3), (3.0, 0), (12.0, 0), (0.0, None), (0.999, 1)],
)
def test_decimals(half_width: float, expected: int | None) -> None:
    assert decimals(half_width) == expected


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00:00"), (59.6, "0:01:00"), (3661, "1:01:01"), (86399.7, "24:00:00"), (-4, "−0:00:04")],
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_plain_numbers_and_signs() -> None:
    assert plain(300.0) == "300"
    assert plain(-1.5) == "−1.5"
    assert fixed(-0.004, 1) == "0.0"
    assert common_decimals([0.2, 0.25, 40.0]) == 1
    assert common_decimals([]) is None


def test_spread_in_both_languages() -> None:
    assert Words("en").spread(19.8, 20.0, 20.2, "mL") == "20.0\u00a0mL (19.8 to 20.2)"
    assert Words("ja").spread(19.8, 20.0, 20.2, "mL") == "20.0\u00a0mL（19.8～20.2）"
    assert Words("en").spread(20.0, 20.0, 20.0, "mL") == "20\u00a0mL"


def test_wall_time() -> None:
    assert wall("2024-05-12T18:00:00+09:00") == "2024-05-12 09:00:00 UTC"
    assert wall("yesterday") == "yesterday"
