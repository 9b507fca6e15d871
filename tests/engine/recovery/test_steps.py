"""What was under way beside acts: questions, waits, loops, branches, conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Crash = Callable[..., Any]
At = Callable[..., Any]

# ------------------------------------------------------------------------------------------ questions
ASKS = """
steps:
  - prompt: {text: How much, options: [little, much]}
    save: said
  - note: it was ${said}
"""


def test_a_question_that_was_open_is_taken_back_and_asked_again(run: Any, event_at: At, person: Any) -> None:
    ann = person(how_much="much")
    done = run(ASKS, event_at("asked"), prompts=ann).recover()
    assert done.of("withdrawn")[0].why == "labcore was interrupted"
    assert [one.question for one in done.of("asked")] == ["q1", "q2"]
    assert [one.text for one in done.of("noted")] == ["it was much"]


def test_an_answer_that_was_given_is_not_asked_for_again(run: Any, event_at: At, person: Any) -> None:
    ann = person(how_much=["much", "little"])
    done = run(ASKS, event_at("answered"), prompts=ann).recover()
    assert len(done.of("asked")) == 1
    assert [one.text for one in done.of("noted")] == ["it was much"]
    assert done.state.outcome == "done"


def test_a_default_that_counted_counts_again(run: Any, event_at: At, person: Any) -> None:
    steps = """
    steps:
      - prompt: {text: How much, options: [little, much], limit: 2 s, default: little}
        save: said
      - note: it was ${said}
    """
    done = run(steps, event_at("saved"), prompts=person(how_much="much")).recover()
    assert len(done.of("asked")) == 1
    assert [one.text for one in done.of("noted")] == ["it was little"]
    assert len(done.of("saved")) == 1


# ------------------------------------------------------------------------------------------ time
WAITS = """
steps:
  - parallel:
      - - wait: 100 s
      - - wait: 30 s
        - note: meanwhile
"""


@pytest.mark.parametrize(("away", "end"), [(0.0, 100.0), (50.0, 100.0), (500.0, 530.0)])
def test_a_wait_follows_the_time_that_has_passed(run: Any, event_at: At, away: float, end: float) -> None:
    crashed = run(WAITS, event_at("noted"))
    done = crashed.recover(away=away)
    assert done.state.at == pytest.approx(end, abs=1.0)
    assert done.of("recovery_begun")[0].away == away
    assert done.of("recovery_begun")[0].interrupted == ("1.1.1", "1.2.2")


def test_a_schedule_goes_on_and_says_what_it_missed(run: Any, event_at: At, world: Any) -> None:
    steps = """
    steps:
      - dispense: {material: water, into: vial, volume: 1 mL}
        every: 60 s
        times: 4
    """
    done = run(steps, event_at("step_ended", "1#2")).recover(away=130.0)
    assert [one.round for one in done.of("round_started")] == [1, 2, 3, 4]
    assert [one.count for one in done.of("rounds_missed")] == [1]
    assert [round(one.late) for one in done.of("round_started")] == [0, 0, 20, 0]
    assert len(world.doses) == 4
    assert done.state.outcome == "done"


def test_a_condition_that_waits_for_its_observer_waits_on(run: Any, event_at: At, world: Any) -> None:
    world.look_time, world.value = 20.0, lambda _: 3.0
    steps = """
    steps:
      - image: {vessel: vial}
      - when: turbidity(vial) > 2
        then: [{note: cloudy}]
    """
    done = run(steps, event_at("step_started", "2")).recover()
    assert [one.text for one in done.of("noted")] == ["cloudy"]


# ------------------------------------------------------------------------------------------ blocks
NESTED = """
steps:
  - repeat:
      - dispense: {material: water, into: vial, volume: 1 mL}
      - repeat:
          - dispense: {material: water, into: other, volume: 1 mL}
        times: 2
        finally:
          - note: inner
    times: 2
    finally:
      - note: outer
"""


@pytest.mark.parametrize("kind", ["step_started", "intended", "settled", "step_ended", "round_started"])
@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("nth", [1, 2, 4])
def test_nested_loops_go_on_where_they_were(
    run: Any, event_at: At, world: Any, kind: str, after: bool, nth: int
) -> None:
    crashed = run(NESTED, event_at(kind, nth=nth), after=after)
    really = "done" if kind == "settled" else "not started"
    done = crashed.recover(said=dict.fromkeys(crashed.open_acts, really))
    assert done.state.outcome == "done"
    assert [one[1] for one in world.doses] == ["vial", "other", "other"] * 2
    assert [one.text for one in done.of("noted")] == ["inner", "inner", "outer"]


def test_both_branches_go_on(run: Any, event_at: At, world: Any) -> None:
    steps = """
    steps:
      - parallel:
          - - dispense: {material: water, into: vial, volume: 1 mL}
            - note: one
          - - wait: 3 s
            - note: two
            - dispense: {material: water, into: other, volume: 2 mL}
    """
    crashed = run(steps, event_at("noted", "1.2.2"))
    assert crashed.open_acts == ["act-1"]
    done = crashed.recover(said={"act-1": "done"})
    assert world.doses == [("bottle", "other", 2.0)]
    assert sorted(one.text for one in done.of("noted")) == ["one", "two"]
    assert done.state.outcome == "done"


@pytest.mark.parametrize("kind", ["noted", "step_started"])
def test_a_remark_is_made_once(run: Any, event_at: At, kind: str) -> None:
    done = run("steps: [{note: only once}]", event_at(kind, "1")).recover()
    assert [one.text for one in done.of("noted")] == ["only once"]
