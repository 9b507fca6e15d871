"""Every trap that YAML loaders are known to fall into: a located problem or the stated value, quickly.

The cases are those of the table "YAML, measured" and of the quoting traps of the language.
"""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest

from labcore.pipeline.compose import MapNode, ScalarNode, compose, plain
from labcore.pipeline.parser_events import ParserType, PurePythonParser, best_parser
from labcore.pipeline.source import decode

PARSERS: list[ParserType] = [best_parser(), PurePythonParser]


def laughs(levels: int, width: int) -> str:
    lines = ["a0: &a0 lol"]
    for level in range(1, levels + 1):
        lines.append(f"a{level}: &a{level} [" + ",".join([f"*a{level - 1}"] * width) + "]")
    return "\n".join(lines)


@pytest.mark.parametrize("parser", PARSERS, ids=["best", "pure"])
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1:30", "1:30"),
        ("1:30:00", "1:30:00"),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("010", "010"),
        ("0o10", "0o10"),
        ("0x1f", "0x1f"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("1.5e-3", 0.0015),
        ("-12", -12),
        ("+3", 3),
        (".5", 0.5),
        ("5.", 5.0),
        ("0", 0),
        ("-0.0", 0.0),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("-.inf", "-.inf"),
        ("1e400", "1e400"),
        ("2026-01-02", "2026-01-02"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("=", "="),
        ("12 mL", "12 mL"),
        ("9" * 19, "9" * 19),
        ("9" * 18, int("9" * 18)),
    ],
)
def test_only_what_is_a_number_beyond_doubt_is_one(written: str, value: Any, parser: ParserType) -> None:
    root, problems = compose(f"v: {written}", "p", parser=parser)
    assert problems == ()
    assert isinstance(root, MapNode)
    found = plain(root)["v"]
    assert found == value
    assert type(found) is type(value)


def test_the_text_of_a_number_is_kept() -> None:
    root, _ = compose("v: 010", "p")
    assert isinstance(root, MapNode)
    node = root.get("v")
    assert isinstance(node, ScalarNode)
    assert node.text == "010"


def test_keys_are_text_too() -> None:
    root, problems = compose("no: 1\non: 2\n1: 3\n1.0: 4\n", "p")
    assert problems == ()
    assert root is not None
    assert plain(root) == {"no": 1, "on": 2, "1": 3, "1.0": 4}


def test_micro_sign_and_greek_mu_are_one_name() -> None:
    root, problems = compose("5 \u00b5L: 1\n5 \u03bcL: 2\n", "p")
    assert root is not None
    assert [problem.code for problem in problems] == ["E124"]


HOSTILE: dict[str, tuple[str, str, int, int]] = {
    # name: text, code, line, column of the first problem
    "same key twice": ("volume: 10 uL\nvolume: 1000 uL\n", "E124", 2, 1),
    "two names that become equal": ("a b: 1\na_b: 2\n", "E124", 2, 1),
    "python tag": ("!!python/object/apply:os.system ['echo']", "E126", 1, 1),
    "tag inside": ("a:\n  b: !secret x", "E126", 2, 6),
    "integer of a million digits": ("v: " + "9" * 1_000_000, "E135", 1, 4),
    "billion laughs 9x9": (laughs(9, 9), "E122", 7, 26),
    "billion laughs 7x9": (laughs(7, 9), "E122", 7, 26),
    "many aliases": ("a: &a 1\n" + "\n".join(f"b{i}: *a" for i in range(1100)), "E127", 1002, 8),
    "deep flow lists": ("[" * 100_000 + "]" * 100_000, "E123", 1, 51),
    "deep flow maps": ("{a: " * 100_000, "E123", 1, 201),
    "deep block lists": ("- " * 100_000, "E123", 1, 101),
    "deep keys": ("? " * 100_000, "E123", 1, 101),
    "deep through aliases": (
        "a: &a " + "[" * 30 + "]" * 30 + "\nb: " + "[" * 25 + "*a" + "]" * 25,
        "E123",
        2,
        29,
    ),
    "self reference": ("&a [*a]", "E127", 1, 5),
    "mutual reference": ("a: &a {b: &b [*a]}", "E127", 1, 15),
    "unknown alias": ("until: *x", "E127", 1, 8),
    "merge key": ("a: &x {b: 1}\nc: {<<: *x}", "E128", 2, 5),
    "ten million characters": ("v: '" + "x" * 10_000_000 + "'", "E122", 1, 1),
    "NUL": ("v: a\0b", "E121", 1, 5),
    "escaped NUL": ('v: "a\\0b"', "E121", 1, 4),
    "escape sequence of a terminal": ("a: 1\nv: \x1b[2J", "E121", 2, 4),
    "next line sign": ("a: 1\x85b: 2", "E121", 1, 5),
    "line separator": ("a: 1\u2028b: 2", "E121", 1, 5),
    "text direction": ("a: \u202ereversed", "E121", 1, 4),
    "byte-order mark inside": ("a: \ufeff1", "E121", 1, 4),
    "half a character": ("a: \ud800", "E121", 1, 4),
    "second document": ("a: 1\n---\nb: 2", "E129", 2, 1),
    "directive": ("%YAML 1.1\n---\na: no", "E129", 1, 1),
    "key that is a list": ("? [a]\n: 1", "E134", 1, 3),
    "value without key": ("? \n: 1", "E134", 1, 2),
    "empty file": ("", "E101", 1, 1),
    "comments only": ("# nothing\n\n", "E101", 1, 1),
    "empty document": ("---\n", "E101", 1, 1),
}


