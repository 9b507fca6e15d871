"""The scale is a definition: these numbers may never change."""

from __future__ import annotations

import math

import pytest

from labcore_turbidity.scale import attenuation, turbidity


@pytest.mark.parametrize(
    ("per_cm", "value"),
    [(0.0, 0.0), (0.02, 0.6272), (0.1, 1.6214), (0.5, 2.9482), (1.0, 3.5581), (5.0, 5.0), (40.0, 5.0)],
)
def test_known_values(per_cm: float, value: float) -> None:
    assert turbidity(per_cm) == pytest.approx(value, abs=5e-4)


def test_is_the_written_formula() -> None:
    for per_cm in (0.003, 0.07, 0.9, 4.2):
        assert turbidity(per_cm) == pytest.approx(5 * math.log(1 + per_cm / 0.02) / math.log(1 + 5 / 0.02))


def test_inverse_and_order() -> None:
    steps = [i / 20 for i in range(101)]
    back = [turbidity(attenuation(t)) for t in steps]
    assert back == pytest.approx(steps)
    assert attenuation(5.0) == pytest.approx(5.0)
    assert attenuation(6.0) > 10


@pytest.mark.parametrize("wrong", [-0.1, math.nan])
def test_refuses_what_is_no_attenuation(wrong: float) -> None:
    with pytest.raises(ValueError, match="attenuation"):
        turbidity(wrong)
    with pytest.raises(ValueError, match="turbidity"):
        attenuation(wrong)
