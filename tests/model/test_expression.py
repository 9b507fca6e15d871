"""Expressions: what they read, what they are worth, and how they refuse."""

from __future__ import annotations

import time
from typing import Any

import pytest

from labcore.model.expression import (
    EvaluationError,
    ExpressionError,
    NotYet,
    evaluate,
    parse_expression,
    shown,
)


def worth(text: str, bench: Any) -> str:
    return shown(evaluate(parse_expression(text), bench))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("39 g", "39 g"),
        ("0.5mL", "0.5 mL"),
        ("monomer / diamine_solution.concentration", "20 mL"),
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("(1 + 2) * 3", "9"),
        ("2 - 3 - 4", "-5"),
        ("24 / 4 / 2", "3"),
        ("--3", "3"),
        ("-2 * -n", "10"),
        ("-(2 mL)", "-2 mL"),
        ("-5 °C", "-5 °C"),
        ("10 mL/min * min", "30 mL"),
        ("10 mL / min", "3.33333 mL/min"),
        ("min(1 mL, 2000 uL, クリア)", "0.3 mL"),
        ("max(n, 7)", "7"),
        ("abs(-3 mL)", "3 mL"),
        ("round(3.27 mL, 0.1 mL)", "3.3 mL"),
        ("ceil(0.3 mL, 0.1 mL)", "0.3 mL"),
        ("floor(0.31 mL, 0.1 mL)", "0.3 mL"),
        ("round(3.6)", "4"),
        ("oven - 20 °C", "17 K"),
        ("oven + 5 K", "42 °C"),
        ("0.02 1/cm * 1 cm", "0.02"),
        ("5 % * 20 mL", "1 mL"),
        ("20 mL >= 0.02 L", "yes"),
        ("0.1 + 0.2 == 0.3", "yes"),
        ("n == 5 and ready or false", "yes"),
        ("not ready or n < 1", "no"),
        ("not n == 4", "yes"),
        ("mode == 'fast'", "yes"),
        ('mode != "fast"', "no"),
        ("ready == true", "yes"),
        ("turbidity(reactor) >= 4", "yes"),
        ("mass(reactor) - tare < 31 g", "yes"),
        ('mass("reactor") > 39 g', "yes"),
        ("placement(reactor).offset", "1 mm"),
        ("count(reactor) + 1", "4"),
        ("ｎ＋１", "6"),
        ("10 µL + 1 μL", "11 μL"),
        ("min", "3 min"),
        ("speed", "300 rpm"),
        ("monomer\n /\n diamine_solution.concentration", "20 mL"),
    ],
)
def test_worth(text: str, value: str, bench: Any) -> None:
    assert worth(text, bench) == value


def test_plain_numbers_come_as_floats(bench: Any) -> None:
    assert evaluate(parse_expression("turbidity(reactor)"), bench) == 4.1
    assert isinstance(evaluate(parse_expression("monomer / monomer"), bench), float)
    bench.values["whole"] = 3
    assert evaluate(parse_expression("whole"), bench) == 3.0


def test_what_an_expression_asks_for() -> None:
    expression = parse_expression(
        " surely(turbidity(reactor) >= limit) or placement(vial).offset < 2 mm * a.b "
    )
    assert expression.names() == {"limit", "a.b"}
    assert [call.key for call in expression.calls()] == ["turbidity(reactor)", "placement(vial).offset"]
    assert str(expression) == expression.text == expression.text.strip()
    assert parse_expression("diamine_solution.x") == parse_expression(" diamine_solution.x".strip())


