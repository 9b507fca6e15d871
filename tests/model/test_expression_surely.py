"""`surely(...)`: a condition over whole intervals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.model.expression import EvaluationError, Observed, evaluate, parse_expression
from labcore.model.quantity import Quantity


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("surely(turbidity(reactor) >= 4)", False),  # 3.9 to 4.3
        ("surely(turbidity(reactor) >= 3.9)", True),
        ("surely(turbidity(reactor) > 3.9)", False),
        ("surely(turbidity(reactor) < 4.3)", False),
        ("surely(turbidity(reactor) <= 4.3)", True),
        ("surely(turbidity(reactor) < 4)", False),
        ("not surely(turbidity(reactor) < 4)", True),
        ("surely(not turbidity(reactor) < 3)", True),
        ("surely(not turbidity(reactor) < 4)", False),
        ("surely(4.4 > turbidity(reactor))", True),
        ("surely(turbidity(reactor) == 4.1)", False),
        ("surely(turbidity(reactor) != 5)", True),
        ("surely(turbidity(reactor) != 4)", False),
        ("surely(count(reactor) == 3)", True),
        ("surely(mass(reactor) - tare > 29 g)", True),
        ("surely(mass(reactor) - tare > 30 g)", False),
        ("surely(mass(reactor) * 2 > 79 g)", False),
        ("surely(mass(reactor) / 2 > 19.7 g)", True),
        ("surely(-mass(reactor) < -39 g)", True),
        ("surely(mass(reactor) - mass(reactor) == 0 g)", False),
        ("surely(abs(placement(reactor).offset) <= 2 mm)", True),
        ("surely(abs(placement(reactor).offset) >= 0 mm)", True),
        ("surely(abs(placement(reactor).offset) > 0 mm)", False),
        ("surely(max(turbidity(reactor), 4) >= 4)", True),
        ("surely(min(turbidity(reactor), 4) >= 3.9)", True),
        ("surely(floor(turbidity(reactor)) >= 3)", True),
        ("surely(ceil(turbidity(reactor)) >= 5)", False),
        ("surely(turbidity(reactor) > 3 and mass(reactor) < 41 g)", True),
        ("surely(turbidity(reactor) > 4 or mass(reactor) < 41 g)", True),
        ("surely(turbidity(reactor) > 4 or turbidity(reactor) <= 4)", False),
        ("surely(ready)", True),
        ("surely(mode == 'fast' and n > 4)", True),
        ("surely(surely(turbidity(reactor) > 3))", True),
    ],
)
def test_surely(text: str, holds: bool, bench: Any) -> None:
    assert evaluate(parse_expression(text), bench) is holds


def test_dividing_by_what_may_be_zero_is_refused(bench: Any) -> None:
    with pytest.raises(EvaluationError, match="may be zero"):
        evaluate(parse_expression("surely(1 mm / placement(reactor).offset > 0)"), bench)
    with pytest.raises(EvaluationError, match="certain"):
        evaluate(parse_expression("surely(round(n, turbidity(reactor)) > 0)"), bench)


bounds = st.floats(-100, 100)
texts = st.sampled_from(
    [
        "a(x) < b(x)",
        "a(x) + b(x) >= 3",
        "a(x) * b(x) > 10 or a(x) < -5",
        "not (a(x) - b(x) <= 0 and b(x) > 1)",
        "abs(a(x)) >= max(b(x), 2)",
        "-a(x) < min(b(x), 0) and a(x) != b(x)",
    ]
)


def spread(ends: tuple[float, float], share: float) -> tuple[float, float, float]:
    low, high = min(ends), max(ends)
    return low + share * (high - low), low, high


@settings(derandomize=True, max_examples=300, deadline=None, database=None)
@given(texts, st.tuples(bounds, bounds), st.tuples(bounds, bounds), st.floats(0, 1), st.floats(0, 1))
def test_what_surely_holds_holds_for_every_value(
    text: str, a: tuple[float, float], b: tuple[float, float], s: float, t: float
) -> None:
    class Certain:
        def __init__(self, values: dict[str, tuple[float, float, float]]) -> None:
            self.values = values

        def lookup(self, name: str, attribute: str | None = None) -> float:
            raise EvaluationError(name)

        def observe(self, observable: str, subject: str, attribute: str | None = None) -> Observed:
            value, low, high = self.values[observable]
            return Observed(Quantity(value, ""), low, high)

    wide = Certain({"a": spread(a, s), "b": spread(b, t)})
    if evaluate(parse_expression(f"surely({text})"), wide):
        assert evaluate(parse_expression(text), wide) is True
