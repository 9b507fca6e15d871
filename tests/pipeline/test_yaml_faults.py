"""What is no YAML is explained in plain words, at the place to change, whichever parser found it."""

from __future__ import annotations

import pytest

from labcore.pipeline.compose import compose
from labcore.pipeline.parser_events import ParserType, PurePythonParser, best_parser

# name: text, code, line, column, words of the message, words of the remedy
FAULTS: dict[str, tuple[str, str, int, int, str, str]] = {
    "tab as indentation": ("a:\n\tb: 1", "E125", 2, 1, "tab", "blanks"),
    "tab under blanks": ("a:\n  b: 1\n\tc: 2", "E125", 3, 1, "tab", "blanks"),
    "key too far left": ("a:\n  b: 1\n c: 2", "E125", 3, 2, "line 1", "Indent"),
    "key too far right": ("a: b\n  c: d", "E125", 2, 3, "value above", "Indent"),
    "modifier not under its verb": ("steps:\n- a: 1\n b: 2", "E125", 3, 2, "line 1", "Indent"),
    "item too far left": ("steps:\n  - wait: 5 s\n - wait: 6 s\n", "E125", 3, 2, "line 1", "Indent"),
    "key in a list": ("a:\n  - b\n  c: 1", "E125", 3, 3, "line 2", "Indent"),
    "word without colon": ("a: 1\nb\nc: 2", "E125", 2, 1, "colon", "key: value"),
    "list behind a key": ("a: - b", "E125", 1, 4, "list", "line of its own"),
    "colon in a value": ("note: this: that", "E130", 1, 11, "colon", "quotes"),
    "at sign": ("a: @x", "E130", 1, 4, "'@'", "quotes"),
    "backtick": ("a: `x`", "E130", 1, 4, "'`'", "quotes"),
    "percent first": ("- 5 %\n- %5", "E130", 2, 3, "'%'", "quotes"),
    "star": ("a: *.csv", "E130", 1, 4, "'*'", "quotes"),
    "ampersand": ("a: &", "E130", 1, 4, "'&'", "quotes"),
    "text behind a bar": ("a: |x\n  y", "E130", 1, 5, "next line", "quotes"),
    "text behind a quote": ('a: "x" y', "E130", 1, 8, "closing quote", "quotes"),
    "backslash": ('a: "C:\\data"', "E130", 1, 7, "backslash", "single quotes"),
    "unknown tag handle": ("a: !foo!x y", "E126", 1, 4, "Tags", "quotes"),
    "open quote": ("a: 'x\nb: 2", "E136", 1, 4, "quote", "closing quote"),
    "open double quote in braces": ('{a: "x, b: 1}\nc: 2\n', "E136", 1, 5, "quote", "closing quote"),
    "open bracket at the end": ("a: [1, 2", "E136", 1, 4, "'['", "']'"),
    "open bracket": ("steps: [a, b\nfoo: 1\n", "E136", 1, 8, "'['", "']'"),
    "open brace": ("a: {b: 1\nc: 2\n", "E136", 1, 4, "'{'", "'}'"),
    "brace too many": ("- a: {b: 1}}\n", "E136", 1, 12, "'}'", "quote"),
    "no blank in a block": (
        "stir:\n  vessel:reactor\n  speed: 300 rpm\n",
        "E133",
        2,
        3,
        "'vessel'",
        "vessel: reactor",
    ),
    "no blank in the first line": ("labcore:1\nname: x\n", "E133", 1, 1, "'labcore'", "labcore: 1"),
    "no blank after others": ("a: 1\nspeed:3 rpm\nb: 2\n", "E133", 2, 1, "'speed'", "speed: 3 rpm"),
    "expression in braces": ("{speed: ${speed}, b: 1}", "E132", 1, 9, "quotes", '"${speed}"'),
    "expression in a list": ("a: [1, ${n}]", "E132", 1, 8, "quotes", '"${n}"'),
    "expression with text in braces": ('- a: {b: ${m == "x"}}', "E132", 1, 10, "quotes", "'${m == \"x\"}'"),
    "expression after a quoted one": ('- a: {x: "${a}", y: ${b}}', "E132", 1, 21, "quotes", '"${b}"'),
    "expression with a colon": ("when: ${a: b}", "E132", 1, 7, "quotes", '"${a: b}"'),
}


@pytest.mark.parametrize("parser", [best_parser(), PurePythonParser], ids=["best", "pure"])
@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_explained(name: str, parser: ParserType) -> None:
    text, code, line, column, message, remedy = FAULTS[name]
    if name == "backslash" and parser is PurePythonParser:
        column += 1  # it points behind the backslash
    root, problems = compose(text, "p.yaml", parser=parser)
    assert root is None
    assert len(problems) == 1
    found = problems[0]
    assert found.place is not None
    assert (found.code, found.place.line, found.place.column) == (code, line, column), found.text()
    assert message in found.message
    assert remedy in found.remedy
