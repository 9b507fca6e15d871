"""Measurements narrow the ledger; what contradicts it is asked, never clamped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.engine.contradiction import CODE
from labcore.model.event import Answered, Asked, ControlAsked, VesselStated, VolumeNarrowed, Warned
from labcore.model.interval import Interval
from labcore.ports import Answer

LAB = """
lab: weighing bench
devices: {{robot: {{driver: fake}}}}
positions:
  plate: {{fits: vial-50ml, station: robot, seen_by: robot}}
  plate2: {{fits: vial-50ml}}
stock:
  water: {{in: bottle, volume: 400 mL, density: 1.000 g/mL}}
vessels:
  vial: {{at: plate, labware: vial-50ml, {vial}}}
  other: {{at: plate2, labware: vial-50ml, closed: true}}
observers: [watcher]
"""
WEIGH = """
steps:
  - dispense: {material: water, into: vial, volume: 20 mL}
  - weigh: {vessel: vial}
"""


class Says:
    """A person who answers every question with one word."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.asked: list[Asked] = []

    async def ask(self, question: Asked) -> Answer:
        self.asked.append(question)
        await anyio.sleep(60)
        return Answer(self.word, "the operator")

    def withdraw(self, question: str, why: str) -> None: ...


def lab(vial: str = "tare: 30 g, closed: true") -> str:
    return LAB.format(vial=vial)


def test_a_weighing_with_a_known_tare_narrows(play: Callable[..., Any], world: Any) -> None:
    world.weights = [50.0]
    done = play(WEIGH, lab=lab())
    (event,) = done.of("volume_narrowed")
    body = event.body
    assert isinstance(body, VolumeNarrowed)
    assert body.evidence == (done.of("observed")[0].position,)
    assert body.before.width == pytest.approx(0.4)  # 1 % of 20 mL, twice
    assert body.volume.width < 0.33
    assert done.state.vessels["vial"].volume.contains(20.0)


def test_two_weighings_tell_what_was_added_between(play: Callable[..., Any], world: Any) -> None:
    """The vial is known to 2 %, the tare not at all: what was put in is known to the difference all the same."""
    world.weights = [50.0, 60.05]
    steps = """
    steps:
      - weigh: {vessel: vial}
      - dispense: {material: water, into: vial, volume: 10 mL}
      - weigh: {vessel: vial}
      - transfer: {from: vial, into: other, volume: 1 mL}
    """
    done = play(steps, lab=lab("contents: {water: 20 mL}, closed: true"))
    (event,) = done.of("volume_narrowed")
    assert event.body.volume.width == pytest.approx(0.8 + 2 * (0.05 + 0.01), abs=0.02)
    assert event.body.before.width == pytest.approx(0.8 + 0.2)
    assert len(event.body.evidence) == 2


def test_a_weighing_that_says_less_than_is_known_is_not_put_on_record(
    play: Callable[..., Any], world: Any
) -> None:
    world.weights = [50.0]
    assert not play(WEIGH, lab=lab("closed: true")).of("volume_narrowed")


def test_a_measured_volume_narrows_too(play: Callable[..., Any], world: Any) -> None:
    world.value = lambda world: 12.0
    world.failures[1] = _unknown
    steps = """
    steps:
      - dispense: {material: water, into: vial, volume: 20 mL}
        on_error: skip
      - measure: {what: volume, in: vial}
      - dispense: {material: water, into: vial, to_total: 30 mL}
    """
    done = play(steps, lab=lab("closed: true"))
    assert done.of("volume_narrowed")[0].body.before.width == pytest.approx(20.0)
    assert done.world.doses[-1][2] == pytest.approx(18.0)


@pytest.mark.parametrize(("word", "holds"), [("measurement", 25.0), ("ledger", 20.0)])
def test_a_contradiction_is_asked_and_the_ledger_follows_the_answer(
    play: Callable[..., Any], world: Any, word: str, holds: float
) -> None:
    world.weights = [55.0, 55.0]
    person = Says(word)
    done = play(WEIGH + "  - weigh: {vessel: vial}\n", lab=lab(), prompts=lambda control: person)
    (question,) = person.asked
    assert "should hold 19.8 to 20.2 mL" in question.text
    assert question.options == ("measurement", "ledger", "stop")
    assert question.default == "stop"
    assert question.limit
    assert [event.body.code for event in done.of("warned") if isinstance(event.body, Warned)] == [CODE]
    stated = done.of("vessel_stated")[-1].body
    assert isinstance(stated, VesselStated)
    assert stated.by == "the operator"
    assert done.state.vessels["vial"].volume.contains(holds)
    assert done.state.vessels["vial"].volume.width < 1.0
    assert done.state.outcome == "done", "the second weighing agrees with what was decided about the first"


def test_the_branch_waits_for_the_answer_and_so_does_whoever_works_on_the_vessel(
    play: Callable[..., Any], world: Any
) -> None:
    world.weights = [55.0]
    steps = """
    steps:
      - dispense: {material: water, into: vial, volume: 20 mL}
      - parallel:
          - - weigh: {vessel: vial}
            - note: the branch
          - - wait: 5 s
            - note: another branch
            - dispense: {material: water, into: vial, to_total: 30 mL}
    """
    done = play(steps, lab=lab(), prompts=lambda control: Says("measurement"))
    answered = next(event for event in done.events if isinstance(event.body, Answered))
    noted = {event.body.text: event.at for event in done.of("noted")}
    assert noted["another branch"] < answered.at <= noted["the branch"]
    assert done.of("intended")[-1].at >= answered.at
    assert done.world.doses[-1][2] == pytest.approx(5.0, abs=0.1)


