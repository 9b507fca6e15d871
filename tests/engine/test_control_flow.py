"""Blocks, loops and conditions, run on fake devices in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]


def times(done: Any, kind: str, step: str | None = None) -> list[float]:
    return [
        round(event.at, 3)
        for event in done.events
        if event.kind == kind and (step is None or event.step == step)
    ]


def test_steps_follow_each_other(play: Play) -> None:
    done = play("steps:\n - wait: 5 s\n - note: then\n - wait: 1 min")
    assert done.state.outcome == "done"
    assert times(done, "step_started") == [0.0, 5.0, 5.0]
    assert times(done, "run_ended") == [65.0]


def test_a_schedule_does_not_drift_and_says_what_it_missed(play: Play, world: Any) -> None:
    world.dose_time = 25.0
    done = play(
        "steps:\n - dispense: {material: water, into: vial, volume: 1 mL}\n   every: 10 s\n   for: 100 s"
    )
    assert times(done, "round_started") == [0.0, 25.0, 50.0, 75.0]
    assert [event.body.count for event in done.of("rounds_missed")] == [1, 2, 1]
    assert [event.body.due for event in done.of("round_started")] == [0.0, 20.0, 50.0, 70.0]


def test_a_late_round_says_how_late(play: Play, world: Any) -> None:
    world.dose_time = 12.0
    done = play(
        "steps:\n - dispense: {material: water, into: vial, volume: 1 mL}\n   every: 10 s\n   times: 3"
    )
    assert [round(event.body.late, 3) for event in done.of("round_started")] == [0.0, 2.0, 4.0]


def test_background_ends_with_its_block(play: Play) -> None:
    done = play(
        "steps:\n - sequence:\n   - note: tick\n     every: 10 s\n     background: true\n   - wait: 35 s\n - wait: 60 s"
    )
    assert times(done, "noted") == [0.0, 10.0, 20.0, 30.0]
    assert [e.body.outcome for e in done.events if e.kind == "step_ended" and e.step == "1.1"] == ["done"]
    assert times(done, "run_ended") == [95.0]


def test_parallel_branches_run_side_by_side(play: Play) -> None:
    done = play(
        "steps:\n - parallel:\n   - - wait: 30 s\n     - note: a\n   - - wait: 10 s\n     - note: b\n - note: after"
    )
    assert [(event.step, event.at) for event in done.of("noted")] == [
        ("1.2.2", 10.0),
        ("1.1.2", 30.0),
        ("2", 30.0),
    ]


def test_for_each_is_unrolled(play: Play) -> None:
    done = play(
        'steps:\n - for_each: {v: [vial, other], do: [{dispense: {material: water, into: "${v}", volume: 2 mL}}]}'
    )
    assert done.world.doses == [("bottle", "vial", 2.0), ("bottle", "other", 2.0)]


def test_repeat_counts(play: Play) -> None:
    done = play("steps:\n - repeat: [{note: x}, {wait: 1 s}]\n   times: 4")
    assert times(done, "noted") == [0.0, 1.0, 2.0, 3.0]


def test_a_body_may_be_repeated_for_a_time(play: Play) -> None:
    done = play("steps:\n - repeat: [{note: x}]\n   every: 20 s\n   for: 1 min\n - note: end")
    assert times(done, "noted") == [0.0, 20.0, 40.0, 60.0]


@pytest.mark.parametrize(("answer", "note"), [(3.0, "high"), (1.0, "low")])
def test_when_chooses_on_what_was_seen(play: Play, world: Any, answer: float, note: str) -> None:
    world.value = lambda _: answer
    done = play(
        "steps:\n - image: vial\n - when: turbidity(vial) >= 2\n   then: [{note: high}]\n   otherwise: [{note: low}]"
    )
    assert [event.body.text for event in done.of("noted")] == [note]
    assert len(done.of("condition_tested")) == 1


@pytest.mark.parametrize("look_time", [0.0, 3.0, 20.0])
def test_until_stops_at_the_first_round_whose_own_evidence_says_so(
    play: Play, world: Any, look_time: float
) -> None:
    """The slow observer of the acceptance list: no dose is given on an old value."""
    world.look_time = look_time
    done = play(
        """
        steps:
          - repeat:
              - dispense: {material: water, into: vial, volume: 1 mL}
              - image: vial
            until: turbidity(vial) >= 4
            times: 20
        """
    )
    assert done.state.outcome == "done"
    assert len(done.world.doses) == 4
    tests = done.of("condition_tested")
    assert [event.body.holds for event in tests] == [False, False, False, True]
    rounds = [event.position for event in done.of("round_started")]
    seen = {event.position: min(event.body.evidence) for event in done.of("observed")}
    for number, test in zip(rounds, tests, strict=True):
        assert all(seen[position] > number for position in test.body.evidence)


def test_an_observation_from_before_a_dose_does_not_count(play: Play, world: Any) -> None:
    done = play(
        """
        steps:
          - image: vial
          - wait: 1 s
          - dispense: {material: water, into: vial, volume: 1 mL}
          - when: turbidity(vial) < 100
            then: [{note: never}]
        """,
        allowed="E801",  # check says so beforehand; here the run itself is put to the test
    )
    assert done.of("noted") == []
    tested = done.of("condition_tested")[0]
    assert tested.body.holds is None
    assert "last touched" in tested.body.reason
    assert tested.at - done.of("settled")[-1].at == pytest.approx(60.0)
    assert done.state.outcome == "failed"  # paused, and nobody is there to resume a simulation


def test_bad_quality_is_no_observation(play: Play, world: Any) -> None:
    world.value = lambda _: -1.0
    done = play(
        "steps:\n - image: vial\n - when: turbidity(vial) < 100\n   then: [{note: never}]\n   timeout: 5 s\n   on_error: skip"
    )
    assert done.of("noted") == []
    assert [event.body.policy for event in done.of("error_handled")] == ["skip"]
    assert done.state.outcome == "done"


def test_surely_needs_the_whole_interval(play: Play, world: Any) -> None:
    world.value = lambda _: 4.2
    done = play(
        "steps:\n - image: vial\n - when: turbidity(vial) >= 4\n   then: [{note: stated}]\n"
        " - when: surely(turbidity(vial) >= 4)\n   then: [{note: surely}]"
    )
    assert [event.body.text for event in done.of("noted")] == ["stated"]


def test_running_out_of_rounds_is_a_failure(play: Play, world: Any) -> None:
    done = play(
        "steps:\n - image: vial\n   until: turbidity(vial) >= 4\n   times: 3\nfinally:\n - note: cleaned"
    )
    assert done.state.outcome == "failed"
    assert "3 rounds went by" in done.state.reason
    assert [event.body.text for event in done.of("noted")] == ["cleaned"]


def test_require_fails_the_step_before_it_acts(play: Play, world: Any) -> None:
    done = play(
        "steps:\n - image: vial\n - dispense: {material: water, into: vial, volume: 1 mL}\n   require: turbidity(vial) > 10"
    )
    assert done.state.outcome == "failed"
    assert done.world.doses == []
    assert done.of("intended") == []


def test_results_are_kept_and_used(play: Play, world: Any) -> None:
    done = play(
        """
        steps:
          - dispense: {material: water, into: vial, volume: 4 mL}
            save: first
          - dispense: {material: water, into: other, volume: {value: "${first / 2}", min: 0 mL, max: 3 mL}}
          - note: "${first} went in"
        """
    )
    assert done.world.doses[1] == ("bottle", "other", 2.0)
    assert done.of("noted")[0].body.text == "4 mL went in"


def test_a_result_outside_its_bounds_sends_nothing(play: Play, world: Any) -> None:
    done = play(
        """
        steps:
          - dispense: {material: water, into: vial, volume: 4 mL}
            save: first
          - dispense: {material: water, into: other, volume: {value: "${first * 2}", min: 0 mL, max: 3 mL}}
        """
    )
    assert done.state.outcome == "failed"
    assert len(done.world.doses) == 1
    assert "outside 0 mL to 3 mL" in done.state.reason


def test_to_total_is_worked_out_when_the_step_starts(play: Play, world: Any) -> None:
    done = play(
        "steps:\n - dispense: {material: water, into: vial, volume: 15 mL}\n - dispense: {material: water, into: vial, to_total: 40 mL}"
    )
    assert done.world.doses[1][2] == pytest.approx(25.0)


def test_a_step_is_named_with_the_values_it_has_when_it_starts(play: Play) -> None:
    done = play(
        "steps:\n - dispense: {material: water, into: vial, volume: 1 mL}\n   save: much\n - note: it is ${much}"
    )
    said = done.of("noted")[0].body.text
    assert said.startswith("it is ")
    assert "${" not in said
    assert [e.body.label for e in done.of("step_started") if e.step == "2"] == [f"note: {said}"]
