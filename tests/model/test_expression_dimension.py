"""Dimensions are checked before any value is known."""

from __future__ import annotations

from typing import Any

import pytest

from labcore.model.expression import (
    Call,
    EvaluationError,
    ExpressionError,
    Name,
    NotYet,
    evaluate,
    parse_expression,
    parse_template,
    static_dimension,
)
from labcore.model.quantity import Quantity

KNOWN = {
    "monomer": "amount",
    "diamine_solution.concentration": "concentration",
    "speed": "rotation",
    "min": "time",
    "oven": "temperature",
    "クリア": "volume",
    "tare": "mass",
    "n": "number",
    "mode": "text",
    "ready": "yes/no",
    "turbidity(reactor)": "number",
    "mass(reactor)": "mass",
    "share": "ratio",
}


def dimensions(node: Name | Call) -> str | None:
    return KNOWN.get(node.key)


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("monomer / diamine_solution.concentration", "volume"),
        ("クリア / min", "volume flow"),
        ("tare / min", "mass/time"),
        ("tare / min * min", "mass"),
        ("クリア / クリア", "number"),
        ("1 / min", "frequency"),
        ("oven - 20 °C", "temperature difference"),
        ("oven + 5 K", "temperature"),
        ("5 K + oven", "temperature"),
        ("turbidity(reactor) >= 4", "yes/no"),
        ("surely(mass(reactor) < 39 g) and not ready", "yes/no"),
        ("share * クリア", "volume"),
        ("share * share", "number"),
        ("share + 1", "ratio"),
        ("unknown", None),
        ("unknown * 2 mL", None),
        ("unknown + 2 mL", "volume"),
        ("unknown > 2 mL", "yes/no"),
        ("min(unknown, 2 mL)", "volume"),
        ("round(クリア, 0.1 mL)", "volume"),
        ("abs(n)", "number"),
        ("-クリア", "volume"),
        ("'x'", "text"),
        ("mode == 'x'", "yes/no"),
        ("speed * min", "angle"),
        ("n * speed", "rotation"),
    ],
)
def test_what_it_measures(text: str, dimension: str | None) -> None:
    assert static_dimension(parse_expression(text), dimensions) == dimension


@pytest.mark.parametrize(
    ("text", "column", "message", "remedy"),
    [
        ("クリア + tare", 5, "Mass cannot be added to volume", "same"),
        ("クリア + 2", 5, "number without unit", "Write the unit"),
        ("turbidity(reactor) >= 4 mL", 20, "compared", "Write the unit"),
        ("mass(reactor) < 39", 15, "compared", "Write the unit"),
        ("oven * 2", 6, "°C", "K"),
        ("-oven", 1, "°C", "K"),
        ("oven + oven", 6, "°C", "K"),
        ("5 K - oven", 5, "°C", "K"),
        ("mode + 1", 6, "text", ""),
        ("ready < 2", 7, "condition", ""),
        ("n and ready", 3, "condition", "Compare"),
        ("not mode", 1, "condition", "Compare"),
        ("surely(n)", 1, "condition", "Compare"),
        ("round(クリア)", 1, "step", "0.1 mL"),
        ("min(n, クリア)", 1, "given to min", "Write the unit"),
        ("abs(oven)", 1, "°C", "K"),
        ("n == ready", 3, "compared", "same"),
    ],
)
def test_what_cannot_go_together(text: str, column: int, message: str, remedy: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        static_dimension(parse_expression(text), dimensions)
    assert message in caught.value.message
    assert remedy in caught.value.remedy
    assert caught.value.column == column


def test_columns_count_from_the_start_of_the_scalar() -> None:
    template = parse_template("add ${ クリア + tare } now")
    assert not isinstance(template, str)
    with pytest.raises(ExpressionError) as caught:
        static_dimension(template.expressions()[0], dimensions)  # type: ignore[union-attr]
    assert caught.value.column == len("add ${ クリア ") + 1


def test_the_check_agrees_with_the_value(bench: Any) -> None:
    """Whatever the check lets pass with a known dimension has a value of that dimension."""
    names = ["monomer", "クリア", "tare", "n", "oven", "2 mL", "5 K", "3", "mode", "ready", "5 %"]
    checked = 0
    for left in names:
        for right in names:
            for sign in ("+", "-", "*", "/", "<", "=="):
                expression = parse_expression(f"{left} {sign} {right}")
                try:
                    expected = static_dimension(expression, dimensions)
                except ExpressionError:
                    with pytest.raises((EvaluationError, NotYet)):
                        evaluate(expression, bench)
                    continue
                value = evaluate(expression, bench)
                found = value.dimension if isinstance(value, Quantity) else "number"
                found = "yes/no" if isinstance(value, bool) else found
                assert {found, expected} in ({expected}, {"number", "ratio"}), expression.text
                checked += 1
    assert checked > 150
