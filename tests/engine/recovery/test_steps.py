"""What was under way beside acts: questions, waits, loops, branches, outputs, conditions, clean-up, pauses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Crash = Callable[..., Any]
At = Callable[..., Any]
HEAD = """
vessels: {vial: {labware: vial-50ml}, other: {labware: vial-50ml}}
materials: {water: {}}
devices: {robot: [dosing, placing, stirring, imaging, measuring]}
"""


@pytest.fixture
def run(crash: Crash) -> Callable[..., Any]:
    def go(steps: str, when: Any, **how: Any) -> Any:
        return crash(steps, when, head=HEAD, **how)

    return go


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


# ------------------------------------------------------------------------------------------ outputs
STIRS = """
steps:
  - stir: {vessel: vial, speed: 300 rpm}
    for: 60 s
  - wait: 20 s
  - note: later
  - wait: 100 s
"""


def test_an_output_is_made_safe_and_comes_back_for_the_rest_of_its_time(
    run: Any, event_at: At, world: Any
) -> None:
    done = run(STIRS, event_at("noted")).recover(away=10.0)
    assert world.sent == ["STIR 300", "STIR OFF", "STIR 300", "STIR OFF"]
    assert done.of("recovery_decided")[0].restores == (("robot", "speed"),)
    off = [event.at for event in done.events if event.kind == "stop_settled"][-1]
    assert off == pytest.approx(61.5, abs=2.0)


def test_one_whose_time_is_over_stays_off(run: Any, event_at: At, world: Any) -> None:
    done = run(STIRS, event_at("noted")).recover(away=300.0)
    assert world.sent == ["STIR 300", "STIR OFF"]
    assert done.of("recovery_decided")[0].restores == ()


@pytest.mark.parametrize("decision", ["finish", "close"])
def test_without_resume_nothing_comes_back(run: Any, event_at: At, world: Any, decision: str) -> None:
    run(STIRS, event_at("noted")).recover(decision)
    assert world.sent == ["STIR 300", "STIR OFF"]


def test_an_output_whose_end_nobody_knows_is_switched_off_and_set_again(
    run: Any, event_at: At, world: Any
) -> None:
    done = run(STIRS, event_at("intended")).recover()
    assert world.sent[:2] == ["STIR OFF", "STIR 300"]
    assert [one.by for one in done.of("settled")][0] == "recovery"
    assert done.state.outcome == "done"
    assert not done.state.outputs


@pytest.mark.parametrize("after", [True, False])
def test_one_that_was_being_switched_off_does_not_come_back(
    run: Any, event_at: At, world: Any, after: bool
) -> None:
    steps = """
    steps:
      - stir: {vessel: vial, speed: 300 rpm}
      - stop: {device: robot}
      - wait: 100 s
    """
    done = run(steps, event_at("intended", "2"), after=after).recover()
    assert done.of("recovery_decided")[0].restores == (() if after else (("robot", "speed"),))
    assert world.sent[-1] == "STIR OFF"
    assert world.sent.count("STIR 300") == (1 if after else 2)
    assert done.state.outcome == "done"


def test_one_that_cannot_be_switched_on_again_pauses_the_run(run: Any, event_at: At, world: Any) -> None:
    from labcore.capabilities import Act
    from labcore.errors import DeviceRefused

    tries: list[float] = []

    def stir(self: Any, speed: Any) -> Any:
        async def send() -> Any:
            tries.append(speed.value)
            if len(tries) > 1:
                raise DeviceRefused("error 9")
            return await self._simple("STIR", 0.5).send()

        return Act(("STIR",), send, 30.0)

    crashed = run(STIRS, event_at("noted"), driver={"stir": stir})

    async def stop(one: Any) -> None:
        while one.writer.state.status != "paused":
            await one.writer.changed.wait()
        one.control.post("stop", "Ann")

    done = crashed.recover(during=stop)
    assert len(tries) == 2
    assert done.of("warned")[0].code == "W912"
    assert "could not be switched on again" in done.of("paused")[0].reason
    assert done.state.outcome == "stopped"


# ------------------------------------------------------------------------------------------ clean-up, pauses
CLEANS = """
steps:
  - note: body
finally:
  - note: first
  - dispense: {material: water, into: vial, volume: 1 mL}
  - note: last
