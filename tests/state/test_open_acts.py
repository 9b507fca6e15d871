"""What is told of an act whose end nobody knows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labcore.model.event import Event, Intended, Noted, RecoveryBegun, StepStarted
from labcore.state.open_acts import OpenAct, labels_of, open_acts

INTENT = Intended("act-1", "dispense", {"volume": {"value": 2.0, "unit": "mL"}}, ("G1 X2",), (), 60.0)


def at(position: int, body: object) -> Event:
    return Event(position, float(position), f"12:00:0{position}", "simulated", body, "1", "gantry")  # type: ignore[arg-type]


def test_the_last_sign_of_life_is_that_of_the_process_that_died_not_of_those_who_looked_later() -> None:
    events = [
        at(0, Noted("before", "me")),
        at(1, INTENT),
        at(2, Noted("still alive", "me")),
        at(3, RecoveryBegun("somebody", 1, 5.0, ("act-1",), ("1",))),
        at(4, Noted("killed again", "me")),
    ]
    (act,) = open_acts(events, {"act-1": INTENT})
    assert (act.wall, act.last_sign) == ("12:00:01", "12:00:02")
    assert "2 mL" in act.question()
    assert open_acts(events, {}) == []


def test_every_open_act_comes_with_its_step_its_device_and_two_times_oldest_first() -> None:
    other = replace(INTENT, act="act-2")
    events = [
        at(0, StepStarted("dispense", "dispense water")),
        at(1, INTENT),
        Event(2, 2.0, "12:00:02", "simulated", other),
        Event(3, 3.0, "12:00:03", "simulated", replace(INTENT, act="act-3"), "1"),
    ]
    assert labels_of(events) == {"1": "dispense water"}
    assert open_acts(events, {"act-2": other, "act-1": INTENT}) == [
        OpenAct(INTENT, "1", "dispense water", "gantry", "12:00:01", "12:00:03"),
        OpenAct(other, "", "", "", "12:00:02", "12:00:03"),
    ]
    (last,) = open_acts(events[:3], {"act-2": other})
    assert last.last_sign == "12:00:02", "nothing was heard since"


ACT = OpenAct(INTENT, "1", "dose", "gantry", "12:00:01", "12:00:02")
FULL = replace(ACT, label="", device_says="state Idle, at X2", wire=("> G1 X2", "< ok"))
SAY = "Look at the bench: what became of it? Say done, not started, unknown."


@pytest.mark.parametrize(
    ("act", "question"),
    [
        (
            ACT,
            f"dose: gantry was told to dispense (volume: 2 mL) at 12:00:01; the last sign of life was at 12:00:02. {SAY}",
        ),
        (
            FULL,
            "1: gantry was told to dispense (volume: 2 mL) at 12:00:01; the last sign of life was at 12:00:02. "
            f"The device says now: state Idle, at X2. The last bytes on its wire: > G1 X2 | < ok. {SAY}",
        ),
    ],
)
def test_the_question_holds_all_that_is_known(act: OpenAct, question: str) -> None:
    assert act.question() == question


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ({}, "()"),
        ({"speed": {"value": 300.0, "unit": "rpm"}, "times": 3}, "(speed: 300 rpm, times: 3)"),
        ({"source": {"vessel": "bottle", "place": "rack"}}, "(source: bottle)"),
        ({"how": {"fast": True}}, "(how: {'fast': True})"),
        ({"origin": "rack/A1"}, "(origin: rack/A1)"),
    ],
)
def test_arguments_are_shown_as_people_write_them(arguments: dict[str, Any], shown: str) -> None:
    act = replace(ACT, intent=replace(INTENT, arguments=arguments))
    assert f"was told to dispense {shown} at" in act.question()


def test_the_settlement_keeps_what_there_was_to_judge_by_and_nothing_empty() -> None:
    times = {"intended": "12:00:01", "last_sign_of_life": "12:00:02"}
    assert ACT.evidence() == times
    assert FULL.evidence() == {**times, "device": "state Idle, at X2", "wire": "> G1 X2 | < ok"}
    assert replace(ACT, wall="").evidence() == {"last_sign_of_life": "12:00:02"}
