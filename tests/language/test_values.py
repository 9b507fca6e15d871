"""Quantities, bounds, expressions and names in arguments; parameters and `--set`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcore.model.expression import Template
from labcore.model.plan import Deferred, Step
from labcore.model.quantity import Quantity
from labcore.pipeline.prepare import Prepared

Check = Callable[..., Prepared]
Planned = Callable[..., Prepared]
Problems = Callable[..., list[str]]


def args(done: Prepared, number: int = -1) -> dict[str, Any]:
    assert done.plan is not None
    node = done.plan.root.steps[number]
    assert isinstance(node, Step)
    return dict(node.args)


def dose(volume: str) -> str:
    return f"- dispense: {{material: acetone, into: reactor, volume: {volume}}}"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5 mL", "5 mL"), ("5000 uL", "5 mL"), ("5000µL", "5 mL"), ("5000 μL", "5 mL"), ("0.005 L", "5 mL"), ("'5 mL'", "5 mL"),
        ('"${amount}"', "5 mL"), ('"${amount * count / 2}"', "7.5 mL"), ('"${min(amount, 2 mL)}"', "2 mL"),
        ('"${0.2 mmol / diamine_solution.concentration}"', "20 mL"), ('{value: "${amount}", min: 1 mL, max: 10 mL}', "5 mL"),
    ],
)  # fmt: skip
def test_a_quantity_may_be_written_so(planned: Planned, written: str, value: str) -> None:
    number, unit = value.split()
    assert args(planned(dose(written)))["volume"] == Quantity(float(number), unit)


def test_what_is_known_only_later_keeps_its_bounds(planned: Planned) -> None:
    done = planned(
        f"{dose('5 mL')}\n  save: first\n" + dose('{value: "${first / 2}", min: 1 mL, max: 10 mL}')
    )
    volume = args(done)["volume"]
    assert isinstance(volume, Deferred)
    assert (volume.low, volume.high) == (Quantity(1, "mL"), Quantity(10, "mL"))
    assert args(done)["material"] == "acetone"


def test_bounds_may_be_expressions(planned: Planned) -> None:
    done = planned(
        f"{dose('5 mL')}\n  save: first\n" + dose('{value: "${first}", min: 0 mL, max: "${amount * 2}"}')
    )
    assert args(done)["volume"].high == Quantity(10, "mL")


def test_a_text_with_results_needs_no_bounds(planned: Planned) -> None:
    done = planned(f"{dose('5 mL')}\n  save: first\n- note: 'Gave ${{first}}.'\n- note: '${{first}}'")
    assert isinstance(args(done, -2)["text"].expression, Template)
    assert isinstance(args(done, -1)["text"].expression, Template)  # it is written out, not a quantity


def test_a_known_value_in_a_text_is_written_out(planned: Planned) -> None:
    assert args(planned("- note: '${amount}'"))["text"] == "5 mL"
    assert (
        args(planned("- note: 'Add ${amount * 2} slowly: $${not this}'"))["text"]
        == "Add 10 mL slowly: ${not this}"
    )


def test_a_value_with_bounds_feeds_both_ends_into_the_check(problems: Problems) -> None:
    first = f"{dose('5 mL')}\n  save: first\n"
    assert problems(first + dose('{value: "${first}", min: 1 mL, max: 44 mL}')) == []
    assert problems(first + dose('{value: "${first}", min: 1 mL, max: 60 mL}')) == ["W601"]
    assert problems(first + dose('{value: "${first}", min: 50 mL, max: 60 mL}')) == ["E601"]


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        (dose('{value: "${amount}", min: 6 mL}'), ["E701"]),
        (dose("{value: 5 mL, max: 4 mL}"), ["E701"]),
        (dose("{value: 5 mL, max: 4 g}"), ["E302"]),
        (dose("{value: 5 mL, max: 4}"), ["E301"]),
        (dose("{max: 4 mL}"), ["E301"]),
        (dose("{value: 5 mL, maximum: 4 mL}"), ["E301"]),
        (dose('"${amount} mL"'), ["E301"]),
        (dose('"${speed}"'), ["E302"]),
        (dose("-5 mL"), ["E302"]),
        (dose('"${turbidity(reactor)}"'), ["E302"]),
        (dose('{value: "${turbidity(reactor) * 1 mL}", min: 0 mL, max: 5 mL}'), []),
        ("- wait: 37 °C", ["E302"]),
        ("- wait: '${1 s + 1 mL}'", ["E302"]),
        ("- wait: '${10 s / (count - 3)}'", ["E305"]),
        ("- note: true", []),
        ("- note: 010", []),
        ("- note: [a]", ["E303"]),
        ("- note: {a: b}", ["E202", "E201"]),
        ("- stir: {device: hotplate, speed: 300 rpm, reach: 'true'}", ["E303"]),
        ("- prompt: {text: ok?, options: [a, '${count}']}", []),
    ],
)
def test_what_a_value_refuses(problems: Problems, steps: str, codes: list[str]) -> None:
    assert [code for code in problems(steps) if code != "N901"] == codes


def test_names_match_across_blanks_and_scripts(check: Check, bench: str) -> None:
    lab = bench.replace("reactor: {at", "反応 容器: {at")
    done = check(
        """