def test_when_nobody_answers_the_run_stops_and_the_vessel_may_hold_either(
    play: Callable[..., Any], world: Any
) -> None:
    world.weights = [55.0]
    done = play(WEIGH, lab=lab())  # a simulation without people: the default counts at once
    stop = next(event.body for event in done.events if isinstance(event.body, ControlAsked))
    assert (stop.what, stop.by) == ("stop", "default")
    assert done.state.outcome == "stopped"
    held = done.state.vessels["vial"].volume
    assert held.contains(20.0)
    assert held.contains(25.0)


LOOK = """
steps:
  - dispense: {material: water, into: vial, volume: 20 mL}
  - image: {vessel: vial}
  - wait: 5 min
  - note: went on
"""


def test_what_an_observer_sees_in_a_picture_narrows(play: Callable[..., Any], world: Any) -> None:
    world.sees, world.value, world.failures[1] = "volume", lambda world: 12.0, _unknown
    steps = LOOK.replace("volume: 20 mL}", "volume: 20 mL}\n    on_error: skip")
    (event,) = play(steps, lab=lab("closed: true")).of("volume_narrowed")
    assert event.body.by == "watcher"
    assert event.body.volume.width == pytest.approx(2.5)


def test_an_observer_that_contradicts_asks_while_the_rest_goes_on(
    play: Callable[..., Any], world: Any
) -> None:
    world.sees, world.value = "volume", lambda world: 25.0
    person = Says("ledger")
    done = play(LOOK, lab=lab(), prompts=lambda control: person)
    assert len(person.asked) == 1
    assert done.state.outcome == "done"
    assert done.state.vessels["vial"].volume.contains(20.0)


def test_a_picture_from_before_a_dose_says_nothing_about_the_vessel_now(
    play: Callable[..., Any], world: Any
) -> None:
    world.sees, world.value, world.look_time = "volume", lambda world: 20.0, 60.0
    steps = LOOK.replace("  - wait", "  - dispense: {material: water, into: vial, volume: 5 mL}\n  - wait")
    done = play(steps, lab=lab())
    assert not done.of("warned")
    assert not done.of("volume_narrowed")


@pytest.mark.parametrize("share", [0.0, 0.05])
def test_a_driver_that_tells_no_amount_moves_what_was_asked_for_with_its_uncertainty(
    play: Callable[..., Any], world: Any, share: float
) -> None:
    world.failures[1], world.doses_within = _done_without_amount, share
    done = play(
        "steps:\n  - dispense: {material: water, into: vial, volume: 20 mL}\n", lab=lab("closed: true")
    )
    assert done.state.vessels["vial"].volume.width == pytest.approx(40 * share)
    assert done.of("intended")[0].body.effects[0].volume.width == pytest.approx(40 * share)


def test_a_driver_that_says_nothing_about_its_doses_is_trusted_to_five_percent() -> None:
    from labcore.capabilities import Dosing, Spot
    from labcore.engine.session import Session
    from labcore.model.quantity import Quantity

    session = Session("pump", object(), simulated=True)  # type: ignore[arg-type]
    arguments = {"source": Spot("a", "a"), "target": Spot("b", "b"), "volume": Quantity(20, "mL")}
    (effect,) = session.effects(session.mark(Dosing, "dispense"), arguments)  # type: ignore[arg-type]
    assert (effect.volume.low, effect.volume.high) == (19.0, 21.0)  # type: ignore[union-attr]


def test_what_is_weighed_while_a_dose_goes_in_says_nothing(play: Callable[..., Any], world: Any) -> None:
    """The other branch's dose began before the weighing and ends after it: nobody knows how much of it was weighed."""
    world.weights, world.dose_time = [55.0], 30.0
    steps = """
    steps:
      - dispense: {material: water, into: vial, volume: 20 mL}
      - parallel:
          - - wait: 10 s
            - weigh: {vessel: vial, balance: scale}
          - - dispense: {material: water, into: vial, volume: 4 mL}
    """
    two = lab().replace(
        "devices: {robot: {driver: fake}}", "devices: {robot: {driver: fake}, scale: {driver: fake}}"
    )
    two = two.replace("station: robot", "station: scale")
    person = Says("measurement")
    done = play(steps, lab=two, prompts=lambda control: person)
    assert [event.body.observable for event in done.of("observed")] == ["mass"]
    assert (person.asked, done.of("volume_narrowed")) == ([], [])
    assert done.state.vessels["vial"].volume.contains(24.0)


def test_a_vessel_that_weighs_less_than_its_tare_holds_nothing_if_that_is_believed(
    play: Callable[..., Any], world: Any
) -> None:
    world.weights = [29.0]
    person = Says("measurement")
    done = play(WEIGH, lab=lab(), prompts=lambda control: person)
    assert "measured were -1.06 to" in person.asked[0].text
    assert done.state.vessels["vial"].volume == Interval.exactly(0.0)


def test_a_stop_while_a_person_thinks_leaves_both_possible(play: Callable[..., Any], world: Any) -> None:
    world.weights = [55.0]

    async def stop(run: Any) -> None:
        await anyio.sleep(30)
        await run.control.ask("stop", "somebody")

    done = play(WEIGH, lab=lab(), prompts=lambda control: Says("measurement"), during=stop)
    held = done.state.vessels["vial"].volume
    assert done.state.outcome == "stopped"
    assert held.contains(20.0)
    assert held.contains(25.0)


async def _unknown() -> Any:
    from labcore.capabilities import Outcome

    return Outcome("unknown")


async def _done_without_amount() -> Any:
    from labcore.capabilities import Outcome

    return Outcome("done")
