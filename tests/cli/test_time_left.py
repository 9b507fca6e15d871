"""The time left that a run under way shows."""

from __future__ import annotations

import pytest

from labcore.cli.progress import planned_starts, time_left

STEPS = [
    ("1", 0.0), ("2#1.1", 20.0), ("2#1.2", 30.0), ("2#2.1", 60.0), ("3.1.1", 110.0), ("3.2.1", 100.0),
    ("20", 300.0), ("finally.1", 400.0),
]  # fmt: skip
STARTS = planned_starts(STEPS)


@pytest.mark.parametrize(
    ("step", "left"),
    [("1", 400.0), ("2", 380.0), ("20", 100.0), ("3", 300.0), ("3.2.1", 300.0), ("finally.1", 0.0)],
)
def test_it_is_what_the_plan_has_still_to_do(step: str, left: float) -> None:
    assert time_left(step, STARTS, 400.0) == left


def test_a_step_that_the_plan_does_not_know_leaves_it_open() -> None:
    assert time_left("7", STARTS, 400.0) is None
    assert time_left("", {}, 0.0) is None


def test_it_is_never_negative() -> None:
    assert time_left("finally.1", STARTS, 350.0) == 0.0
