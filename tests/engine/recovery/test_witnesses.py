"""Who says what became of an act: the device as a witness, then people, until they are understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcore.capabilities import Outcome
from labcore.errors import DeviceError
from labcore.model.event import Asked, RecoveryBegun
from labcore.model.interval import Interval

Crash = Callable[..., Any]
At = Callable[..., Any]


# ------------------------------------------------------------------------------------------ the device as a witness
async def knows(self: Any, method: str, arguments: Any, frames: Any) -> Outcome:
    return Outcome("partly", Interval(3.9, 4.0, 4.1), {"counter": 4}, "the counter says 4 mL")


async def does_not_know(self: Any, *_: Any) -> Outcome:
    return Outcome("unknown")


async def refuses(self: Any, *_: Any) -> Outcome:
    raise DeviceError("no answer")


async def raises(self: Any, *_: Any) -> Outcome:
    raise ValueError("a bug")


async def says_nonsense(self: Any, *_: Any) -> Any:
    return "done"


async def hangs(self: Any, *_: Any) -> Any:
    import anyio

    await anyio.sleep_forever()


async def was_done(self: Any, *_: Any) -> Outcome:
    return Outcome("done")


def test_a_person_who_is_there_is_asked_what_shall_be_done(dose: Any, person: Any) -> None:
    ann = person(became="unknown", how_shall="go on", what_shall="skip")
    done = dose("intended").recover(None, ask=True, prompts=ann)
    assert [one.policy for one in done.of("error_handled")] == ["ask", "skip"]
    assert done.state.outcome == "done"


def test_a_device_that_can_tell_is_asked_first(dose: Any) -> None:
    done = dose("intended", driver={"became_of": knows}).recover()
    (settled,) = done.of("settled")
    assert (settled.status, settled.by, settled.evidence["counter"]) == ("partly", "robot", "4")
    assert done.state.ledger.vessels["vial"].volume == Interval(3.9, 4.0, 4.1)


def test_what_it_says_was_done_has_its_effects(dose: Any) -> None:
    done = dose("intended", driver={"became_of": was_done}).recover()
    assert done.of("settled")[0].effects
    assert done.state.outcome == "done"


@pytest.mark.parametrize("tell", [does_not_know, refuses, raises, says_nonsense, hangs])
def test_one_that_cannot_tell_is_no_witness(dose: Any, tell: Any) -> None:
    done = dose("intended", driver={"became_of": tell}).recover()
    assert [(one.status, one.by) for one in done.of("settled")] == [("unknown", "policy")]


def test_one_that_restarts_when_its_port_is_opened_is_no_witness(dose: Any) -> None:
    done = dose("intended", driver={"became_of": was_done, "resets_on_open": True}).recover()
    assert done.of("settled")[0].by == "policy"


# ------------------------------------------------------------------------------------------ people
def test_a_person_is_asked_with_the_evidence_until_the_answer_can_be_understood(
    dose: Any, world: Any, person: Any
) -> None:
    ann = person(became_of=["perhaps", "12-11 mL", "4-5 mL"], how_shall="clean up")
    done = dose("intended").recover(None, ask=True, prompts=ann)
    (settled,) = done.settled("Ann")
    assert (settled.status, settled.amount) == ("partly", Interval.between(4.0, 5.0))
    asked = ann.person.asked
    assert "robot was told to dispense" in asked[0]
    assert "volume: 10 mL" in asked[0]
    assert "perhaps" in asked[1]
    assert done.of("recovery_decided")[0].decision == "finish"
    assert done.of("recovery_decided")[0].by == "Ann"
    assert done.state.outcome == "stopped"


def test_after_five_answers_that_nobody_understands_it_is_unknown(dose: Any, person: Any) -> None:
    ann = person(became_of="perhaps", how_shall="close")
    done = dose("intended").recover(None, ask=True, prompts=ann)
    (settled,) = done.of("settled")
    assert (settled.status, settled.by, settled.message) == (
        "unknown",
        "tester",
        "5 answers could not be understood",
    )
    assert done.state.outcome == "aborted"


def test_nobody_who_says_how_it_goes_on_leaves_it_interrupted(dose: Any, person: Any) -> None:
    from labcore.errors import DecisionNeeded

    crashed = dose("settled")
    with pytest.raises(BaseException) as caught:
        crashed.recover(None, ask=True, prompts=person(how_shall="what?"))
    assert caught.group_contains(DecisionNeeded) or isinstance(caught.value, DecisionNeeded)
    assert crashed.interrupted.state.status == "recovering"
    assert crashed.recover().state.outcome == "done"


class Silent:
    """Somebody who never answers; takes note of what they were asked and what was taken back."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def ask(self, question: Any) -> Any:
        import anyio

        self.asked.append(question)
        await anyio.sleep_forever()

    def withdraw(self, question: str, why: str) -> None:
        pass