labcore: 1
name: 日本語
parameters: {回転 数: {default: 200 rpm}, min: {default: 2 min}}
materials: {diamine_solution: {concentration: 10 mmol/L}}
vessels: {反応_容器: {labware: vial-50ml}}
devices: {stirrer: [stirring], mover: [placing], dispenser: [dosing]}
steps:
  - place_vial: {vessel: 反応 容器, onto: stirrer}
  - dispense: {material: diamine solution, into: 反応_容器, volume: "${0.1 mmol / diamine_solution.concentration}"}
  - stir: {vessel: 反応_容器, speed: "${回転_数}"}
  - wait: "${min * 2}"
""",
        lab,
    )
    assert [one.text() for one in done.problems] == []
    assert done.timeline[-1].duration.mid == 240.0


PARAMETERS = """
labcore: 1
name: Parameters
parameters:
  speed: {default: 300 rpm, min: 50 rpm, max: 800 rpm}
  target: {default: 7, min: 1, max: 14}
  word: {default: slow}
  sure: {default: true}
  free: {min: 1 mL}
steps:
  - note: "${speed} ${target} ${word} ${sure} ${free}"
"""


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({}, "300 rpm 7 slow yes 2 mL"),
        ({"speed": "5 rev/s"}, "5 rev/s 7 slow yes 2 mL"),
        ({"target": "6.5"}, "300 rpm 6.5 slow yes 2 mL"),
        ({"word": "7"}, "300 rpm 7 7 yes 2 mL"),
        ({"word": "5 mL"}, "300 rpm 7 5 mL yes 2 mL"),
        ({"sure": "false"}, "300 rpm 7 slow no 2 mL"),
        ({"free": "3 mL"}, "300 rpm 7 slow yes 3 mL"),
    ],
)
def test_a_parameter_takes_a_value_of_its_kind(check: Check, given: dict[str, str], written: str) -> None:
    done = check(PARAMETERS, parameters={"free": "2 mL"} | given)
    assert [one.text() for one in done.errors] == []
    assert args(done)["text"] == written


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"speed": "5 mL"}, "E302"), ({"speed": "fast"}, "E301"), ({"speed": "300"}, "E301"), ({"speed": "900 rpm"}, "E701"),
        ({"speed": "10 rpm"}, "E701"), ({"target": "7 mL"}, "E302"), ({"target": "x"}, "E302"), ({"target": "15"}, "E701"),
        ({"sure": "yes"}, "E302"), ({"free": "0.5 mL"}, "E701"), ({"sped": "300 rpm"}, "E209"), ({"free": ""}, "E301"),
    ],
)  # fmt: skip
def test_a_parameter_refuses_another_kind(check: Check, given: dict[str, str], code: str) -> None:
    done = check(PARAMETERS, parameters={"free": "2 mL"} | given)
    assert [one.code for one in done.problems] == [code]


def test_a_parameter_without_a_value(check: Check) -> None:
    assert [one.code for one in check(PARAMETERS).problems] == ["E212"]


def test_the_plan_knows_the_values(check: Check) -> None:
    done = check(PARAMETERS, parameters={"free": "2 mL", "target": "6"})
    assert done.plan is not None
    assert done.plan.parameters == {
        "speed": "300 rpm",
        "target": "6",
        "word": "slow",
        "sure": "yes",
        "free": "2 mL",
    }


def test_another_value_is_another_plan(check: Check) -> None:
    one, other = (check(PARAMETERS, parameters={"free": volume}).plan for volume in ("2 mL", "3 mL"))
    assert one is not None
    assert other is not None
    assert one.digest != other.digest
