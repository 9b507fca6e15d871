"""Every modifier, in every form, reaches the plan; what means nothing is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labcore.model.plan import Choice, Node, OnError, Repeat, Sequence, Step
from labcore.pipeline.prepare import Prepared
from labcore.pipeline.words import MODIFIERS

Planned = Callable[..., Prepared]
Problems = Callable[..., list[str]]
STIR = "- stir: {vessel: reactor, speed: 300 rpm, device: hotplate}"


def only(done: Prepared) -> Node:
    assert done.plan is not None
    return done.plan.root.steps[-1]


def step(done: Prepared) -> Step:
    node = only(done)
    assert isinstance(node, Step)
    return node


def test_name(planned: Planned) -> None:
    assert step(planned("- wait: 5 s\n  name: let it settle")).label == "let it settle"
    assert step(planned("- wait: 5 s\n  name: 'at ${speed}'")).label == "at 300 rpm"


def test_save(planned: Planned) -> None:
    assert step(planned("- prompt: ok?\n  save: my answer")).modifiers.save == "my_answer"
    assert step(planned("- prompt: ok?\n  save: 回答")).modifiers.save == "回答"


def test_times_every_for_until(planned: Planned) -> None:
    node = only(
        planned(
            "- image: reactor\n  every: 30 s\n  times: 5\n  for: 10 min\n  until: turbidity(reactor) >= 4"
        )
    )
    assert isinstance(node, Repeat)
    assert (node.every, node.times, node.lasts_for) == (30.0, 5, 600.0)
    assert node.until is not None
    assert node.until.text == "turbidity(reactor) >= 4"
    assert isinstance(node.body, Step)
    assert node.body.modifiers.lasts is None


def test_values_may_be_expressions(planned: Planned) -> None:
    node = only(planned("- image: reactor\n  every: '${10 s * count}'\n  times: '${count}'"))
    assert isinstance(node, Repeat)
    assert (node.every, node.times) == (30.0, 3)


@pytest.mark.parametrize(
    "text",
    [
        "turbidity(reactor) >= 4",
        "${turbidity(reactor) >= 4}",
        "  ${ turbidity(reactor) >= 4 } ",
        "surely(turbidity(reactor) >= 4)",
    ],
)
def test_conditions_may_stand_in_an_expression(planned: Planned, text: str) -> None:
    node = only(planned(f"- image: reactor\n  times: 3\n  until: '{text}'"))
    assert isinstance(node, Repeat)


def test_for_on_an_output_is_how_long_it_lasts(planned: Planned) -> None:
    assert step(planned("- stir: {device: hotplate, speed: 300 rpm}\n  for: 5 min")).modifiers.lasts == 300.0


def test_require(planned: Planned) -> None:
    node = only(planned("- note: go\n  require: speed > 100 rpm"))
    assert isinstance(node, Choice)
    assert (node.use, node.otherwise) == ("require", None)


def test_from_the_inside_require_then_repeat_then_when(planned: Planned) -> None:
    node = only(planned("- note: go\n  require: speed > 1 rpm\n  times: 2\n  when: count > 2"))
    assert isinstance(node, Choice)
    assert isinstance(node.then, Repeat)
    assert isinstance(node.then.body, Choice)
    assert isinstance(node.then.body.then, Step)


def test_times_and_flags(planned: Planned) -> None:
    beside = "  timeout: 2 min\n  max_age: 5 s\n  repeatable: true\n  safe_point: true"
    mods = step(planned("- dispense: {material: acetone, into: reactor, volume: 1 mL}\n" + beside)).modifiers
    assert (mods.timeout, mods.max_age, mods.repeatable, mods.safe_point) == (120.0, 5.0, True, True)
    assert step(planned("- stir: {device: hotplate, speed: 300 rpm}\n  hold: true")).modifiers.hold


def test_repeatable_allows_a_retry(planned: Planned) -> None:
    node = step(
        planned(
            "- dispense: {material: acetone, into: reactor, volume: 1 mL}\n  repeatable: true\n  retry: 2"
        )
    )
    assert node.repeat_allowed
    assert node.modifiers.on_error == OnError(retries=2)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("skip", OnError("skip")),
        ("pause", OnError("pause")),
        ("ask", OnError("ask")),
        ("stop", OnError("stop")),
        ("retry", OnError("stop", 1)),
        ("{retry: 2, then: skip}", OnError("skip", 2)),
        ("{then: ask, limit: 5 min, default: skip}", OnError("ask", 0, 300.0, "skip")),
        ("{fallback: [{note: x}]}", OnError("fallback")),
        ("{retry: 1, replace: [{note: x}], then: ask}", OnError("ask", 1, replaces=True)),
        ("{replace: [{note: x}], fallback: [{note: y}]}", OnError("fallback", replaces=True)),
        (
            "{unknown: ask, undecided: skip}",
            OnError(cases=(OnError("ask", case="unknown"), OnError("skip", case="undecided"))),
        ),
        (
            "{timeout: {retry: 2, then: skip}, otherwise: {then: ask, limit: 1 min, default: pause}}",
            OnError("ask", 0, 60.0, "pause", cases=(OnError("skip", 2, case="timeout"),)),
        ),
        ("{limit: skip}", OnError(cases=(OnError("skip", case="limit"), OnError("pause", case="undecided")))),
        (
            "{limit: {then: ask, limit: 5 s}, undecided: ask}",
            OnError(cases=(OnError("ask", 0, 5.0, case="limit"), OnError("ask", case="undecided"))),
        ),
        ("{lost: pause}", OnError(cases=(OnError("pause", case="lost"), OnError("pause", case="undecided")))),
    ],
)
def test_on_error(planned: Planned, text: str, policy: OnError) -> None:
    assert step(planned(f"- wait: 5 s\n  on_error: {text}")).modifiers.on_error == policy


def test_a_fallback_is_a_sequence_of_its_own(planned: Planned) -> None:
    fallback = step(planned("- wait: 5 s\n  on_error: {fallback: [{note: x}, {wait: 1 s}]}")).instead[
        "fallback"
    ]
    assert isinstance(fallback, Sequence)
    assert [one.label for one in fallback.steps] == ["note: x", "wait 1 s"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("- wait: 5 s\n  for: 10 s", ["E803"]),
        ("- wait: 5 s\n  hold: true", ["E803"]),
        ("- stir: {device: hotplate, speed: 300 rpm}\n  times: 2", ["N901", "E803"]),
        ("- stir: {device: hotplate, speed: 300 rpm}\n  save: x", ["N901", "E803"]),
        ("- wait: 5 s\n  background: yes\n- note: a", ["E303"]),
        ("- wait: 5 s\n  timeout: 0 s", ["E802"]),
        ("- wait: 5 s\n  timeout: 5", ["E301"]),
        ("- wait: 5 s\n  timeout: 5 mL", ["E302"]),
        ("- wait: 5 s\n  every: 10 s", ["E804"]),
        ("- wait: 5 s\n  times: three", ["E303"]),
        ("- wait: 5 s\n  until: '${'\n  times: 2", ["E306"]),
        ("- wait: 5 s\n  until: [a]\n  times: 2", ["E303"]),
        ("- wait: 5 s\n  on_error: [skip]", ["E303"]),
        ("- wait: 5 s\n  on_error: {then: [skip]}", ["E303"]),
        ("- wait: 5 s\n  on_error: {lost: [skip]}", ["E303"]),
        ("- wait: 5 s\n  on_error: {lost: {unknown: skip}}", ["E201"]),
        ("- wait: 5 s\n  on_error: {lost: replace}", ["E303"]),
        ("- wait: 5 s\n  save: min speed", []),
        ("- wait: 5 s\n  save: and", ["E210"]),
        ("- wait: 5 s\n  name: [a]", ["E303"]),
        ("- image: reactor\n  times: 2\n  until: turbidity(reactor) > 4 and speed", ["E302"]),
    ],
)
def test_what_a_modifier_refuses(problems: Problems, text: str, codes: list[str]) -> None:
    assert problems(text) == codes


def test_no_plugin_may_be_called_like_a_modifier(catalogue: object) -> None:
    assert not set(MODIFIERS) & set(catalogue.names("verbs"))  # type: ignore[attr-defined]