async def abort_when_asked(one: Any) -> None:
    while not one.writer.state.questions:
        await one.writer.changed.wait()
    one.control.post("abort", "Ben")


@pytest.mark.parametrize("kind", ["intended", "settled"], ids=["about an act", "about how to go on"])
def test_who_aborts_need_not_answer_any_more(dose: Any, world: Any, kind: str) -> None:
    silent = Silent()
    done = dose(kind).recover(None, ask=True, prompts=lambda control: silent, during=abort_when_asked)
    assert len(silent.asked) == 1
    assert [one.why for one in done.of("withdrawn")] == ["no longer needed"]
    assert done.of("recovery_decided") == []
    assert (done.state.outcome, done.state.reason) == ("aborted", "aborted by Ben")
    if kind == "intended":
        (settled,) = done.of("settled")
        assert (settled.status, settled.by, settled.message) == ("unknown", "tester", "")
        assert settled.evidence["intended"]


def test_after_an_abort_nobody_is_asked_about_the_acts_that_are_left(crash: Crash, event_at: At) -> None:
    steps = """
steps:
  - parallel:
      - - dispense: {material: water, into: vial, volume: 5 mL, using: robot}
      - - dispense: {material: water, into: vial, volume: 5 mL, using: pump}
"""
    lab = """
lab: two pumps
devices: {robot: {driver: fake}, pump: {driver: fake}}
positions: {plate: {fits: vial-50ml}}
stock: {water: {in: bottle, volume: 200 mL}}
vessels: {vial: {at: plate, labware: vial-50ml}}
"""
    silent = Silent()
    crashed = crash(steps, event_at("intended", nth=2), lab=lab)
    assert crashed.open_acts == ["act-1", "act-2"]
    done = crashed.recover(None, ask=True, prompts=lambda control: silent, during=abort_when_asked)
    assert [one.question for one in silent.asked] == ["q1"]
    found = [(one.act, one.status, one.by, one.message) for one in done.of("settled")]
    assert found == [("act-1", "unknown", "tester", ""), ("act-2", "unknown", "tester", "")]
    assert done.state.outcome == "aborted"


def test_the_questions_say_what_can_be_answered_and_what_holds_meanwhile(dose: Any, person: Any) -> None:
    done = dose("intended").recover(None, ask=True, prompts=person(became_of="done", how_shall=" Go On"))
    act, how = done.of("asked")
    holds = "the run stands still; heat, flow and motion are off"
    ends = ("done", "not started", "unknown")
    assert act == Asked("q1", act.text, "decide", ends, unit="mL", holds=holds, most=act.most)
    assert act.most == pytest.approx(15.0, rel=0.1)
    text = (
        "Everything is settled. How shall the run go on: where it was, with its clean-up only, or not at all?"
    )
    assert how == Asked("q2", text, "decide", ("go on", "clean up", "close"), "choice", holds=holds)
    asked = [(event.step, event.device) for event in done.events if event.kind == "asked"]
    assert asked == [("1", "robot"), (None, None)]
    (decided,) = done.of("recovery_decided")
    assert (decided.decision, decided.by, decided.why, decided.attended) == ("resume", "Ann", "because", True)
    (begun,) = done.of("recovery_begun")
    assert begun == RecoveryBegun("tester", 1, 0.0, ("act-1",), ("1",))


def test_of_a_vessel_that_was_carried_only_its_places_can_be_said(dose: Any, person: Any) -> None:
    steps = "steps:\n  - move: {vessel: vial, onto: rack}\n"
    people = person(became_of=["5 mL", "at rack"], how_shall="go on")
    done = dose("intended", steps=steps).recover(None, ask=True, prompts=people)
    act, again, _ = done.of("asked")
    assert (act.options, act.expects, act.unit, act.most) == (
        ("at rack", "not started", "unknown"),
        "choice",
        "",
        None,
    )
    assert again.text == f"{act.text} ('5 mL' is none of at rack, not started, unknown)"
    assert done.state.ledger.vessels["vial"].place == "rack"
    assert done.settled("Ann")[0].status == "done"
