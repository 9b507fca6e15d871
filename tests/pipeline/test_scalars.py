"""Scalars: places within them, and what only looks like a mapping."""

from __future__ import annotations

import pytest

from labcore.pipeline.compose import MapNode, ScalarNode, compose
from labcore.pipeline.problem import Place
from labcore.pipeline.scalars import is_null, missing_blank, place_within


def scalar(text: str) -> ScalarNode:
    root, _ = compose(text, "p")
    assert isinstance(root, MapNode)
    node = root.get("a")
    assert isinstance(node, ScalarNode)
    return node


def test_places_within_a_scalar() -> None:
    assert place_within(scalar("a: abcdef"), 2, 4) == Place("p", 1, 6, 8)
    assert place_within(scalar('a: "abcdef"'), 2, 4) == Place("p", 1, 7, 9)
    assert place_within(scalar("a: 'abcdef'"), 0) == Place("p", 1, 5)


def test_where_the_text_is_not_as_written_the_whole_scalar_is_shown() -> None:
    for text in ('a: "ab\\tcd"', "a: 'it''s'", "a: |\n  abc\n", "a: one\n  two"):
        node = scalar(text)
        assert place_within(node, 1) == node.place


@pytest.mark.parametrize(
    ("text", "null"), [("a:", True), ("a: ~", True), ("a: null", True), ("a: ''", False)]
)
def test_null(text: str, null: bool) -> None:
    assert is_null(scalar(text)) is null


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: wait:5 min", ("wait", "5 min")),
        ("a: place vial:x", ("place vial", "x")),
        ("a: sim://gantry", None),
        ("a: 1:30", None),
        ("a: 'wait:5 min'", None),
        ("a: wait", None),
    ],
)
def test_a_missing_blank(text: str, found: tuple[str, str] | None) -> None:
    assert missing_blank(scalar(text)) == found
