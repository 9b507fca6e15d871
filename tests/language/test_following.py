"""Volumes, places and times along the sequence, on every way a protocol can go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labcore.pipeline.prepare import Prepared

Planned = Callable[..., Prepared]
Problems = Callable[..., list[str]]
ON_STIRRER = "- place_vial: {vessel: reactor, onto: stirrer}\n"


def dose(volume: str, into: str = "reactor") -> str:
    return f"{{dispense: {{material: acetone, into: {into}, volume: {volume}}}}}"


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        (f"- {dose('30 mL')}\n- {dose('19 mL')}", []),
        (f"- {dose('30 mL')}\n- {dose('21 mL')}", ["E601"]),
        (f"- repeat: [{dose('4.9 mL')}]\n  times: 10", []),
        (f"- repeat: [{dose('5.1 mL')}]\n  times: 10", ["E601"]),
        (f"- repeat: [{dose('0.01 mL')}]\n  times: 4000", []),
        (f"- repeat: [{dose('0.01 mL')}]\n  times: 6000", ["E601"]),
        (f"- repeat: [{{repeat: [{dose('0.01 mL')}], times: 100}}]\n  times: 100", ["E601"]),
        (f"- repeat: [{dose('1 mL')}]\n  every: 10 s\n  for: 10 min", ["E601"]),
        (f"- for_each: {{v: [reactor, spare], do: [{dose('45 mL', chr(39) + '${v}' + chr(39))}]}}", []),
        (f"- parallel: [[{dose('30 mL')}], [{dose('30 mL')}]]", ["N811", "E601"]),
        (f"- when: count > 2\n  then: [{dose('60 mL')}]", ["E601"]),
        (
            f"- prompt: ok?\n  save: x\n- when: x == 'yes'\n  then: [{dose('30 mL')}]\n- {dose('30 mL')}",
            ["W601"],
        ),
        (
            f"- prompt: ok?\n  save: x\n- when: x == 'yes'\n  then: [{dose('30 mL')}]\n  otherwise: [{dose('30 mL')}]\n- {dose('30 mL')}",
            ["E601"],
        ),
        ("- transfer: {from: reactor, into: spare, volume: 5 mL}", ["E602"]),
        (f"- {dose('5 mL')}\n- transfer: {{from: reactor, into: spare, volume: 4.9 mL}}", []),
        (f"- {dose('5 mL')}\n- transfer: {{from: reactor, into: spare, volume: 5 mL}}", ["W602"]),
        (
            f"- {dose('20 mL')}\n- dispense: {{material: acetone, into: reactor, to_total: 40 mL}}\n- {dose('15 mL')}",
            ["E601"],
        ),
        (
            f"- {dose('20 mL')}\n- dispense: {{material: acetone, into: reactor, to_total: 40 mL, volume: 5 mL}}",
            ["E303"],
        ),
    ],
)
def test_volumes(problems: Problems, steps: str, codes: list[str]) -> None:
    assert problems(steps) == codes


def test_an_open_loop_may_overfill_but_need_not(problems: Problems) -> None:
    loop = (
        ON_STIRRER
        + f"- repeat: [{dose('4 mL')}, {{image: reactor}}]\n  until: turbidity(reactor) >= 4\n  times: 20"
    )
    assert problems(loop) == ["W601"]
    assert problems(loop + "\n- dispense: {material: acetone, into: reactor, to_total: 45 mL}") == [
        "W601",
        "W606",
    ]


def test_a_vessel_on_its_way(problems: Problems) -> None:
    assert problems(ON_STIRRER + "- place_vial: {vessel: spare, onto: stirrer}") == ["E502"]
    assert (
        problems(
            ON_STIRRER
            + "- move: {vessel: reactor, onto: rack/A1}\n- place_vial: {vessel: spare, onto: stirrer}"
        )
        == []
    )
    assert problems("- place_vial: {vessel: spare, onto: rack/A1}") == ["E502"]
    assert problems("- place_vial: {vessel: flask, onto: stirrer}") == ["E503"]


def test_a_fault_is_said_once_however_often_it_is_met(problems: Problems) -> None:
    assert problems(f"- repeat: [{dose('60 mL')}]\n  times: 5") == ["E601"]


def test_one_wrong_device_hides_nothing_else(problems: Problems) -> None:
    wrong = "- stir: {vessel: reactor, speed: 200 rpm, device: camera}\n"
    assert problems(wrong + f"- {dose('60 mL')}") == ["E402", "E601"]


def test_times_add_up(planned: Planned) -> None:
    assert planned("- wait: 1 min\n- repeat: [{wait: 10 s}]\n  times: 7\n- wait: 5 s").duration == 135.0
    assert planned("- image: reactor\n  every: 30 s\n  times: 11").duration == pytest.approx(300.0, abs=1.0)


LIMITS = "- stir: {vessel: reactor, speed: 'SPEED'}"


@pytest.mark.parametrize(
    ("speed", "codes"), [("800 rpm", []), ("801 rpm", ["E702"]), ("13.4 rev/s", ["E702"]), ("0 rpm", [])]
)
def test_the_narrowest_limit_counts(problems: Problems, speed: str, codes: list[str]) -> None:
    assert problems(ON_STIRRER + LIMITS.replace("SPEED", speed)) == codes


def test_a_limit_by_another_name_of_the_machine_counts_too(problems: Problems, bench: str) -> None:
    lab = bench.replace("limits:\n", "limits:\n  mover: {volume: {max: 3 mL}}\n")
    assert problems(f"- {dose('4 mL')}", lab=lab) == ["E702"]


CONDITION = "  until: turbidity(reactor) >= 4\n  times: 5"


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        (f"- repeat: [{dose('1 mL')}, {{image: reactor}}]\n{CONDITION}", []),
        (f"- repeat: [{{image: reactor}}, {dose('1 mL')}]\n{CONDITION}", ["W801"]),
        (f"- repeat: [{dose('1 mL')}]\n{CONDITION}", ["E801"]),
        (f"- repeat: [{dose('1 mL')}, {{image: spare}}]\n{CONDITION}", ["E801"]),
        (
            f"- image: reactor\n  every: 30 s\n  background: true\n- repeat: [{dose('1 mL')}, {{wait: 2 min}}]\n{CONDITION}",
            [],
        ),
        (
            "- parallel:\n    - [{image: reactor, every: 30 s, times: 9}]\n"
            f"    - - repeat: [{dose('1 mL')}, {{wait: 2 min}}]\n        until: turbidity(reactor) >= 4\n        times: 5",
            [],
        ),
        ("- image: reactor\n- note: x\n  when: turbidity(reactor) > 1", []),
        ("- note: x\n  when: turbidity(reactor) > 1\n- image: reactor", ["W801"]),
        (f"- image: reactor\n- {dose('1 mL')}\n- note: x\n  when: turbidity(reactor) > 1", ["W801"]),
        ("- note: x\n  when: turbidity(reactor) > 1", ["E801"]),
        ("- measure: {what: speed, of: stirrer}\n- note: x\n  require: speed(stirrer) > 100 rpm", []),
        ("- image: reactor\n- repeat: [{note: x, when: turbidity(reactor) > 1}]\n  times: 2", ["W801"]),
    ],
)
def test_conditions_are_fed(problems: Problems, steps: str, codes: list[str]) -> None:
    assert problems(ON_STIRRER + steps) == codes


ASK = "- prompt: {text: how much?, expects: number}\n  save: much\n"


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        (ASK + "- note: '${much}'", []),
        ("- note: '${much}'\n" + ASK, ["E809"]),
        ("- note: x\n  when: much > 3\n" + ASK, ["E809"]),
        (ASK + "  when: count > 2\n- note: '${much}'", ["W814"]),
        (ASK + "  on_error: skip\n- note: '${much}'", ["W814"]),
        (ASK + "  background: true\n- note: '${much}'", ["W814"]),
        (
            "- when: count > 2\n  then: [{prompt: a, save: x}]\n  otherwise: [{prompt: b, save: x}]\n- note: '${x}'",
            [],
        ),
        ("- parallel: [[{prompt: a, save: x}], [{note: '${x}'}]]", ["W814"]),
        ("- parallel: [[{prompt: a, save: x}], [{note: b}]]\n- note: '${x}'", []),
        ("- repeat: [{prompt: a, save: x}]\n  times: 3\n  until: x == 'yes'\n- note: '${x}'", []),
        ("- repeat: [{note: '${x}'}, {prompt: a, save: x}]\n  times: 3", ["E809"]),
        ("- sequence: [{prompt: a, save: x}]\n  finally: [{note: '${x}'}]", ["W814"]),
    ],
)
def test_results_are_saved_before_they_are_used(problems: Problems, steps: str, codes: list[str]) -> None:
    assert problems(steps) == codes


@pytest.mark.parametrize("more", ["limit: 20 s", "limit: 20 s, typical: 5 min", "typical: 5 min"])
def test_a_question_may_have_less_time_than_people_usually_take(problems: Problems, more: str) -> None:
    assert problems(f"- prompt: {{text: clear?, default: 'yes', {more}}}") == []
