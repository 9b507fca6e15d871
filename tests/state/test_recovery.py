"""Recovery without I/O: what may be said of an act, what a taken-over run is, which outputs come back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labcore.errors import IllegalEvent
from labcore.model import event as ev
from labcore.model.effect import Placement, SetOutput, Touched, Transfer
from labcore.model.event import Body, Event
from labcore.model.interval import Interval
from labcore.state.reduce import fold
from labcore.state.run_state import RunState, evolve
from labcore.state.settling import settle_as

POUR = Transfer("bottle", "vial", Interval.around(10.0, relative=0.01))
DOSE = ev.Intended("act-1", "dispense", {}, (), (POUR,), 9.0)
MOVE = ev.Intended("act-2", "place", {"origin": "rack"}, (), (Placement("vial", "plate"),), 9.0)
STIR = ev.Intended("act-3", "stir", {}, (), (SetOutput("robot", "speed", 300.0, "rpm"), Touched("vial")), 9.0)


# ------------------------------------------------------------------------------------------ words
@pytest.mark.parametrize(
    ("intent", "said", "status", "amount"),
    [
        (DOSE, "done", "done", None), (DOSE, " YES ", "done", None), (DOSE, "not started", "not_started", None),
        (DOSE, "no", "not_started", None), (DOSE, "unknown", "unknown", None), (DOSE, "4-5 mL", "partly", (4.0, 5.0)),
        (DOSE, "4 to 5 mL", "partly", (4.0, 5.0)), (DOSE, "4000–5000 uL", "partly", (4.0, 5.0)),
        (DOSE, "4 mL", "partly", (3.8, 4.2)), (MOVE, "at plate", "done", None), (MOVE, "At rack", "not_started", None),
    ],
)  # fmt: skip
def test_an_answer_means_a_settlement(intent: Any, said: str, status: str, amount: Any) -> None:
    settled = settle_as(intent, said, "Ann", {"a": "b"})
    assert (settled.act, settled.status, settled.by) == (intent.act, status, "Ann")
    assert settled.evidence == {"a": "b"}
    assert settled.effects == (intent.effects if status == "done" else ())
    if amount is None:
        assert settled.amount is None
    else:
        assert settled.amount is not None
        assert (settled.amount.low, settled.amount.high) == pytest.approx(amount)


@pytest.mark.parametrize(
    ("intent", "said", "message"),
    [
        (DOSE, "perhaps", "say done, not started, unknown, or how much"), (DOSE, "5-4 mL", "the lower amount comes first"),
        (DOSE, "4 g", "say done"), (DOSE, "1.2.3-4 mL", "say done"), (DOSE, "16 mL", "cannot be: it is something from 0 to 15"),
        (DOSE, "-1 mL", "cannot be"), (MOVE, "at hood", "nothing to do with 'hood'"), (STIR, "5 mL", "none of done, not started"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_says_what_can(intent: Any, said: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        settle_as(intent, said, "Ann")


@pytest.mark.parametrize(
    ("said", "drawn"),
    [
        ("not started", (0.0, 10.1)),
        ("4-5 mL", (4.0, 10.1)),
        ("12-13 mL", (12.0, 13.0)),
        ("done", None),
        ("unknown", None),
    ],
)
def test_what_the_device_drew_need_not_have_arrived(said: str, drawn: tuple[float, float] | None) -> None:
    """Bytes of the act were on the wire when the process died: who sees an empty vial does not see the tool."""
    settled = settle_as(DOSE, said, "Ann", {"wire": "> G1 Z15.0"})
    assert (settled.drawn and (settled.drawn.low, settled.drawn.high)) == (drawn and pytest.approx(drawn))
    assert settle_as(DOSE, said, "Ann").drawn is None
    assert settle_as(MOVE, "not started", "Ann", {"wire": "> M3"}).drawn is None


def test_the_ledger_counts_what_was_drawn_and_what_arrived_apart() -> None:
    vessels = (
        ev.VesselStated("bottle", "bottle-500ml", None, {"water": Interval.exactly(100.0)}, "Ann"),
        ev.VesselStated("vial", "vial-50ml", None, {}, "Ann"),
    )
    settled = settle_as(DOSE, "not started", "Ann", {"wire": "> G1 Z15.0"})
    ledger = after(START, *vessels, DOSE, settled).ledger
    bottle = ledger.vessel("bottle").volume
    assert (bottle.low, bottle.high) == pytest.approx((89.9, 100.0))
    assert ledger.vessel("vial").volume.high == 0.0


# ------------------------------------------------------------------------------------------ events
START = ev.RunStarted("p", "d", "bench", True, 0, {})
BEGUN = ev.RecoveryBegun("Ann", 1, 0.0)


def after(*bodies: Body | tuple[Body, str]) -> RunState:
    found = []
    for n, one in enumerate(bodies):
        body, step = one if isinstance(one, tuple) else (one, None)
        found.append(Event(n, float(n), "", "labcore", body, step, "robot"))
    return fold(found)


def decided(what: Any, restores: Any = ()) -> ev.RecoveryDecided:
    return ev.RecoveryDecided(what, "Ann", "why not", restores)


@pytest.mark.parametrize(
    ("story", "why"),
    [
        ((BEGUN,), "there is nothing to recover"),
        ((START, ev.RunEnded("done"), BEGUN), "event 2 (recovery_begun) follows the end of the run"),
        ((START, decided("resume")), "nothing is being recovered"),
        ((START, BEGUN, (DOSE, "1"), (MOVE, "1"), decided("close")), "nobody has said yet what became of act-1, act-2"),
        ((START, (ev.StepResumed(), "1")), "step '1' was not interrupted"),
        ((START, (ev.StepStarted("wait", "w"), "1"), (ev.StepResumed(), "1")), "step '1' was not interrupted"),
    ],
)  # fmt: skip
def test_what_cannot_follow_is_refused(story: Any, why: str) -> None:
    with pytest.raises(IllegalEvent) as caught:
        after(*story)
    assert str(caught.value) == why


@pytest.mark.parametrize(
    ("before", "decision", "status"),
    [
        ((), "resume", "running"), ((), "finish", "stopping"), ((), "close", "aborting"),
        ((ev.ControlAsked("pause", "Ben"),), "resume", "paused"), ((ev.ControlAsked("stop", "Ben"),), "resume", "stopping"),
        ((ev.ControlAsked("abort", "Ben"),), "resume", "aborting"), ((ev.ControlAsked("abort", "Ben"),), "finish", "aborting"),
    ],
)  # fmt: skip
def test_a_run_goes_on_no_further_than_it_was_allowed_to(before: Any, decision: str, status: str) -> None:
    state = after(START, *before, BEGUN, decided(decision))
    assert state.status == status
    assert state.recoveries == 1
    again = after(START, *before, BEGUN, BEGUN, decided(decision))
    assert (again.status, again.recoveries) == (status, 2)


@pytest.mark.parametrize(
    ("decision", "why", "reason"),
    [
        ("close", "smoke", "closed after an interruption by Ann: smoke"),
        ("close", "", "closed after an interruption by Ann"),
        ("finish", "smoke", "stopped after an interruption by Ann: smoke"),
        ("finish", "", "stopped after an interruption by Ann"),
        ("resume", "smoke", "lunch"),
    ],
)
def test_the_reason_says_who_and_why(decision: Any, why: str, reason: str) -> None:
    paused = ev.ControlAsked("pause", "Ben", "lunch")
    state = after(START, paused, BEGUN, ev.RecoveryDecided(decision, "Ann", why))
    assert (state.reason, state.stopped_at) == (reason, 3.0)


def test_taking_over_changes_this_and_nothing_else() -> None:
    steps = ((ev.StepStarted("sequence", "s"), "1"), (ev.StepStarted("stir", "s"), "1.1"))
    before = after(START, *steps, *((one, "1.1") for one, _ in ON), ev.StopSettled("unconfirmed", ("speed",)))
    taken = fold([Event(6, 6.0, "", "labcore", BEGUN)], before)
    live = {**before.live, "1.1": evolve(before.live["1.1"], interrupted=True)}
    on = {NAME: replace(before.outputs[NAME], settled=False)}
    begun = evolve(
        before, status="recovering", before="running", recoveries=1, live=live, outputs=on, position=6, at=6.0
    )
    assert taken == begun
    body = ev.RecoveryDecided("resume", "Ann", attended=False)
    going = fold([Event(7, 7.0, "", "labcore", body)], taken)
    waits = {key: evolve(one, waiting_from=7.0) for key, one in live.items()}
    decided_ = {"status": "running", "stopped_at": 7.0, "attended": False, "position": 7, "at": 7.0}
    assert going == evolve(begun, live=waits, **decided_)
    resumed = fold([Event(8, 8.0, "", "labcore", ev.StepResumed(), "1.1")], going)
    step_ = evolve(waits["1.1"], interrupted=False, taken_up=False)
    assert resumed == evolve(going, live={**waits, "1.1": step_}, position=8, at=8.0)


def test_a_step_is_interrupted_until_it_is_taken_up() -> None:
    begun = (START, (ev.StepStarted("wait", "w"), "1"), BEGUN)
    assert after(*begun).live["1"].interrupted
    going = after(*begun, decided("resume"), (ev.StepResumed(), "1")).live["1"]
    assert (going.interrupted, going.taken_up) == (False, True)


def test_what_was_put_to_a_person_is_put_to_them_again() -> None:
    failed = (ev.StepEnded("failed", error="oh"), "1")
    asked = (START, (ev.StepStarted("wait", "w"), "1"), failed, (ev.ErrorHandled("ask"), "1"))
    assert after(*asked).live[""].troubles[0].handled == "ask"
    assert after(*asked, BEGUN).live[""].troubles[0].handled == ""
    paused = after(*asked[:-1], (ev.ErrorHandled("pause"), "1"), BEGUN)
    assert paused.live[""].troubles[0].handled == "pause"


# ------------------------------------------------------------------------------------------ outputs
ON = (STIR, "1"), (ev.Settled("act-3", "done"), "1")
OFF = ev.Intended("act-4", "stop_stirring", {}, (), (SetOutput("robot", "speed", None, "rpm"),), 9.0)
NAME = ("robot", "speed")


def test_what_recovery_switches_off_is_remembered_and_what_a_step_switches_off_is_not() -> None:
    recovered = after(START, *ON, BEGUN, (OFF, ""), (ev.Settled("act-4", "done"), ""))
    assert (list(recovered.outputs), list(recovered.suspended)) == ([], [NAME])
    by_itself = after(START, *ON, (OFF, "2"), (ev.Settled("act-4", "done"), "2"))
    assert (list(by_itself.outputs), list(by_itself.suspended)) == ([], [])


def test_one_that_could_not_be_switched_off_stays_on() -> None:
    assert list(after(START, *ON, (OFF, "2"), (ev.Settled("act-4", "unknown"), "2")).outputs) == [NAME]


def test_one_that_a_step_was_switching_off_is_not_wanted_again() -> None:
    state = after(START, *ON, (OFF, "2"), BEGUN, (ev.Settled("act-4", "unknown", by="recovery"), "2"))
    assert state.outputs[NAME].act is None


def test_only_what_was_decided_comes_back() -> None:
    story = (START, *ON, BEGUN, (OFF, ""), (ev.Settled("act-4", "done"), ""))
    assert list(after(*story, decided("resume", (NAME,))).suspended) == [NAME]
    assert list(after(*story, decided("resume")).suspended) == []
