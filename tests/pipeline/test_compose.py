"""The tree of a YAML text: places, aliases, limits, and both parsers behind it."""

from __future__ import annotations

import sys
import time

import pytest

from labcore.pipeline.compose import ListNode, MapNode, ScalarNode, compose, plain
from labcore.pipeline.parser_events import ParserType, PurePythonParser, best_parser
from labcore.pipeline.problem import Place

PARSERS: list[ParserType] = [best_parser(), PurePythonParser]


@pytest.fixture(params=PARSERS, ids=["best", "pure"])
def parser(request: pytest.FixtureRequest) -> ParserType:
    found: ParserType = request.param
    return found


TEXT = """\
name: Particles   # a comment
steps:
  - stir: {vessel: reactor, speed: "300 rpm"}
    every: 30 s
  - prompt: |
      Cap the vial.
      Keep it.
"""


def test_every_key_and_value_has_its_place(parser: ParserType) -> None:
    root, problems = compose(TEXT, "p.yaml", parser=parser)
    assert problems == ()
    assert isinstance(root, MapNode)
    steps = root.get("steps")
    assert isinstance(steps, ListNode)
    stir = steps.items[0]
    assert isinstance(stir, MapNode)
    entry = stir.entry("stir")
    assert entry is not None
    assert entry.key_place == Place("p.yaml", 3, 5, 9)
    assert isinstance(entry.value, MapNode)
    assert entry.value.place == Place("p.yaml", 3, 11, 46)
    speed = entry.value.entry("speed")
    assert speed is not None
    assert speed.key_place == Place("p.yaml", 3, 29, 34)
    assert speed.value.place == Place("p.yaml", 3, 36, 45)
    every = stir.get("every")
    assert isinstance(every, ScalarNode)
    assert (every.text, every.plain, every.quoted) == ("30 s", True, False)
    assert every.place == Place("p.yaml", 4, 12, 16)
    assert stir.place == Place("p.yaml", 3, 5, None)
    assert stir.get("nothing") is None
    assert root.keys() == ("name", "steps")


def test_styles_are_kept(parser: ParserType) -> None:
    root, _ = compose("[a, 'b', \"c\"]", "p", parser=parser)
    assert isinstance(root, ListNode)
    styles = [(node.text, node.plain, node.quoted) for node in root.items if isinstance(node, ScalarNode)]
    assert styles == [("a", True, False), ("b", False, True), ("c", False, True)]
    root, _ = compose("a: |\n  x\n", "p", parser=parser)
    assert isinstance(root, MapNode)
    block = root.get("a")
    assert isinstance(block, ScalarNode)
    assert (block.text, block.plain, block.quoted) == ("x\n", False, False)


def test_japanese_columns_count_characters(parser: ParserType) -> None:
    root, _ = compose("溶液: {濃度: 10 mmol/L}", "p", parser=parser)
    assert isinstance(root, MapNode)
    inner = root.get("溶液")
    assert isinstance(inner, MapNode)
    assert inner.entries[0].key_place == Place("p", 1, 6, 8)


def test_aliases_are_shared(parser: ParserType) -> None:
    root, problems = compose("a: &x {b: 1}\nc: *x\nd: *x\n", "p", parser=parser)
    assert problems == ()
    assert isinstance(root, MapNode)
    assert root.get("c") is root.get("a")
    assert plain(root) == {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1}}


def test_both_parsers_build_the_same_tree() -> None:
    first, second = (compose(TEXT, "p", parser=parser)[0] for parser in PARSERS)
    assert first is not None
    assert second is not None
    assert plain(first) == plain(second)


def test_without_libyaml_the_pure_parser_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    assert best_parser() is PurePythonParser
    root, problems = compose(TEXT, "p")
    assert root is not None
    assert problems == ()


def test_large_maps_find_their_keys() -> None:
    root, problems = compose("\n".join(f"k{i}: {i}" for i in range(5000)), "p")
    assert problems == ()
    assert isinstance(root, MapNode)
    value = root.get("k4321")
    assert isinstance(value, ScalarNode)
    assert value.text == "4321"


def test_a_protocol_of_ten_thousand_steps_loads_quickly() -> None:
    lines = ["labcore: 1", "name: long", "steps:"]
    for step in range(10_000):
        lines.append(
            f'  - dispense: {{material: acetone, into: reactor, volume: "{step % 500 / 10 + 0.1:.1f} mL"}}'
        )
        lines.append(f"    timeout: {step % 90 + 1} s")
    text = "\n".join(lines)
    assert len(text) > 830_000
    started = time.process_time()
    root, problems = compose(text, "p")
    spent = time.process_time() - started
    assert problems == ()
    assert isinstance(root, MapNode)
    steps = root.get("steps")
    assert isinstance(steps, ListNode)
    assert len(steps.items) == 10_000
    assert spent < 2.0  # measured 0.37 s on an idle machine; the gate for the whole load is 1.5 s


def test_several_problems_are_found_in_one_reading() -> None:
    text = "a: 1\na: 2\nb: !!str x\nc: {<<: {d: 1}}\ne: *nothing\n? [f]\n: 1\n"
    root, problems = compose(text, "p")
    assert root is not None
    found = [(problem.code, problem.place.line) for problem in problems if problem.place]
    assert found == [("E124", 2), ("E126", 3), ("E128", 4), ("E127", 5), ("E134", 6)]
    assert all(problem.remedy for problem in problems)


def test_what_was_found_before_the_text_breaks_is_kept() -> None:
    root, problems = compose("a: 1\na: 2\nb: [1\n", "p")
    assert root is None
    assert [problem.code for problem in problems] == ["E124", "E136"]
