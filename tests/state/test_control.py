"""What a request, a lost device and a settled stop make of a run's state: exactly this, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labcore.model import event as ev
from labcore.model.effect import SetOutput
from labcore.model.event import Event
from labcore.state.reduce import fold, reduce
from labcore.state.run_state import RunState, evolve

STARTED = Event(0, 1.0, "", "labcore", ev.RunStarted("p", "d", "lab", False, 1, {}))
STEP = Event(1, 2.0, "", "labcore", ev.StepStarted("wait", "w"), "1")
BEFORE = fold([STARTED, STEP])
STATUSES = ("running", "pausing", "paused", "stopping", "aborting", "recovering", "ended")
ENDING = {"stopped_at": 9.0, "halted": frozenset()}


def asked(state: RunState, what: Any, by: str = "Ann", why: str = "", *, now: bool = False) -> RunState:
    event = Event(2, 9.0, "", "labcore", ev.ControlAsked(what, by, why, now))
    return reduce(state, event)


def was(**fields: Any) -> RunState:
    return evolve(BEFORE, halted=frozenset({"plate"}), **fields)


def after(state: RunState, **fields: Any) -> RunState:
    return evolve(state, position=2, at=9.0, **fields)


@pytest.mark.parametrize("now", [False, True])
@pytest.mark.parametrize("why", ["", "lunch"])
def test_a_pause_waits_for_what_is_under_way_unless_it_says_now(why: str, now: bool) -> None:
    wanted = after(was(), status="pausing", reason=why, pause_now=now)
    assert asked(was(), "pause", why=why, now=now) == wanted


def test_a_pause_that_waits_can_be_told_not_to_and_not_the_other_way_round() -> None:
    waiting = was(status="pausing", reason="lunch")
    assert asked(waiting, "pause", why="fire", now=True) == after(
        waiting, status="pausing", reason="fire", pause_now=True
    )
    assert asked(waiting, "pause", why="again") == after(waiting)


@pytest.mark.parametrize("status", ["pausing", "paused"])
def test_who_resumes_begins_every_wait_anew(status: str) -> None:
    before = was(status=status, reason="lunch", pause_now=True)
    live = {key: evolve(one, waiting_from=9.0) for key, one in before.live.items()}
    assert asked(before, "resume") == after(before, status="running", reason="", pause_now=False, live=live)


@pytest.mark.parametrize("status", ["running", "pausing", "paused"])
def test_a_stop_says_who_when_and_why_and_settles_every_device_again(status: str) -> None:
    before = was(status=status, reason="old")
    stopped = after(before, status="stopping", stopped_by="Ann", **ENDING)
    assert asked(before, "stop") == evolve(stopped, reason="stopped by Ann")
    assert asked(before, "stop", why="smoke") == evolve(stopped, reason="smoke")


@pytest.mark.parametrize("status", ["running", "pausing", "paused", "stopping", "recovering"])
def test_an_abort_does_so_too(status: str) -> None:
    before = was(status=status, reason="old", stopped_by="Ben")
    aborted = after(before, status="aborting", **ENDING)
    assert asked(before, "abort") == evolve(aborted, reason="aborted by Ann")
    assert asked(before, "abort", why="smoke") == evolve(aborted, reason="smoke")


@pytest.mark.parametrize("status", ["running", "pausing", "paused", "stopping", "aborting", "recovering"])
@pytest.mark.parametrize(
    ("why", "reason"), [("", "emergency stop by Ann"), ("smoke", "emergency stop by Ann: smoke")]
)
def test_an_emergency_stop_aborts_whatever_is_going_on(status: str, why: str, reason: str) -> None:
    before = was(status=status, reason="old")
    assert asked(before, "estop", why=why) == after(before, status="aborting", reason=reason, **ENDING)


@pytest.mark.parametrize(
    ("what", "where"),
    [
        ("pause", ("paused", "stopping", "aborting", "recovering")),
        ("resume", ("running", "stopping", "aborting", "recovering")),
        ("stop", ("stopping", "aborting", "recovering")),
        ("abort", ("aborting",)),
    ],
)
def test_what_makes_no_sense_now_changes_nothing(what: str, where: tuple[str, ...]) -> None:
    for status in where:
        before = was(status=status, reason="old", pause_now=True)
        assert asked(before, what, why="x", now=True) == after(before), status


def test_a_pause_that_has_come_keeps_what_it_was_given_as_its_reason() -> None:
    before = was(status="pausing", reason="lunch")
    paused = reduce(before, Event(2, 9.0, "", "labcore", ev.Paused("the disk is full")))
    assert paused == after(before, status="paused", reason="the disk is full")


def test_a_device_is_connected_lost_and_found_again() -> None:
    def event(position: int, body: Any, device: str | None) -> Event:
        return Event(position, 9.0, "", "real", body, None, device)

    there, gone = ev.DeviceConnected("d", "i"), ev.DeviceLost("no cable")
    story = [STARTED, STEP, event(2, there, "plate"), event(3, there, "pump"), event(4, gone, "plate")]
    state = fold(story)
    assert (state.connected, state.lost) == ({"plate", "pump"}, {"plate"})
    state = fold([event(5, gone, "pump"), event(6, there, "plate")], state)
    assert (state.connected, state.lost) == ({"plate", "pump"}, {"pump"})
    nameless = fold([event(7, gone, None), event(8, there, None)], state)
    assert (nameless.connected, nameless.lost) == ({"plate", "pump", ""}, {"pump"})


# ------------------------------------------------------------------------------------------ a stop, settled
ON = ev.Intended("act-1", "stir", {}, (), (SetOutput("plate", "speed", 300.0, "rpm"),), 9.0)
NAME = ("plate", "speed")


def stirring() -> RunState:
    settled = Event(3, 3.0, "", "real", ev.Settled("act-1", "done"), "1", "plate")
    return fold([Event(2, 3.0, "", "real", ON, "1", "plate"), settled], BEFORE)


@pytest.mark.parametrize("suspends", [False, True])
@pytest.mark.parametrize("status", ["acknowledged", "halted", "ran_to_completion", "unconfirmed"])
def test_what_halted_is_off_and_what_did_not_was_tried(status: Any, suspends: bool) -> None:
    before = stirring()
    was_on = before.outputs[NAME]
    body = ev.StopSettled(status, ("speed", "temperature"), suspends=suspends)
    state = reduce(before, Event(4, 9.0, "", "real", body, None, "plate"))
    left = {} if status == "halted" else {NAME: replace(was_on, settled=True)}
    assert state.outputs == left
    assert dict(state.suspended) == ({NAME: was_on} if suspends else {})
    assert state.halted == {"plate"}


def test_a_stop_that_is_settled_leaves_other_devices_alone() -> None:
    before = stirring()
    state = reduce(before, Event(4, 9.0, "", "real", ev.StopSettled("halted", ("speed",)), None, "pump"))
    assert state == evolve(before, position=4, at=9.0, halted=frozenset({"pump"}))
    nobody = reduce(state, Event(5, 9.5, "", "real", ev.StopSettled("halted", ("speed",))))
    assert nobody == evolve(state, position=5, at=9.5, halted=frozenset({"pump", ""}))
