"""What a driver hands over becomes data that strict JSON can carry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan
from typing import Any

import pytest

from labcore.engine.plain import DEEPEST, plain
from labcore.model.quantity import Quantity


@dataclass
class Point:
    x: float
    seen: tuple[str, ...] = ("a",)


class Odd:
    def __str__(self) -> str:
        return "odd \ud800"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a \ud800", "a ?"), (None, None), (True, True), (3, 3), (2.5, 2.5), (nan, "nan"), (-inf, "-inf"),
        (Quantity(2, "mL"), {"value": 2, "unit": "mL"}), ({1: nan, "\ud800": (1, [2])}, {"1": "nan", "?": [1, [2]]}),
        ((1, "a"), [1, "a"]), (Point(inf), {"x": "inf", "seen": ["a"]}), (Odd(), "odd ?"), (Point, str(Point)),
    ],
)  # fmt: skip
def test_values_become_plain_data(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: {"k": one}, lambda one: Point(one)])
def test_nothing_is_nested_without_end(wrap: Callable[[Any], Any]) -> None:
    value: Any = 1
    for _ in range(DEEPEST + 1):
        value = wrap(value)
    found, depth = plain(value), 0
    while isinstance(found, list | dict):
        found, depth = found[0] if isinstance(found, list) else next(iter(found.values())), depth + 1
    assert depth == DEEPEST
    assert isinstance(found, str)
