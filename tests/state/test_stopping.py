"""What is due when a run pauses, stops or is aborted, from plan and state alone: exactly these decisions, in this order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labcore.model.plan import Choice, Condition, Machine, Modifiers, Parallel, Repeat, Sequence, Step, Where
from labcore.state import decision as do
from labcore.state.decide import decide
from labcore.state.decide_outputs import View, expired_outputs, held, release
from labcore.state.decide_stop import halts, interruptions, quiet
from labcore.state.left_task import AFTER_STOP
from labcore.state.run_state import NOBODY, Live, Output, RunState, Trouble

HERE = Where("p.yaml", 1, 1)
SPEED, HEAT, FLOW = ("plate", "speed"), ("plate", "temperature"), ("pump", "flow")


def step(
    number: Any, verb: str = "stir", *, free: bool = False, again: bool = False, **modifiers: Any
) -> Step:
    return Step(str(number), HERE, "s", Modifiers(**modifiers), verb, {}, free, again)


class Plan:
    """The part of a plan that is looked at."""

    def __init__(self, *steps: Any, finally_: Any = (), leave_on: Any = (), machines: Any = ()) -> None:
        self.root = Sequence("", HERE, "p", Modifiers(), steps, tuple(finally_))
        self.leave_on = leave_on
        self.machines = {one.name: one for one in machines}


def machine(name: str, *outputs: str, **more: Any) -> Machine:
    return Machine(name, "driver", (), outputs, **more)


def under_way(*keys: str, **fields: Any) -> RunState:
    live = {key: Live(key, "stir", 0.0, 0) for key in keys}
    return state_of(live, **fields)


def state_of(live: Any, **fields: Any) -> RunState:
    root = Live("", "protocol", 0.0, 0)
    return RunState(**{"status": "running", "live": {"": root, **live}, **fields})


def on(of: str = "1", at: float = 0.0, *, settled: bool = False) -> Output:
    return Output(300.0, "rpm", of, at, settled)


def view(plan: Plan, state: RunState, now: float = 0.0) -> View:
    return View(plan, state, now)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------ what a pause waits for
def test_a_pause_waits_for_steps_that_must_not_be_interrupted() -> None:
    plan: Any = Plan(step(1), step(2, free=True), Parallel("3", HERE, "b", Modifiers(), (step(4),)))
    assert quiet(plan, under_way())
    assert quiet(plan, under_way("2", "3")), "neither a wait nor a block is waited for"
    assert not quiet(plan, under_way("2", "3", "3.1"))
    assert not quiet(plan, under_way("1"))
    dead = Live("1", "stir", 0.0, 0, interrupted=True)
    assert quiet(plan, state_of({"1": dead})), "nobody performs it"
    assert quiet(plan, under_way("1", suspended={SPEED: on("1")})), "it waits for what was switched off"
    assert not quiet(plan, under_way("1", suspended={SPEED: on("2")}))


def test_what_may_be_begun_again_is_cut_in_the_order_of_the_text_and_never_in_a_clean_up() -> None:
    steps = [step(number, again=True) for number in range(1, 12)]
    plan: Any = Plan(*steps, step(12), step(13, again=True, free=True), finally_=[step(14, again=True)])
    going = under_way("11", "9", "12", "13", "finally.1")
    live = {**going.live, "2": Live("2", "stir", 0.0, 0, background=True)}
    state = RunState(status="pausing", live=live)
    assert interruptions(plan, state) == [do.Cut("9", steps[8]), do.Cut("11", steps[10])]


def test_whose_stop_is_not_settled_heat_first() -> None:
    machines = [
        machine("arm", "motion"), machine("plate", "speed", "temperature"), machine("ann", person=True),
        machine("camera", acts=False), machine("pump", "flow"), machine("away", "flow"),
    ]  # fmt: skip
    plan: Any = Plan(machines=machines)
    there = frozenset({"arm", "plate", "ann", "camera", "pump"})
    assert halts(plan, under_way(connected=there)) == [do.Halt(("plate", "arm", "pump"))]
    assert halts(plan, under_way(connected=there, halted=frozenset({"plate"}))) == [do.Halt(("arm", "pump"))]
    still_on = {FLOW: on(), SPEED: on(settled=True)}
    assert halts(plan, under_way(connected=there, outputs=still_on)) == [do.Halt(("plate", "arm"))]
    assert halts(plan, under_way(connected=frozenset({"ann", "camera"}))) == []


# ------------------------------------------------------------------------------------------ outputs that are on
def test_outputs_are_made_safe_when_their_time_is_over() -> None:
    plan = Plan(step(1, lasts=60.0), step(2), step(3, lasts=30.0), step(4, lasts=5.0))
    outputs = {SPEED: on("1", 10.0), HEAT: on("2"), FLOW: on("3", 20.0), ("x", "y"): on("4", settled=True)}
    state = under_way(outputs={**outputs, ("gone", "speed"): on("x.1")})
    assert expired_outputs(view(plan, state, 49.9)) == [do.WakeAt(70.0), do.WakeAt(50.0)]
    assert expired_outputs(view(plan, state, 50.0)) == [do.WakeAt(70.0), do.Release("3", (FLOW,))]
    assert expired_outputs(view(plan, state, 70.0)) == [do.Release("1", (SPEED,)), do.Release("3", (FLOW,))]


def test_what_was_tried_is_not_made_safe_again() -> None:
    state = under_way(outputs={SPEED: on(), HEAT: on(settled=True)})
    assert release(view(Plan(), state), "k", [SPEED, HEAT]) == [do.Release("k", (SPEED,))]
    assert release(view(Plan(), state), "k", [HEAT]) == []


def test_only_what_its_step_holds_stays_on_through_a_clean_up() -> None:
    plan = Plan(step(1, hold=True), step(2))
    outputs = {SPEED: on("1"), HEAT: on("2"), FLOW: on("x.1")}
    found = [held(view(plan, under_way(outputs=outputs)), name) for name in outputs]
    assert found == [True, False, False]


# ------------------------------------------------------------------------------------------ decide
@pytest.mark.parametrize("status", ["new", "recovering", "ended"])
def test_nothing_is_due_before_after_and_while_somebody_takes_the_run_over(status: Any) -> None:
    plan: Any = Plan(step(1))
    state = RunState(status=status, suspended={SPEED: on()}, outputs={SPEED: on()})
    assert decide(plan, state, 5.0) == ()


def test_what_recovery_made_safe_comes_back_before_anything_begins_but_not_in_a_stop() -> None:
    plan: Any = Plan(step(1))
    state = under_way(suspended={HEAT: on(), SPEED: on()})
    assert decide(plan, state, 5.0) == (do.Restore((HEAT, SPEED)),)
    stopping = under_way(status="stopping", reason="enough", suspended={HEAT: on()})
    assert decide(plan, stopping, 5.0) == (do.End("stopped", "enough"),)


def test_a_stop_makes_safe_what_is_not_held_settles_the_rest_and_cuts() -> None:
    first = step(1, hold=True)
    plan: Any = Plan(first, step(2), machines=[machine("arm"), machine("plate", "speed")])
    state = under_way(
        "2", status="stopping", outputs={SPEED: on("1"), FLOW: on("2")}, connected=frozenset({"arm", "plate"})
    )
    assert decide(plan, state, 5.0) == (
        do.Release("", (FLOW,)), do.Halt(("arm",)), do.Cut("2", plan.root.steps[1]),
    )  # fmt: skip


def test_a_pause_comes_when_all_is_quiet_and_cuts_only_when_told_now() -> None:
    first = step(1, again=True)
    plan: Any = Plan(first, step(2))
    assert decide(plan, under_way(status="pausing"), 5.0) == (do.PauseNow(),)
    assert decide(plan, under_way("1", status="pausing"), 5.0) == ()
    assert decide(plan, under_way("1", status="pausing", pause_now=True), 5.0) == (do.Cut("1", first),)
    assert decide(plan, under_way("1", status="running", pause_now=True), 5.0) == ()
    assert decide(plan, under_way(status="paused"), 5.0) == (), "nothing begins"


def test_an_abort_cuts_makes_safe_settles_takes_questions_back_and_only_then_ends() -> None:
    one, two = step(1), step(2)
    plan: Any = Plan(one, two, step(3), machines=[machine("arm"), machine("plate", "speed")])
    dead = Live("3", "stir", 0.0, 0, interrupted=True)
    asked = (Trouble("9", "e", handled="ask"), Trouble("8", "e", handled="pause"))
    live = {"2": Live("2", "s", 0, 0), "1": Live("1", "s", 0, 0), "3": dead}
    live[""] = Live("", "protocol", 0.0, 0, troubles=asked)
    state = state_of(
        live, status="aborting", reason="smoke", outputs={SPEED: on()}, connected=frozenset({"arm", "plate"})
    )
    assert decide(plan, state, 5.0) == (
        do.Cut("1", one), do.Cut("2", two), do.Release("", (SPEED,)), do.Halt(("arm",)),
        do.Handle("9", "stop", "the run was aborted"),
    )  # fmt: skip
    over = state_of({"3": dead}, status="aborting", reason="smoke", connected=frozenset())
    assert decide(plan, over, 5.0) == (do.End("aborted", "smoke"),)


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"status": "running"}, do.End("done", "")),
        ({"status": "stopping", "reason": "enough", "stopped_by": "Ann"}, do.End("stopped", "enough")),
        (
            {"status": "stopping", "reason": "a decision", "stopped_by": NOBODY},
            do.End("failed", "a decision"),
        ),
    ],
)
def test_the_end_says_how_and_why(fields: Any, end: do.End) -> None:
    root = Live("", "protocol", 0.0, 0, next=2)
    plan: Any = Plan(step(1))
    assert decide(plan, RunState(**{"live": {"": root}, **fields}), 5.0) == (end,)
    failed = Live("", "protocol", 0.0, 0, next=2, failed=Trouble("1", "no cable", "E901"))
    assert decide(plan, RunState(**{"live": {"": failed}, **fields}), 5.0) == (do.End("failed", "no cable"),)


def test_at_the_end_everything_goes_off_but_what_the_protocol_leaves_on() -> None:
    root = Live("", "protocol", 0.0, 0, next=2)
    plan: Any = Plan(step(1), leave_on=("plate",))
    state = RunState(status="running", live={"": root}, outputs={SPEED: on(), FLOW: on()})
    assert decide(plan, state, 5.0) == (do.Release("", (FLOW,)),)
    stopped = RunState(status="stopping", live={"": root}, outputs={SPEED: on(settled=True), FLOW: on()})
    assert decide(plan, stopped, 5.0) == (do.Release("", (FLOW,)), do.Release("", (FLOW,)))
    failed = Live("", "protocol", 0.0, 0, next=2, failed=Trouble("1", "e"))
    state = RunState(status="running", live={"": failed}, outputs={SPEED: on(), FLOW: on()})
    assert decide(plan, state, 5.0) == (do.Release("", (SPEED, FLOW)),)


# ------------------------------------------------------------------------------------------ clean-up, interruptions
def test_after_a_stop_nobody_is_waited_for_in_the_clean_up() -> None:
    ask = step("f", "prompt")
    plan: Any = Plan(step(1), finally_=[ask])
    assert decide(plan, under_way(status="stopping"), 5.0) == (do.PassOver("finally.1", ask, AFTER_STOP),)
    assert decide(plan, under_way("finally.1", status="stopping"), 5.0) == (do.Cut("finally.1", ask),)
    root = Live("", "protocol", 0.0, 0, next=2)
    assert decide(plan, RunState(status="running", live={"": root}), 5.0) == (do.Begin("finally.1", ask),)


def dead(key: str) -> dict[str, Live]:
    return {key: Live(key, "stir", 0.0, 0, interrupted=True)}


def test_a_step_whose_process_died_goes_on_unless_it_is_to_end_anyway() -> None:
    first, last = step(1), step("f")
    plan: Any = Plan(first, finally_=[last])
    assert decide(plan, state_of(dead("1")), 5.0) == (do.Resume("1", first),)
    assert decide(plan, state_of(dead("1"), status="paused"), 5.0) == ()
    assert decide(plan, state_of(dead("1"), status="stopping"), 5.0) == (do.Finish("1", "cut"),)
    root = Live("", "protocol", 0.0, 0, next=2)
    why = "labcore died during this clean-up step; it is not begun a second time"
    cleaning = RunState(status="running", live={"": root, **dead("finally.1")})
    assert decide(plan, cleaning, 5.0) == (do.Finish("finally.1", "cut", why),)


def test_steps_taken_instead_of_another_begin_only_while_their_block_goes_on() -> None:
    other = step("o", "note")
    failed = Step("1", HERE, "s", Modifiers(), "stir", {}, instead={"fallback": other})
    plan: Any = Plan(failed, step(2))
    root = Live("", "protocol", 0.0, 0, substitute="1", instead="fallback")
    going = RunState(status="running", live={"": root})
    assert decide(plan, going, 5.0) == (do.Begin("1:fallback", other),)
    stopping = RunState(status="stopping", live={"": root}, reason="enough")
    assert decide(plan, stopping, 5.0) == (do.End("stopped", "enough"),), "it had not begun"
    begun = {"": root, "1:fallback": Live("1:fallback", "note", 0.0, 0)}
    assert decide(plan, RunState(status="stopping", live=begun), 5.0) == (do.Cut("1:fallback", other),)
    unknown = RunState(status="running", live={"": Live("", "protocol", 0, 0, substitute="1", instead="x")})
    assert decide(plan, unknown, 5.0) == (), "a plan without such steps has none to take"


def test_steps_taken_instead_of_a_clean_up_step_are_taken_in_a_stop_too() -> None:
    other = step("o", "note")
    failed = Step("f", HERE, "s", Modifiers(), "stir", {}, instead={"fallback": other})
    plan: Any = Plan(step(1), finally_=[failed, step("g")])
    root = Live("", "protocol", 0.0, 0, next=2, substitute="finally.1", instead="fallback")
    for status in ("running", "stopping"):
        state: Any = RunState(status=status, live={"": root})  # type: ignore[arg-type]
        assert decide(plan, state, 5.0) == (do.Begin("finally.1:fallback", other),), status
    gone: Any = Plan(step(1), finally_=[step("f"), step("g")])
    assert decide(gone, state, 5.0) == ()


# ------------------------------------------------------------------------------------------ loops and choices that end
CONDITION: Any = Condition(SimpleNamespace(text="ph > 7"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("block", "verb"),
    [
        (Repeat("1", HERE, "b", Modifiers(), step(2), 3), "repeat"),
        (Choice("1", HERE, "b", Modifiers(), CONDITION, step(2)), "choice"),
    ],
)
def test_a_loop_or_a_choice_that_is_stopped_ends_as_it_is(block: Any, verb: str) -> None:
    plan: Any = Plan(block)

    def stopped(**fields: Any) -> tuple[do.Decision, ...]:
        return decide(plan, state_of({"1": Live("1", verb, 0.0, 0, **fields)}, status="stopping"), 5.0)

    assert stopped() == (do.Finish("1", "cut"),)
    failed = Trouble("1.then", "no cable", "E901")
    assert stopped(failed=failed) == (do.Finish("1", "failed", "no cable", "E901"),)
    asked = Trouble("1", "nobody saw it", "E805", "ask")
    why = "the run was stopped"
    assert stopped(troubles=(asked,)) == (do.Handle("1", "stop", why, failure="undecided"),)


def test_a_loop_in_the_background_is_done_when_its_block_is_over() -> None:
    loop = Repeat("1", HERE, "b", Modifiers(background=True), step(2), 3)
    plan: Any = Plan(loop)
    live = {"": Live("", "protocol", 0, 0, next=2), "1": Live("1", "repeat", 0, 0, background=True)}
    found = decide(plan, RunState(status="running", live=live), 5.0)
    assert found == (do.Finish("1", "done"),)


def test_a_requirement_that_does_not_hold_fails_with_its_own_words() -> None:
    require = Choice("1", HERE, "b", Modifiers(), CONDITION, step(2), None, "require")
    plan: Any = Plan(require)
    live = {"1": Live("1", "choice", 0.0, 0, tested=False)}
    text = "required: ph > 7, but it does not hold"
    assert decide(plan, state_of(live), 5.0) == (do.Finish("1", "failed", text, "E806"),)
    when: Any = Plan(Choice("1", HERE, "b", Modifiers(), CONDITION, step(2)))
    assert decide(when, state_of(live), 5.0) == (do.Finish("1", "done"),)
