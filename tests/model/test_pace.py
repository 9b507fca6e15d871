"""How long an act is expected to take."""

from __future__ import annotations

import pytest

from labcore.model.pace import Pace


@pytest.mark.parametrize(
    ("amount", "seconds"), [(0.0, 9.0), (20.0, 29.0), (25.0, 34.0), (30.0, 48.0), (75.0, 102.0)]
)
def test_every_portion_costs_its_way(amount: float, seconds: float) -> None:
    assert Pace(9.0, each=1.0, portion=25.0).seconds(amount) == seconds


def test_without_portions_everything_goes_at_once() -> None:
    assert Pace(60.0, each=4.0).seconds(25.0) == 160.0
    assert Pace(20.0).interval().mid == 20.0
