"""Whatever the text, only documented errors come out. Deterministic: the same texts on every run."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.model.expression import (
    EvaluationError,
    ExpressionError,
    NotYet,
    Observed,
    Template,
    Value,
    evaluate,
    parse_expression,
    parse_template,
    static_dimension,
)
from labcore.model.names import is_name, is_place, nearest, normal_name
from labcore.model.quantity import Quantity, QuantityError, parse_quantity
from labcore.model.unit_text import unit_of
from labcore.model.units import ATOMS, UnitError

fuzz = settings(derandomize=True, max_examples=500, deadline=None, database=None)
words = [
    "a",
    "b.c",
    "min",
    "min(",
    "turbidity(r)",
    "surely(",
    "and",
    "or",
    "not ",
    "true",
    "'x'",
    "${",
    "}",
    "溶液",
]
numbers = [
    "1",
    "2.5",
    "1e3",
    ".5",
    "0",
    "37 °C",
    "5 K",
    "20 mL",
    "10 mmol/L",
    "1/cm",
    "3 g",
    "5 %",
    "1e308",
    "7 ㎖",
]
signs = list("+-*/()<>=!.,%^ \t") + ["<=", ">=", "==", "**", "1,5"]
pieces = st.lists(st.sampled_from(words + numbers + signs), max_size=12).map(" ".join)
dense = st.lists(st.sampled_from(words + numbers + signs), max_size=12).map("".join)
units = st.lists(st.sampled_from([*ATOMS, "/", "*", "^", "-1", "2", " ", "1/", "µ", "°"]), max_size=6).map(
    "".join
)


def outcome(read: Callable[[], Any], *documented: type[Exception]) -> Any:
    """Return what is read, or the documented error; every other error fails the test."""
    try:
        return read()
    except documented as error:
        return error


class Anything:
    """A scope in which every name has some value."""

    def lookup(self, name: str, attribute: str | None = None) -> Value:
        values: dict[str, Value] = {"a": Quantity(2.0, "mL"), "b": 3.0}
        return values.get(name, True)

    def observe(self, observable: str, subject: str, attribute: str | None = None) -> Observed:
        return Observed(Quantity(4.0, ""), -1.0, 5.0)


@fuzz
@given(st.one_of(st.text(max_size=40), units.map(lambda unit: f"5 {unit}"), pieces))
def test_quantities(text: str) -> None:
    quantity = outcome(lambda: parse_quantity(text, bare=True), QuantityError)
    if isinstance(quantity, QuantityError):
        assert quantity.message
        return
    assert isfinite(quantity.value)
    assert parse_quantity(str(quantity), bare=True).unit == quantity.unit
    assert unit_of(quantity.unit).name == quantity.unit


@fuzz
@given(st.one_of(st.text(max_size=20), units))
def test_units(text: str) -> None:
    unit = outcome(lambda: unit_of(text), UnitError)
    if not isinstance(unit, UnitError):
        assert unit_of(unit.name).vector == unit.vector


@fuzz
@given(st.one_of(st.text(max_size=60), pieces, dense))
def test_expressions(text: str) -> None:
    expression = outcome(lambda: parse_expression(text), ExpressionError)
    if isinstance(expression, ExpressionError):
        assert 1 <= expression.column <= len(text) + 1
        assert expression.message
        return
    outcome(lambda: static_dimension(expression, lambda node: None), ExpressionError)
    value = outcome(lambda: evaluate(expression, Anything()), EvaluationError, NotYet)
    assert isinstance(value, Quantity | float | bool | str | EvaluationError | NotYet)


@fuzz
@given(st.one_of(st.text(max_size=60), st.lists(st.one_of(pieces, st.just("${")), max_size=5).map("".join)))
def test_templates(text: str) -> None:
    found = outcome(lambda: parse_template(text), ExpressionError)
    if isinstance(found, ExpressionError):
        assert 1 <= found.column <= len(text) + 1
    elif isinstance(found, str):
        assert found == text.replace("$${", "${")
    else:
        assert str(found) == (text if isinstance(found, Template) else text.strip()[2:-1].strip())


@fuzz
@given(st.text(max_size=40), st.lists(st.text(max_size=10), max_size=10))
def test_names(text: str, others: list[str]) -> None:
    assert normal_name(normal_name(text)) == normal_name(text)
    assert nearest(text, others) in (*others, None)
    if is_name(text):
        assert is_place(text) or not text[0].isalnum()
        assert "/" not in normal_name(text)
        assert parse_expression(normal_name(text)).names() == {normal_name(text)}
