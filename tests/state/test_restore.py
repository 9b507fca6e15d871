"""Which outputs an interrupted run still wants on when it goes on."""

from __future__ import annotations

from typing import Any

from labcore.model import event as ev
from labcore.model.effect import SetOutput
from labcore.model.event import Body, Event
from labcore.model.plan import Modifiers, Parallel, Repeat, Sequence, Step, Where
from labcore.state.reduce import fold
from labcore.state.restore import to_restore
from labcore.state.run_state import Output, RunState, evolve

START = ev.RunStarted("p", "d", "bench", True, 0, {})
STIR = ev.Intended("act-3", "stir", {}, (), (SetOutput("robot", "speed", 300.0, "rpm"),), 9.0)
NAME, HEAT = ("robot", "speed"), ("plate", "temperature")


def after(*bodies: Any) -> RunState:
    found = []
    for n, one in enumerate(bodies):
        body, step = one if isinstance(one, tuple) else (one, None)
        found.append(Event(n, float(n), "", "labcore", body, step, "robot"))
    return fold(found)


HERE = Where("p.yaml", 1, 1)


def step(number: int, **modifiers: Any) -> Step:
    return Step(str(number), HERE, "s", Modifiers(**modifiers), "stir", {})


def block(kind: Any, *inside: Any) -> Any:
    return kind("b", HERE, "b", Modifiers(), *inside)


class Plan:
    """The part of a plan that is looked at."""

    def __init__(self, root: Sequence) -> None:
        self.root = root


def wanted(root: Sequence, *bodies: Any, of: str = "1", now: float = 99.0, before: Any = "running") -> bool:
    state = after(START, *bodies)
    output = Output(300.0, "rpm", of, 0.0, act=STIR)
    state = RunState(**{**state.__dict__, "before": before, "suspended": {NAME: output}})
    return bool(to_restore(Plan(root), state, now))  # type: ignore[arg-type]


def started(verb: str, key: str) -> tuple[Body, str]:
    return ev.StepStarted(verb, verb), key


def ended(key: str) -> tuple[Body, str]:
    return ev.StepEnded("done"), key


TWO = block(Sequence, (step(1), step(2)))


def test_a_sequence_wants_its_outputs_until_nothing_is_left() -> None:
    first, second = (started("stir", "1"), ended("1")), (started("wait", "2"), ended("2"))
    assert wanted(TWO, *first)
    assert wanted(TWO, *first, second[0]), "the last step is under way"
    assert not wanted(TWO, *first, *second)


def test_parallel_branches_want_theirs_until_all_have_ended() -> None:
    root = block(Sequence, (block(Parallel, (step(1), step(2))),))
    both = started("parallel", "1"), started("stir", "1.1"), ended("1.1"), started("wait", "1.2")
    assert wanted(root, *both, of="1.1")
    assert not wanted(root, *both, ended("1.2"), of="1.1")


def test_a_loop_wants_its_own_and_a_block_that_is_over_does_not() -> None:
    root = block(Sequence, (block(Repeat, step(1), 3),))
    assert wanted(root, started("repeat", "1"), of="1#1")
    assert not wanted(root, of="1#1")


def test_time_and_stops_end_what_is_wanted() -> None:
    root = block(Sequence, (step(1, lasts=60.0), step(2)))
    first = started("stir", "1"), ended("1")
    assert wanted(root, *first, now=59.0)
    assert not wanted(root, *first, now=60.0)
    for before in ("stopping", "aborting"):
        assert not wanted(TWO, *first, before=before)
    assert wanted(TWO, *first, before="paused")


def test_they_come_back_in_the_order_in_which_they_were_made_safe() -> None:
    on, by_hand = Output(300.0, "rpm", "1", 0.0, act=STIR), Output(300.0, "rpm", "1", 0.0)
    state = after(START, started("stir", "1"), ended("1"))
    state = evolve(state, before="running", suspended={NAME: on, HEAT: on, ("x", "y"): by_hand})
    plan: Any = Plan(TWO)
    assert to_restore(plan, state, 5.0) == (NAME, HEAT), "what no act of a step switched on stays off"
    assert to_restore(plan, evolve(state, before="recovering"), 5.0) == ()
    assert to_restore(plan, evolve(state, before="pausing"), 5.0) == (NAME, HEAT)


def test_a_failed_block_wants_its_outputs_while_it_goes_on_beside_the_failure() -> None:
    first = (started("stir", "1"), (ev.StepEnded("failed", error="oh"), "1"))
    assert wanted(TWO, *first), "nobody has dealt with it yet"
    assert not wanted(TWO, *first, (ev.ErrorHandled("stop"), "1"))
    last = (started("stir", "1"), ended("1"), started("stir", "2"), (ev.StepEnded("failed"), "2"))
    assert wanted(TWO, *last)
    assert wanted(TWO, *last, (ev.ErrorHandled("fallback"), "2")), "other steps are being taken"
    samples = Sequence("b", HERE, "b", Modifiers(), (step(1), step(2)), samples=True)
    assert wanted(samples, *first, (ev.ErrorHandled("stop"), "1"))
