"""What is told of an act whose end nobody knows."""

from __future__ import annotations

from labcore.model.event import Event, Intended, Noted, RecoveryBegun
from labcore.state.open_acts import open_acts

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
