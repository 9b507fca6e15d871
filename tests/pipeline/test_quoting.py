"""Commas and colons that YAML takes for its own inside {...}."""

from __future__ import annotations

from typing import Any

import pytest

from labcore.pipeline.compose import compose, plain
from labcore.pipeline.parser_events import ParserType, PurePythonParser, best_parser


@pytest.mark.parametrize("parser", [best_parser(), PurePythonParser], ids=["best", "pure"])
@pytest.mark.parametrize(
    ("text", "code", "column", "end", "remedy", "data"),
    [
        (
            "{solute: 4,4'-oxydianiline, solvent: acetone}",
            "E130",
            10,
            27,
            'solute: "4,4\'-oxydianiline"',
            {"solute": "4,4'-oxydianiline", "solvent": "acetone"},
        ),
        ("{default: 1,5 min, max: 3 min}", "E131", 11, 18, "1.5 min", {"default": "1.5 min", "max": "3 min"}),
        ("{default: 1,5, max: 3}", "E131", 11, 14, "1.5", {"default": 1.5, "max": 3}),
        ("{v: 1,000 mL}", "E131", 5, 13, "1000 mL or 1.000 mL", {"v": "1.000 mL"}),
        (
            "{solvent: water, ethanol, x: 1}",
            "E130",
            11,
            25,
            '"water, ethanol"',
            {"solvent": "water, ethanol", "x": 1},
        ),
        ("{solvent: a, b, c}", "E130", 11, 18, '"a, b, c"', {"solvent": "a, b, c"}),
        ("[1,5 mL, 2 mL]", "E131", 2, 8, "1.5 mL", ["1.5 mL", "2 mL"]),
        ("{speed:300 rpm, b: 1}", "E133", 2, 15, "speed: 300 rpm", {"speed": "300 rpm", "b": 1}),
        ("{vessel: a, speed:300 rpm}", "E133", 13, 26, "speed: 300 rpm", {"vessel": "a", "speed": "300 rpm"}),
    ],
)
def test_what_yaml_cuts_is_joined_and_reported(
    text: str, code: str, column: int, end: int, remedy: str, data: Any, parser: ParserType
) -> None:
    root, problems = compose(text, "p", parser=parser)
    assert root is not None
    assert plain(root) == data
    place = problems[-1].place
    assert place is not None
    assert (problems[-1].code, place.column, place.end_column) == (code, column, end)
    assert remedy in problems[-1].remedy


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("{a: , b: 1}", {"a": None, "b": 1}),
        ("{home, b: 1}", {"home": None, "b": 1}),
        ("{a: 1, b: ''}", {"a": 1, "b": ""}),
        ('{a: "x, y", b: 1}', {"a": "x, y", "b": 1}),
        ("[1,2,3]", [1, 2, 3]),
        ("[1, 5 mL]", [1, "5 mL"]),
        ("[a,b]", ["a", "b"]),
        ("{a: [1], b, c: 1}", {"a": [1], "b": None, "c": 1}),
        ("a:\nb: 1", {"a": None, "b": 1}),
        ("{port: sim://gantry, b: 1:30}", {"port": "sim://gantry", "b": "1:30"}),
    ],
)
def test_what_is_meant_so_is_left_alone(text: str, data: Any) -> None:
    root, problems = compose(text, "p")
    assert problems == ()
    assert root is not None
    assert plain(root) == data


def test_the_rewritten_name_does_not_hide_a_second_key() -> None:
    _, problems = compose("{speed: 1, speed:300 rpm}", "p")
    assert "E133" in [problem.code for problem in problems]
