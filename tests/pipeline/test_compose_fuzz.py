"""Whatever the text, composing gives a tree or located problems. Deterministic: the same texts on every run."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.pipeline.codes import CODES
from labcore.pipeline.compose import compose, plain
from labcore.pipeline.parser_events import ParserType, PurePythonParser, best_parser
from labcore.pipeline.source import decode, source_lines

fuzz = settings(derandomize=True, max_examples=400, deadline=None, database=None)

PROTOCOL = """\
labcore: 1
name: Particles
parameters:
  monomer: {default: 0.2 mmol, min: 0.01 mmol, help: amount}
materials:
  diamine solution: {solute: "4,4'-oxydianiline", concentration: 10 mmol/L}
  acetone: {}
steps:
  - place_vial: {vessel: reactor, onto: stirrer}
  - dispense: {material: acetone, into: reactor, volume: "${monomer / acetone.density}"}
  - image: {vessel: reactor}
    every: 30 s
    background: true
  - repeat:
      - wait: 5 min
    until: turbidity(reactor) >= 4
finally:
  - prompt: |
      Cap the vial.
"""
signs = [
    ": ",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\n",
    "  ",
    "\t",
    "'",
    '"',
    "&a ",
    "*a",
    "!x ",
    "<<",
    "? ",
    "| ",
    "#",
]
signs += [
    "a",
    "b",
    "1,5 mL",
    "${x}",
    "%",
    "@",
    "---\n",
    "...\n",
    "\\",
    "1:30",
    "溶液",
    "\r",
    "\x00",
    "\u2028",
    "💧",
]
soup = st.lists(st.sampled_from(signs), max_size=40).map("".join)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """Return the protocol with a few pieces cut out, doubled or replaced."""
    text = PROTOCOL
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = (
            text[:start]
            + draw(st.one_of(st.sampled_from(signs), st.just(""), st.just(text[start:end] * 2)))
            + text[end:]
        )
    return text


def check(text: str, parser: ParserType) -> None:
    started = time.process_time()
    root, problems = compose(text, "p", parser=parser)
    assert root is not None or problems
    lines = source_lines(text)
    for problem in problems:
        assert problem.code in CODES
        assert problem.message
        assert problem.remedy
        assert problem.place is not None
        assert 1 <= problem.place.line <= len(lines) + 1
        assert 1 <= problem.place.column <= max(map(len, lines)) + 2
        assert problem.text(lines)
    if root is not None:
        plain(root)
    assert time.process_time() - started < 1.0


@fuzz
@given(st.one_of(st.text(max_size=80), soup, mutations()))
def test_any_text(text: str) -> None:
    check(text, best_parser())


@fuzz
@given(st.one_of(soup, mutations()))
def test_any_text_without_libyaml(text: str) -> None:
    check(text, PurePythonParser)


@fuzz
@given(mutations())
def test_both_parsers_agree_on_good_texts(text: str) -> None:
    first, second = (compose(text, "p", parser=parser) for parser in (best_parser(), PurePythonParser))
    if first[0] is not None and second[0] is not None:
        assert plain(first[0]) == plain(second[0])
        assert first[1] == second[1]


@fuzz
@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    text, problems = decode(data, "p")
    assert (text is None) == bool(problems)
    if text is not None:
        check(text, best_parser())


def test_the_protocol_itself_is_fine() -> None:
    root, problems = compose(PROTOCOL, "p")
    assert problems == ()
    assert root is not None
