"""A failure waits for a decision, and the decision says how its block goes on: from events to state, and back to decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labcore.errors import IllegalEvent
from labcore.model import event as ev
from labcore.model.event import Event
from labcore.model.plan import Condition, Modifiers, OnError, Repeat, Sequence, Step, Where
from labcore.state import decision as do
from labcore.state.decide_trouble import NOT_AGAIN, handle_troubles, waits_for_an_answer
from labcore.state.reduce import INTERRUPTED, fold
from labcore.state.run_state import Live, RunState, Trouble

START = ev.RunStarted("p", "d", "lab", True, 1, {})
HERE = Where("p.yaml", 1, 1)


def after(*bodies: Any) -> RunState:
    found = []
    for n, one in enumerate((START, *bodies)):
        body, step = one if isinstance(one, tuple) else (one, None)
        found.append(Event(n, float(n), "", "labcore", body, step))
    return fold(found)


def started(key: str, verb: str = "wait", **more: Any) -> tuple[ev.Body, str]:
    return ev.StepStarted(verb, verb, **more), key


def failed(key: str, error: str = "oh", code: str = "") -> tuple[ev.Body, str]:
    return ev.StepEnded("failed", error=error, code=code), key


def handled(key: str, policy: Any, **more: Any) -> tuple[ev.Body, str]:
    return ev.ErrorHandled(policy, **more), key


# ------------------------------------------------------------------------------------------ reduce
TWO = started("1", "parallel"), started("1.1"), started("1.2"), failed("1.1", "a"), failed("1.2", "b", "E908")


def test_of_two_failures_only_the_one_that_was_decided_is_dealt_with() -> None:
    state = after(*TWO, handled("1.2", "skip"))
    assert state.live["1"].troubles == (Trouble("1.1", "a"),)
    assert state.live["1"].ended == {"2"}
    asked = after(*TWO, handled("1.2", "ask")).live["1"].troubles
    assert asked == (Trouble("1.1", "a"), Trouble("1.2", "b", "E908", "ask"))


def test_a_decision_needs_a_step_and_a_failure() -> None:
    with pytest.raises(IllegalEvent, match="^error_handled without a step$"):
        after(*TWO, ev.ErrorHandled("skip"))
    with pytest.raises(IllegalEvent, match="^nothing failed at '1'$"):
        after(*TWO, handled("1", "skip"))
    with pytest.raises(IllegalEvent, match="^nothing failed at '7.1'$"):
        after(*TWO, handled("7.1", "skip"))


def test_a_pause_says_why_and_leaves_a_stop_alone() -> None:
    state = after(*TWO, handled("1.2", "pause"))
    assert (state.status, state.reason) == ("pausing", "b")
    assert state.live["1"].troubles[-1].handled == "pause"
    stopping = after(*TWO, ev.ControlAsked("stop", "Ann"), handled("1.2", "pause"))
    assert (stopping.status, stopping.reason) == ("stopping", "b")


UNDECIDED = ev.ConditionTested("ph > 7", None, "when", reason="nobody saw it")


def test_a_condition_that_nobody_decided_fails_its_own_block() -> None:
    story = (started("1", "choice"), (UNDECIDED, "1"))
    trouble = Trouble("1", "nobody saw it", "E805")
    assert after(*story).live["1"].troubles == (trouble,)
    stopped = after(*story, handled("1", "stop")).live["1"]
    assert (stopped.failed, stopped.troubles, stopped.ended) == (trouble, (), frozenset())
    assert after(*story, handled("1", "skip")).live["1"].tested is False
    again = after(*story, handled("1", "retry")).live["1"]
    assert (again.attempts, again.waiting_from, again.troubles) == (2, 3.0, ())


def test_what_ends_a_block_counts_before_what_failed_beside_it() -> None:
    beside = started("1", background=True), failed("1", "beside"), handled("1", "stop")
    assert after(*beside).live[""].failed == Trouble("1", "beside", background=True)
    both = after(*beside, started("2"), failed("2", "itself"), handled("2", "stop"))
    assert both.live[""].failed == Trouble("2", "itself")
    first = after(
        *beside[:2], started("2"), failed("2", "itself"), handled("2", "stop"), handled("1", "stop")
    )
    assert first.live[""].failed == Trouble("2", "itself")


def test_a_step_that_a_pause_cut_has_not_failed_and_is_no_attempt() -> None:
    cut = (ev.StepEnded("cut"), "1")
    story = (started("1", attempt=3), ev.ControlAsked("pause", "Ann", now=True), cut)
    (trouble,) = after(*story).live[""].troubles
    assert trouble == Trouble("1", INTERRUPTED, handled="interrupted", attempt=2)
    assert INTERRUPTED == "interrupted by a pause"
    for other in (ev.ControlAsked("pause", "Ann"), ev.ControlAsked("stop", "Ann")):
        assert after(story[0], other, cut).live[""].troubles == ()
    stopped = (story[0], story[1], ev.ControlAsked("stop", "Ann"), cut)
    assert after(*stopped).live[""].troubles == ()


@pytest.mark.parametrize(
    ("policy", "again", "replaced"), [("fallback", 1, frozenset()), ("replace", 2, frozenset({"1"}))]
)
def test_other_steps_are_taken_for_one_that_failed(policy: str, again: int, replaced: frozenset[str]) -> None:
    live = after(started("1"), failed("1"), handled("1", policy, instead="x")).live[""]
    assert (live.substitute, live.instead, live.attempts, live.replaced) == ("1", "x", again, replaced)
    old = after(started("1"), failed("1"), handled("1", policy)).live[""]
    assert old.instead == "fallback", "journals of version 1 gave no name"


# ------------------------------------------------------------------------------------------ decide
def step(on_error: OnError | None = None, **more: Any) -> Step:
    return Step("1", HERE, "s", Modifiers(on_error=on_error), "stir", {}, **more)


class Plan:
    """The part of a plan that is looked at."""

    def __init__(self, *steps: Any) -> None:
        self.root = Sequence("", HERE, "p", Modifiers(), steps)


def decided(node: Any, trouble: Trouble, status: Any = "running", *, cut: bool = False, **live: Any) -> Any:
    root = Live("", "protocol", 0.0, 0, troubles=(trouble,), **live)
    plan: Any = Plan(node)
    found = handle_troubles(RunState(status=status, live={"": root}), root, plan.root, plan, cut=cut)
    return found[0] if found else None


REFUSED = Trouble("1", "error 9", "E908", acted="not_started")
MOVED = Trouble("1", "error 9", "E909", acted="partly")
ASK = OnError("ask", limit=60.0, default="skip")


@pytest.mark.parametrize(
    ("policy", "trouble", "handle"),
    [
        (None, REFUSED, do.Handle("1", "stop", "error 9", failure="refused")),
        (OnError("skip"), REFUSED, do.Handle("1", "skip", "error 9", failure="refused")),
        (OnError("pause"), MOVED, do.Handle("1", "pause", "error 9", failure="partly")),
        (OnError(retries=1), REFUSED, do.Handle("1", "retry", "error 9", failure="refused")),
        (
            OnError(retries=1),
            replace(REFUSED, attempt=2),
            do.Handle("1", "stop", "error 9", failure="refused"),
        ),
        (OnError(retries=1), MOVED, do.Handle("1", "stop", f"error 9 {NOT_AGAIN}", failure="partly")),
        (
            ASK,
            REFUSED,
            do.Handle("1", "ask", "error 9", 60.0, "skip", ("retry", "skip", "stop", "pause"), "refused"),
        ),
        (ASK, MOVED, do.Handle("1", "ask", "error 9", 60.0, "skip", ("skip", "stop", "pause"), "partly")),
        (
            None,
            replace(REFUSED, taken_up=True),
            do.Handle(
                "1",
                "ask",
                "error 9",
                None,
                "stop",
                ("retry", "skip", "stop", "pause"),
                "refused",
                by="labcore",
            ),
        ),
        (
            OnError("stop", cases=(OnError("skip", case="refused"),)),
            REFUSED,
            do.Handle("1", "skip", "error 9", failure="refused"),
        ),
        (None, Trouble("1", "odd"), do.Handle("1", "stop", "odd")),
    ],
)
def test_a_failure_is_dealt_with_as_the_protocol_says(
    policy: Any, trouble: Trouble, handle: do.Handle
) -> None:
    assert decided(step(policy), trouble) == handle
    stopped = decided(step(policy), trouble, "stopping")
    assert stopped == do.Handle("1", "stop", trouble.error, failure=handle.failure)


@pytest.mark.parametrize(
    ("was", "status", "policy", "reason"),
    [
        ("pause", "running", "retry", "resumed"),
        ("pause", "stopping", "stop", "error 9"),
        ("interrupted", "running", "retry", "resumed"),
        ("interrupted", "stopping", "skip", "the run was stopped"),
        ("ask", "stopping", "stop", "the run was stopped"),
    ],
)
def test_what_waited_is_dealt_with_when_the_wait_is_over(
    was: str, status: str, policy: Any, reason: str
) -> None:
    trouble = replace(REFUSED, handled=was)
    assert decided(step(), trouble, status) == do.Handle("1", policy, reason, failure="refused")


def test_what_waits_goes_on_waiting() -> None:
    for was, status in (
        ("pause", "paused"),
        ("interrupted", "paused"),
        ("ask", "running"),
        ("ask", "paused"),
    ):
        assert decided(step(), replace(REFUSED, handled=was), status) is None
    asked = replace(REFUSED, handled="ask")
    why = "what is around it has failed"
    assert decided(step(), asked, cut=True) == do.Handle("1", "stop", why, failure="refused")
    assert waits_for_an_answer(Live("", "protocol", 0, 0, troubles=(asked,)))
    assert not waits_for_an_answer(Live("", "protocol", 0, 0, troubles=(REFUSED,)))


def test_after_a_pause_what_moved_matter_is_put_to_a_person() -> None:
    options = ("skip", "stop", "pause")
    asked = do.Handle("1", "ask", "error 9", None, "stop", options, "partly")
    assert decided(step(), replace(MOVED, handled="pause")) == asked
    harmless = step(repeat_allowed=True)
    assert decided(harmless, replace(MOVED, handled="pause")).policy == "retry"


def test_other_steps_are_taken_one_set_at_a_time() -> None:
    spare = step()
    node = step(OnError("fallback"), instead={"fallback": spare})
    taken = do.Handle("1", "fallback", "error 9", failure="refused", instead="fallback")
    assert decided(node, REFUSED) == taken
    assert decided(node, REFUSED, substitute="2") is None, "the second failure waits"
    assert decided(step(OnError("fallback")), REFUSED).policy == "stop", "an old plan has no such steps"
    again = step(OnError("ask", replaces=True), instead={"replace": spare})
    put_right = do.Handle("1", "replace", "error 9", failure="refused", instead="replace")
    assert decided(again, REFUSED) == put_right
    assert decided(again, REFUSED, replaced=frozenset({"1"})).policy == "ask"
    assert decided(again, MOVED).reason == f"error 9 {NOT_AGAIN}"


# ------------------------------------------------------------------------------------------ a block's own condition
def loop(on_error: OnError | None) -> Repeat:
    condition: Any = Condition("x")  # type: ignore[arg-type]
    modifiers, spare = Modifiers(on_error=on_error), {"fallback": step()}
    return Repeat("1", HERE, "r", modifiers, step(on_error, instead=spare), 3, until=condition, instead=spare)


OWN = Trouble("1", "nobody saw it", "E805")


def own(node: Any, trouble: Trouble = OWN, **fields: Any) -> Any:
    live = Live("1", "repeat", 0.0, 0, troubles=(trouble,), **fields)
    plan: Any = Plan(node)
    return handle_troubles(RunState(status="running", live={"1": live}), live, node, plan)


def test_a_condition_pauses_unless_the_protocol_says_otherwise() -> None:
    assert own(loop(None)) == [do.Handle("1", "pause", "nobody saw it", failure="undecided")]
    assert own(loop(OnError(retries=1))) == [do.Handle("1", "retry", "nobody saw it", failure="undecided")]
    assert own(loop(OnError(retries=1)), attempts=2)[0].policy == "stop"


def test_the_steps_taken_for_a_condition_stand_beside_its_block_which_fails_first() -> None:
    node = loop(OnError("fallback"))
    assert own(node) == [do.Handle("1", "stop", "nobody saw it", failure="undecided")]
    above = replace(OWN, inside="1", code="E805")
    taken = do.Handle("1", "fallback", "nobody saw it", failure="undecided", instead="fallback")
    assert decided(node, above) == taken
    asked_before = decided(loop(OnError("ask")), above)
    assert asked_before == do.Handle("1", "stop", "nobody saw it", failure="undecided")


def test_what_a_loop_was_asked_about_inside_it_is_not_asked_again() -> None:
    inside = replace(REFUSED, inside="1#2")
    assert decided(loop(OnError("ask")), inside) == do.Handle("1", "stop", "error 9", failure="refused")
    plain = Sequence("1", HERE, "s", Modifiers(on_error=ASK), (replace(step(), id="2"),))
    assert decided(plain, replace(REFUSED, inside="1.1")).policy == "ask", "its own policy is another one"
