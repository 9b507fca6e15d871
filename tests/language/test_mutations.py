"""Whatever an author mistypes in a protocol or lab that was right, check answers: a located problem, or none; never an exception."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labcore.pipeline.prepare import Prepared

ROOT = Path(__file__).parents[2]
PROTOCOLS = sorted((ROOT / "protocols").glob("*/protocol.yaml"))
LABS = [
    file
    for file in sorted((ROOT / "protocols").glob("*/*.yaml"))
    if "\nlab:" in file.read_text(encoding="utf-8")
]
PAIRS = [(one, lab) for one in PROTOCOLS for lab in LABS if lab.parent == one.parent]
TOKENS = (
    "", " ", "  ", "\t", "-", "- ", ":", ": ", "{", "}", "[", "]", ",", '"', "'", "#", "${", "}", "null", "~", "no", "1:30", "0", "-1",
    "1e999", "5 mL", "5 g", "1,5 mL", "reactor", "nothing", "until: turbidity(reactor) >= 4", "when: 1 < 2", "every: 0 s", "times: 0",
    "background: true", "save: dose", "on_error: ask", "finally: []", "repeat: []", "*a", "&a ", "!t ", "|", ">", "%", "?", "<<: *a",
    "\u00b5L", "ｖｉａｌ", "反応容器", "\u200e", "\x00", "9" * 50,
)  # fmt: skip
Check = Callable[..., Prepared]


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    """Return a protocol and a lab of which one has one to three mistakes."""
    protocol, lab = draw(st.sampled_from(PAIRS))
    texts = [protocol.read_text(encoding="utf-8"), lab.read_text(encoding="utf-8")]
    which = draw(st.sampled_from((0, 0, 0, 1)))
    for _ in range(draw(st.integers(1, 3))):
        texts[which] = draw(edited(texts[which]))
    return texts[0], texts[1]


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """Return a text with one mistake."""
    lines = text.split("\n")
    at = draw(st.integers(0, len(lines) - 1))
    column = draw(st.integers(0, len(lines[at])))
    line, token = lines[at], draw(st.sampled_from(TOKENS))
    match draw(st.sampled_from(("insert", "cut", "replace", "value", "drop", "twice", "shift", "swap"))):
        case "insert":
            lines[at] = line[:column] + token + line[column:]
        case "cut":
            lines[at] = line[:column]
        case "replace":
            lines[at] = line[:column] + token + line[column + draw(st.integers(1, 8)) :]
        case "value":
            lines[at] = f"{line.partition(':')[0]}: {token}"
        case "drop":
            del lines[at]
        case "twice":
            lines.insert(at, line)
        case "shift":
            lines[at] = draw(st.sampled_from(("", " ", "  ", "    "))) + line.lstrip(" ")
        case _:
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


def test_every_protocol_has_a_lab() -> None:
    assert {one for one, _ in PAIRS} == set(PROTOCOLS)
    assert len(PAIRS) >= 7


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].parent.name}/{pair[1].stem}")
def test_the_examples_are_right(check: Check, pair: tuple[Path, Path]) -> None:
    prepared = check(pair[0].read_text(encoding="utf-8"), pair[1].read_text(encoding="utf-8"))
    assert prepared.errors == ()
    assert [one for one in prepared.problems if one.severity == "warning"] == []
    assert prepared.plan is not None
    assert prepared.duration > 0


@settings(
    max_examples=400, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(texts=edits())
def test_a_mistake_gets_an_answer(check: Check, texts: tuple[str, str]) -> None:
    protocol, lab = texts
    prepared = check(protocol, lab)
    assert prepared.plan is not None or prepared.errors
    lines = {"p.yaml": protocol.split("\n"), "l.yaml": lab.split("\n")}
    for problem in prepared.problems:
        assert problem.place is not None, problem
        assert 1 <= problem.place.line <= len(lines[problem.place.file]) + 1, problem
        assert problem.remedy, problem
        assert problem.text(lines[problem.place.file])


@settings(
    max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(name=st.text(max_size=20), value=st.text(max_size=30))
def test_any_set_gets_an_answer(check: Check, name: str, value: str) -> None:
    protocol, lab = (file.read_text(encoding="utf-8") for file in PAIRS[0])
    unknown, known = (
        check(protocol, lab, parameters={name: value}),
        check(protocol, lab, parameters={"watch": value}),
    )
    assert unknown.errors
    for problem in (*unknown.problems, *known.problems):
        assert problem.remedy