"""


@pytest.mark.parametrize("kind", ["step_started", "intended", "settled"])
def test_no_clean_up_step_is_begun_twice(run: Any, event_at: At, world: Any, kind: str) -> None:
    crashed = run(CLEANS, event_at(kind, "finally.2"))
    done = crashed.recover(said=dict.fromkeys(crashed.open_acts, "unknown"))
    assert [one for one in done.kinds("finally.2") if one == "step_started"] == ["step_started"]
    assert done.ends()["finally.2"].outcome == "cut"
    assert "not begun a second time" in done.ends()["finally.2"].error
    assert [one.text for one in done.of("noted")] == ["body", "first", "last"]
    assert len(world.doses) == (1 if kind == "settled" else 0)


def test_a_paused_run_is_paused_when_it_is_taken_over(run: Any, event_at: At, person: Any) -> None:
    async def pause(one: Any) -> None:
        one.control.post("pause", "Ann")

    people = person(nothing="")
    crashed = run(WAITS, event_at("paused"), during=pause, prompts=people)

    async def go_on(one: Any) -> None:
        import anyio

        while one.writer.state.status != "paused":
            await one.writer.changed.wait()
        await anyio.sleep(50.0)
        one.control.post("resume", "Ben")

    done = crashed.recover(during=go_on, prompts=people)
    assert done.of("recovery_decided")[0].decision == "resume"
    assert [one.by for one in done.of("control_asked")] == ["Ann", "Ben"]
    assert done.state.outcome == "done"


@pytest.mark.parametrize("what", ["stop", "abort"])
def test_a_run_that_was_being_stopped_is_not_resumed(run: Any, event_at: At, world: Any, what: str) -> None:
    async def end(one: Any) -> None:
        one.control.post(what, "Ann")

    crashed = run(STIRS + "finally: [{note: tidy}]", event_at("control_asked"), during=end)
    done = crashed.recover("resume")
    assert done.state.outcome == {"stop": "stopped", "abort": "aborted"}[what]
    assert [one.text for one in done.of("noted")] == (["tidy"] if what == "stop" else [])


def test_a_failure_that_was_put_to_a_person_is_put_to_them_again(
    run: Any, event_at: At, world: Any, refuses: Any, person: Any
) -> None:
    steps = """
    steps:
      - dispense: {material: water, into: vial, volume: 1 mL}
        on_error: ask
      - note: after
    """
    world.failures[1] = refuses
    ann = person(what_shall_be_done="skip")
    done = run(steps, event_at("asked"), prompts=ann).recover()
    assert len(done.of("asked")) == 2
    assert done.state.outcome == "done"
    assert [one.text for one in done.of("noted")] == ["after"]


# ------------------------------------------------------------------------------------------ recovery, killed
EVERY = (
    "recovery_begun",
    "withdrawn",
    "device_connected",
    "settled",
    "stop_settled",
    "recovery_decided",
    "step_resumed",
)


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("after", [True, False])
def test_a_recovery_that_dies_is_recovered(
    run: Any, event_at: At, world: Any, person: Any, kind: str, after: bool
) -> None:
    steps = """
    steps:
      - parallel:
          - - stir: {vessel: other, speed: 300 rpm}
            - wait: 200 s
          - - dispense: {material: water, into: vial, volume: 1 mL}
          - - prompt: {text: Is it clear, options: [clear, cloudy]}
    """
    ann = person(is_it_clear="clear")
    crashed = run(steps, event_at("asked"), prompts=ann)
    assert len(crashed.open_acts) in (1, 2)
    first = dict.fromkeys(crashed.open_acts, "not started")
    crashed.recover(
        said={act: end for act, end in first.items() if _moves(crashed, act)},
        dies=event_at(kind),
        after=after,
    )
    assert crashed.interrupted.state.status != "ended"
    left = {act: "not started" for act in crashed.open_acts if _moves(crashed, act)}
    done = crashed.recover(said=left)
    assert done.state.outcome == "done"
    assert done.state.recoveries == (1 if kind == "recovery_begun" and not after else 2)
    assert len(world.doses) == 1
    assert done.of("answered")[-1].value == "clear"
    assert world.sent[-1] == "STIR OFF"
    assert not done.state.outputs


def _moves(crashed: Any, act: str) -> bool:
    return bool(crashed.interrupted.state.intents[act].method == "dispense")