@pytest.mark.parametrize(
    ("text", "column", "message", "remedy"),
    [
        ("", 1, "empty", "Write a value"),
        ("   ", 1, "empty", ""),
        ("2 foo", 1, "'foo' after 2 is not a unit", "2 * foo"),
        ("37 C", 1, "'C'", "°C"),
        ("1,5 mL", 2, "','", "decimal point"),
        ("n ** 2", 3, "'**'", "multiply"),
        ("n ^ 2", 3, "'^'", "multiply"),
        ("9**9**9", 2, "'**'", "multiply"),
        ("n = 2", 3, "'='", "=="),
        ("n && ready", 3, "'&&'", "and"),
        ("n ≥ 2", 3, "'≥'", ">="),
        ("n % 2", 3, "'%'", "no remainder"),
        ("1 < n < 3", 7, "comparisons", "and"),
        ("a.b.c", 4, "'.'", "one property"),
        ("(1", 3, "')'", ""),
        ("1)", 2, "operator", ""),
        ("1 2", 3, "operator", ""),
        ("n +", 4, "a value", ""),
        ("and n", 1, "left", ""),
        ("n and", 6, "a value", ""),
        ("min(1)", 1, "min takes", ""),
        ("abs(1, 2)", 1, "abs takes 1", ""),
        ("turbidity()", 11, "about", ""),
        ("turbidity(2)", 11, "about", ""),
        ("turbidity(a, b)", 12, "')'", ""),
        ("turbidity(a.b)", 12, "')'", ""),
        ("foo(1)(2)", 5, "about", ""),
        ("[1]", 1, "'['", "lists"),
        ("{x}", 1, "'{'", "once"),
        ("$x", 1, "'$'", ""),
        ("'open", 1, '"\'"', "Close"),
        ("1e400", 1, "too large", ""),
        ("5² + 1", 2, "plain digit", ""),
        ("n\u200b", 2, "U+200B", "Delete"),
        ("x" * 1001, 1, "at most 1000", "Split"),
        ("(" * 60, 51, "nested", ""),
        ("-" * 60 + "n", 51, "nested", ""),
        ("not " * 60 + "n", 201, "nested", ""),
        ("min(1, " * 60, 348, "nested", ""),
        ("ｎ ＋ ", 5, "a value", ""),
        ("㎖㎖ + $", 6, "'$'", ""),
        ("lambda: 1", 7, "':'", ""),
        ("x if y else z", 3, "operator", ""),
        ("__import__('os').system('ls')", 24, "operator", ""),
    ],
)
def test_what_cannot_be_read(text: str, column: int, message: str, remedy: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert message in caught.value.message
    assert remedy in caught.value.remedy
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unknown", "no unknown"),
        ("n.__class__", "no n.__class__"),
        ("1 mL + 1 g", "mass"),
        ("1 mL + 1", "number"),
        ("1 mL < 1 g", "compared"),
        ("oven * 2", "multiplied"),
        ("-oven", "negative"),
        ("1 / 0", "divided by zero"),
        ("1 mL / (0 g)", "divided by zero"),
        ("1e300 * 1e300", "too large"),
        ("mode + 1", "no number"),
        ("ready < 2", "no number"),
        ("n == mode", "no number"),
        ("n and ready", "not yes or no"),
        ("not mode", "not yes or no"),
        ("surely(n)", "not yes or no"),
        ("round(3 mL)", "step"),
        ("round(3 mL, 1 g)", "no step"),
        ("round(n, 0)", "divided by zero"),
        ("abs(mode)", "no number"),
        ("min(1, 2 mL)", "compared"),
        ("turbidity(reactor) / (n - 5)", "divided by zero"),
    ],
)
def test_what_has_no_value(text: str, message: str, bench: Any) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate(parse_expression(text), bench)


def test_an_observation_that_is_still_to_come(bench: Any) -> None:
    with pytest.raises(NotYet, match="colour"):
        evaluate(parse_expression("colour(reactor) > 1"), bench)


def test_conditions_stop_at_the_first_that_decides(bench: Any) -> None:
    assert evaluate(parse_expression("n == 4 and colour(reactor) > 1"), bench) is False
    assert evaluate(parse_expression("n == 5 or colour(reactor) > 1"), bench) is True
    assert bench.asked == ["n", "n"]


def test_a_scope_may_not_bring_foreign_objects(bench: Any) -> None:
    for value in (None, object(), [1], float("nan"), float("inf")):
        bench.values["n"] = value
        with pytest.raises(EvaluationError):
            evaluate(parse_expression("n"), bench)


def test_long_texts_are_quick_and_not_deep(bench: Any) -> None:
    started = time.process_time()
    assert evaluate(parse_expression("+".join(["1"] * 500)), bench) == 500.0
    assert evaluate(parse_expression("*".join(["1"] * 500)), bench) == 1.0
    assert evaluate(parse_expression(" or ".join(["n<1"] * 140 + ["n>1"])), bench) is True
    assert time.process_time() - started < 1.0


def test_depth_is_that_of_the_text(bench: Any) -> None:
    assert evaluate(parse_expression("(" * 45 + "n" + ")" * 45), bench) == 5.0