@pytest.mark.parametrize("parser", PARSERS, ids=["best", "pure"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_a_located_problem(name: str, parser: ParserType) -> None:
    text, code, line, column = HOSTILE[name]
    started = time.process_time()
    _, problems = compose(text, "p.yaml", parser=parser)
    assert time.process_time() - started < 2.0
    first = problems[0]
    assert first.place is not None
    assert (first.code, first.place.line, first.place.column) == (code, line, column)
    assert first.message
    assert first.remedy
    assert first.place.file == "p.yaml"


def test_duplicate_keys_name_both_lines() -> None:
    _, problems = compose("volume: 10 uL\nspeed: 1\nvolume: 1000 uL\n", "p")
    assert problems[0].place is not None
    assert problems[0].place.line == 3
    assert "line 1" in problems[0].message


def test_values_that_only_look_hostile_are_read_quickly() -> None:
    started = time.process_time()
    root, problems = compose("v: 1" + ":1" * 200_000, "p")
    assert problems == ()
    assert isinstance(root, MapNode)
    assert len(plain(root)["v"]) == 400_001
    root, problems = compose("\n".join(f"k{i}: {i}" for i in range(100_000)), "p")
    assert problems == ()
    assert isinstance(root, MapNode)
    assert len(root.entries) == 100_000
    assert time.process_time() - started < 4.0


def test_too_many_values_end_the_reading() -> None:
    root, problems = compose("- a\n" * 500_000, "p")
    assert root is None
    assert problems[-1].code == "E122"
    assert problems[-1].place is not None
    assert problems[-1].place.line == 400_000


def test_hostile_text_takes_little_memory() -> None:
    tracemalloc.start()
    compose(laughs(9, 9), "p")
    compose("[" * 100_000, "p")
    compose("1e6: &b {" + ",".join(f"k{i}: 1" for i in range(1000)) + "}", "p")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 2**20


def test_a_leading_byte_order_mark_is_dropped() -> None:
    root, problems = compose("\ufeffa: 1", "p")
    assert problems == ()
    assert root is not None
    assert root.place.column == 1


@pytest.mark.parametrize(
    ("data", "line", "column", "words"),
    [
        (b"a: 1\nb: \xff\n", 2, 4, "0xff"),
        ("a: é".encode("latin-1"), 1, 4, "0xe9"),
        ("a: 1".encode("utf-16"), 1, 1, "UTF-16"),
        (b"a: \xe6\xba", 1, 4, "0xe6"),
    ],
)
def test_bytes_that_are_no_utf8(data: bytes, line: int, column: int, words: str) -> None:
    text, problems = decode(data, "p")
    assert text is None
    assert problems[0].code == "E121"
    assert problems[0].place is not None
    assert (problems[0].place.line, problems[0].place.column) == (line, column)
    assert words in problems[0].message
    assert problems[0].remedy


def test_bytes_that_are_utf8() -> None:
    assert decode("溶液: 1".encode("utf-8-sig"), "p") == ("溶液: 1", ())
    assert decode(b"x" * (4 * 2**20 + 1), "p")[1][0].code == "E122"
