"""What a step had done, given back from its record piece by piece."""

from __future__ import annotations

from typing import Any

import pytest

from labcore.capabilities import Outcome
from labcore.engine.past import Past
from labcore.errors import DecisionNeeded, DeviceError
from labcore.model import event as ev
from labcore.model.event import Body, Event
from labcore.model.interval import Interval
from labcore.state.reduce import fold
from labcore.state.run_state import RunState

BEGIN = (ev.RunStarted("p", "d", "bench", True, 0, {}), ev.StepStarted("some", "some step"))


def intent(act: str, method: str = "dispense") -> ev.Intended:
    return ev.Intended(act, method, {}, (), (), 9.0)


def past(*bodies: Body, harmless: bool = False, every: float = 1.0) -> Past:
    events = [
        Event(n, n * every, "", "labcore", body, None if n == 0 else "1", "robot")
        for n, body in enumerate((*BEGIN, *bodies))
    ]
    state = fold(events)
    return Past(events, state.live["1"], harmless)


def test_a_step_without_a_record_does_everything() -> None:
    nothing = past()
    assert len(nothing) == 0
    assert nothing.act("robot", "dispense") is None
    assert nothing.answer("how much?") is None
    assert not nothing.said(ev.Noted("x", "protocol"))
    assert nothing.state() is None
    assert nothing.start().position == 1


def test_what_was_done_is_given_back_once() -> None:
    told = past(intent("act-1"), ev.Settled("act-1", "done", (), Interval(1, 2, 3), {"a": 1}, "fine"))
    assert len(told) == 1
    assert told.act("robot", "dispense") == Outcome("done", Interval(1, 2, 3), {"a": 1}, "fine")
    assert told.act("robot", "dispense") is None


@pytest.mark.parametrize("status", ["partly", "unknown", "not_started"])
def test_what_was_not_done_fails_as_it_did(status: Any) -> None:
    told = past(intent("act-1"), ev.Settled("act-1", status))
    with pytest.raises(DeviceError) as caught:
        told.act("robot", "dispense")
    assert isinstance(caught.value.outcome, Outcome)
    assert caught.value.outcome.status == status


@pytest.mark.parametrize("status", ["partly", "unknown", "not_started"])
def test_what_is_harmless_is_sent_again(status: Any) -> None:
    told = past(intent("act-1"), ev.Settled("act-1", status), harmless=True)
    assert told.act("robot", "dispense") is None


def test_what_recovery_found_not_started_is_sent() -> None:
    told = past(intent("act-1"), ev.Settled("act-1", "not_started", by="Ann"))
    assert told.act("robot", "dispense") is None


def test_what_was_sent_again_already_is_given_back_instead() -> None:
    told = past(
        intent("act-1"), ev.Settled("act-1", "not_started", by="Ann"),
        intent("act-2"), ev.Settled("act-2", "not_started", by="Ann"),
        intent("act-3"), ev.Settled("act-3", "done", message="third"),
        intent("act-4"), ev.Settled("act-4", "done", message="another"),
    )  # fmt: skip
    first, second = told.act("robot", "dispense"), told.act("robot", "dispense")
    assert first is not None
    assert second is not None
    assert (first.message, second.message) == ("third", "another")


def test_a_failure_that_its_verb_dealt_with_is_given_back_as_a_failure() -> None:
    told = past(
        intent("act-1"),
        ev.Settled("act-1", "unknown"),
        intent("act-2"),
        ev.Settled("act-2", "done"),
        harmless=True,
    )
    with pytest.raises(DeviceError, match="unknown end"):
        told.act("robot", "dispense")
    assert told.act("robot", "dispense") is not None


@pytest.mark.parametrize(("device", "method"), [("other", "dispense"), ("robot", "stir")])
def test_another_act_than_the_record_has_needs_a_decision(device: str, method: str) -> None:
    told = past(intent("act-1"), ev.Settled("act-1", "done"))
    with pytest.raises(
        DecisionNeeded, match=f"wants {device}: {method} where the record has robot: dispense"
    ):
        told.act(device, method)


def test_an_act_where_the_record_has_a_question_is_sent() -> None:
    told = past(ev.Asked("q1", "how much?", "ask"), ev.Answered("q1", 3.0, "Ann"))
    assert told.act("robot", "dispense") is None
    assert len(told) == 1


def test_answers_are_given_back_by_their_text() -> None:
    told = past(ev.Asked("q1", "how much?", "ask"), ev.Answered("q1", 3.0, "Ann"))
    answer = told.answer("how much?")
    assert answer is not None
    assert (answer.value, answer.by) == (3.0, "Ann")
    other = past(ev.Asked("q1", "how much?", "ask"), ev.Answered("q1", 3.0, "Ann"))
    assert other.answer("how little?") is None


@pytest.mark.parametrize(
    ("why", "default", "known"),
    [
        ("nobody answered within 2 s", "some", "some"), ("nobody answered within 2 s", None, None),
        ("labcore was interrupted", "some", None), ("no longer needed", "some", None),
    ],
)  # fmt: skip
def test_only_a_default_that_counted_counts(why: str, default: str | None, known: str | None) -> None:
    told = past(ev.Asked("q1", "how much?", "ask", default=default), ev.Withdrawn("q1", why))
    answer = told.answer("how much?")
    assert (answer.value if answer is not None else None) == known


def test_remarks_are_made_once_and_passed_over() -> None:
    told = past(ev.Noted("x", "protocol"), ev.Saved("a", 1.0), intent("act-1"), ev.Settled("act-1", "done"))
    assert told.said(ev.Noted("x", "protocol"))
    assert not told.said(ev.Saved("a", 2.0))
    assert told.act("robot", "dispense") is not None
    assert len(told) == 0
    only = past(ev.Noted("x", "protocol"))
    assert only.act("robot", "dispense") is None
    assert len(only) == 1


def test_a_wait_counts_from_the_last_thing_on_record() -> None:
    told = past(intent("act-1"), ev.Settled("act-1", "done"))
    assert told.waited(60.0) is None, "the record goes on: this wait was over"
    told.act("robot", "dispense")
    assert told.waited(60.0) == 57.0
    assert told.waited(61.0) == 1.0


def test_each_thing_is_seen_in_the_bench_as_it_was() -> None:
    told = past(intent("act-1"), ev.Settled("act-1", "done"), intent("act-2"), ev.Settled("act-2", "done"))
    then: list[RunState | None] = []
    for _ in range(2):
        then.append(told.state())
        told.act("robot", "dispense")
    assert [one.position for one in then if one is not None] == [1, 3]
    assert told.start().position == 1
