"""Every block becomes the plan nodes it stands for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labcore.model.plan import Choice, Parallel, Repeat, Sequence, Step, node_at, walk
from labcore.pipeline.prepare import Prepared

Planned = Callable[..., Prepared]
Problems = Callable[..., list[str]]


def steps(done: Prepared) -> tuple[object, ...]:
    assert done.plan is not None
    return done.plan.root.steps


def keys(done: Prepared) -> list[str]:
    return [one.key for one in done.timeline]


def test_a_sequence_holds_its_steps_and_its_clean_up(planned: Planned) -> None:
    done = planned("- sequence: [{wait: 1 s}, {note: a}]\n  finally: [{note: b}]\n  name: tidy")
    (node,) = steps(done)
    assert isinstance(node, Sequence)
    assert node.label == "tidy"
    assert [one.label for one in node.steps] == ["wait 1 s", "note: a"]
    assert [one.label for one in node.finally_] == ["note: b"]
    assert keys(done) == ["1.1", "1.2", "1.finally.1"]


def test_repeat_goes_round(planned: Planned) -> None:
    done = planned(
        "- repeat: [{wait: 10 s}, {dispense: {material: acetone, into: reactor, volume: 1 mL}}]\n  times: 4"
    )
    (node,) = steps(done)
    assert isinstance(node, Repeat)
    assert node.times == 4
    assert isinstance(node.body, Sequence)
    assert keys(done) == [f"1#{n}.{k}" for n in range(1, 5) for k in (1, 2)]


def test_repeat_with_every_keeps_the_schedule(planned: Planned) -> None:
    done = planned("- repeat: [{note: a}]\n  every: 30 s\n  for: 5 min")
    (node,) = steps(done)
    assert isinstance(node, Repeat)
    assert (node.every, node.lasts_for) == (30.0, 300.0)
    assert done.duration == 300.0


def test_repeat_for_a_time_without_a_schedule(planned: Planned) -> None:
    done = planned(
        "- repeat: [{wait: 10 s}, {dispense: {material: acetone, into: reactor, volume: 0.1 mL}}]\n  for: 5 min"
    )
    assert done.duration == pytest.approx(300.0)
    assert done.timeline[-1].start < 300.0


def test_a_hundred_equal_rounds_take_a_hundred_times_as_long(planned: Planned) -> None:
    assert planned("- repeat: [{wait: 5 min}]\n  times: 100").duration == pytest.approx(100 * 300.0)


def test_repeat_with_clean_up(planned: Planned) -> None:
    (node,) = steps(planned("- repeat: [{note: a}]\n  times: 2\n  finally: [{note: b}]"))
    assert isinstance(node, Sequence)
    assert isinstance(node.steps[0], Repeat)
    assert [one.label for one in node.finally_] == ["note: b"]


def test_parallel_branches_begin_together(planned: Planned) -> None:
    done = planned(
        "- parallel:\n    - [{wait: 10 s}, {wait: 5 s}]\n    - {wait: 20 s}\n  finally: [{note: end}]"
    )
    (node,) = steps(done)
    assert isinstance(node, Parallel)
    assert [len(branch.steps) for branch in node.branches if isinstance(branch, Sequence)] == [2, 1]
    assert {one.key: one.start for one in done.timeline} == {
        "1.1.1": 0,
        "1.1.2": 10,
        "1.2.1": 0,
        "1.finally.1": 20,
    }


def test_when_then_otherwise(planned: Planned) -> None:
    done = planned(
        "- when: speed > 100 rpm\n  then: [{note: a}]\n  otherwise: [{note: b}, {note: c}]\n  finally: [{note: d}]"
    )
    (node,) = steps(done)
    assert isinstance(node, Sequence)
    (choice,) = node.steps
    assert isinstance(choice, Choice)
    assert isinstance(choice.otherwise, Sequence)
    assert [one.label for one in choice.otherwise.steps] == ["note: b", "note: c"]


def test_when_beside_a_verb(planned: Planned) -> None:
    (node,) = steps(planned("- note: fast\n  when: speed > 100 rpm"))
    assert isinstance(node, Choice)
    assert isinstance(node.then, Step)
    assert node.use == "when"


def test_for_each_is_unrolled(planned: Planned) -> None:
    done = planned(
        "- for_each:\n    vial: [reactor, spare]\n    do: [{dispense: {material: acetone, into: '${vial}', volume: 1 mL}}]"
    )
    (node,) = steps(done)
    assert isinstance(node, Sequence)
    assert [one.label for one in node.steps] == ["vial = reactor", "vial = spare"]
    assert [one.node.args["into"] for one in done.timeline] == ["reactor", "spare"]
    assert keys(done) == ["1.1.1", "1.2.1"]


def test_for_each_over_quantities_and_numbers(planned: Planned) -> None:
    done = planned(
        "- for_each: {v: [1 mL, '2 mL'], do: [{dispense: {material: acetone, into: reactor, volume: '${v * 2}'}}]}"
    )
    assert [str(one.node.args["volume"]) for one in done.timeline] == ["2 mL", "4 mL"]
    done = planned("- for_each: {n: [1, 2], do: [{wait: '${n * 5 s}'}]}")
    assert done.duration == 15.0


def test_for_each_in_for_each(planned: Planned) -> None:
    done = planned("- for_each: {a: [x, y], do: [{for_each: {b: [1, 2], do: [{note: '${a}${b}'}]}}]}")
    assert [one.node.args["text"] for one in done.timeline] == ["x1", "x2", "y1", "y2"]


def test_every_key_of_the_timeline_leads_to_its_step(planned: Planned) -> None:
    done = planned(
        """
        - for_each: {v: [reactor, spare], do: [{image: '${v}', every: 30 s, times: 2}]}
        - when: count > 2
          then: [{repeat: [{note: a}], times: 2, finally: [{note: b}]}]
        - parallel: [[{wait: 1 s}], [{note: c}]]
        """
    )
    assert done.plan is not None
    for one in done.timeline:
        assert node_at(done.plan.root, one.key) is one.node


def test_ids_of_nodes_differ(planned: Planned) -> None:
    done = planned(
        """
        - when: count > 2
          then: [{note: a}, {note: b}]
          otherwise: [{note: c}]
          finally: [{note: d}]
        - for_each: {v: [1, 2], do: [{note: e}]}
        - note: f
          on_error: {fallback: [{note: g}]}
        """
    )
    assert done.plan is not None
    ids = [one.id for one in walk(done.plan.root) if isinstance(one, Step)]
    assert len(ids) == len(set(ids)) == 8


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("- repeat: [{note: a}]", ["E804"]),
        ("- repeat: [{note: a}]\n  every: 5 s", ["E804"]),
        ("- sequence: [{repeat: [{wait: 1 s}], every: 5 s, background: true}, {wait: 1 min}]", []),
        ("- repeat: [{note: a}]\n  until: count > 3", ["N812"]),
        ("- repeat: [{note: a}]\n  times: 0", ["E303"]),
        ("- sequence: [{note: a}]\n  every: 5 s\n  times: 2", []),
        ("- sequence: []", ["E108"]),
        ("- sequence: [{note: a}]\n  then: [{note: b}]", ["E106"]),
        ("- note: a\n  do: [{note: b}]", ["E106"]),
        ("- otherwise: [{note: b}]", ["E104"]),
        ("- when: count > 3", ["E104"]),
        ("- when: count > 3\n  then: [{note: b}]\n  require: count > 1", ["E803"]),
    ],
)
def test_what_a_block_refuses(problems: Problems, text: str, codes: list[str]) -> None:
    assert problems(text) == codes


def test_a_background_step_takes_no_time_of_the_others(planned: Planned) -> None:
    done = planned("- image: reactor\n  every: 30 s\n  background: true\n- wait: 100 s")
    assert done.duration == 100.0
