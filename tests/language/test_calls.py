"""`call` puts another protocol in place, with names of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labcore.model.plan import Sequence
from labcore.pipeline.prepare import Prepared

Check = Callable[..., Prepared]
Planned = Callable[..., Prepared]
Problems = Callable[..., list[str]]


def test_a_call_is_a_sequence_named_after_its_protocol(planned: Planned) -> None:
    done = planned("- call: rinse.yaml")
    assert done.plan is not None
    (node,) = done.plan.root.steps
    assert isinstance(node, Sequence)
    assert node.label == "Rinse a vessel"
    assert [(one.key, one.node.label) for one in done.timeline] == [
        ("1.1", "dispense 2 mL acetone into reactor")
    ]


def test_a_call_sets_parameters(planned: Planned) -> None:
    done = planned("- call: {protocol: rinse.yaml, with: {amount: '${amount * 2}'}}\n  name: rinse well")
    assert [one.node.label for one in done.timeline] == ["dispense 10 mL acetone into reactor"]


def test_the_callers_parameters_stay_outside(planned: Planned) -> None:
    assert [one.node.label for one in planned("- call: rinse.yaml").timeline] == [
        "dispense 2 mL acetone into reactor"
    ]


def test_what_it_saves_is_known_afterwards(planned: Planned, problems: Problems) -> None:
    planned("- call: rinse.yaml\n- note: 'Rinsed with ${rinsed}'")
    assert problems("- note: 'Rinsed with ${rinsed}'\n- call: rinse.yaml") == ["E207"]


def test_a_call_may_be_repeated(planned: Planned) -> None:
    assert len(planned("- call: rinse.yaml\n  times: 3").timeline) == 3


def test_the_called_text_is_part_of_the_plan(check: Check, planned: Planned) -> None:
    done = planned("- call: rinse.yaml")
    assert done.plan is not None
    assert list(done.texts) == ["rinse.yaml"]
    other = planned("- call: {protocol: rinse.yaml, with: {amount: 3 mL}}")
    assert other.plan is not None
    assert done.plan.digest != other.plan.digest


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("- call: nothing.yaml", ["E111"]),
        ("- call:", ["E107"]),
        ("- call: {protocol: rinse.yaml, wiht: {}}", ["E201"]),
        ("- call: {protocol: rinse.yaml, with: [a]}", ["E303"]),
        ("- call: {protocol: rinse.yaml, with: {amount: 5 g}}", ["E302"]),
        ("- call: {protocol: rinse.yaml, with: {amount: 5}}", ["E301"]),
        (
            "- prompt: {text: how much?, expects: mL}\n  save: x\n- call: {protocol: rinse.yaml, with: {amount: '${x}'}}",
            ["E307"],
        ),
        ("- call: rinse.yaml\n  save: x", ["E803"]),
    ],
)
def test_what_a_call_refuses(problems: Problems, text: str, codes: list[str]) -> None:
    assert problems(text) == codes


def test_problems_of_a_called_file_stand_in_it(planned: Planned, check: Check) -> None:
    done = check("labcore: 1\nname: x\nsteps:\n  - call: wrong.yaml\n")
    assert [str(one.place) for one in done.problems] == ["wrong.yaml:4:11"]
    assert "wrong.yaml" in done.texts
