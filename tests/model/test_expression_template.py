"""Texts with expressions in them."""

from __future__ import annotations

from typing import Any

import pytest

from labcore.model.expression import Expression, ExpressionError, Template, parse_template


def test_plain_text_stays_text() -> None:
    for text in ("", "plain", "$5", "a } b", "{x}", "$ {x}"):
        assert parse_template(text) == text


def test_one_expression_alone_is_an_expression() -> None:
    for text in ("${speed}", " ${ speed } "):
        found = parse_template(text)
        assert isinstance(found, Expression)
        assert found.text == "speed"
        assert text[found.start :].startswith("speed")


def test_a_mixture_is_rendered(bench: Any) -> None:
    found = parse_template("Add ${monomer} to ${n}; ${mode}, ${n > 4}, ${'}'}, $${x}")
    assert isinstance(found, Template)
    assert found.names() == {"monomer", "n", "mode"}
    assert found.calls() == ()
    assert found.render(bench) == "Add 0.2 mmol to 5; fast, yes, }, ${x}"
    assert len(found.expressions()) == 5


def test_two_expressions_side_by_side_are_text(bench: Any) -> None:
    found = parse_template("${n}${n}")
    assert isinstance(found, Template)
    assert found.render(bench) == "55"


def test_only_escapes_are_text() -> None:
    assert parse_template("costs $${x}") == "costs ${x}"


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("${", 1, "not closed"),
        ("a ${n", 3, "not closed"),
        ("${}", 3, "empty"),
        ("a ${1 +} b", 8, "a value"),
        ("a ${ 1 + } b", 9, "a value"),
        ("${a} ${b c}", 10, "operator"),
        ("${n}" * 101, 401, "at most 100"),
        ("${'x}", 1, "not closed"),
    ],
)
def test_what_cannot_be_read_is_located_in_the_whole_text(text: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError, match=message) as caught:
        parse_template(text)
    assert caught.value.column == column
