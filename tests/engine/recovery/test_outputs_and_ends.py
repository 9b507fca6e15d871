"""Outputs that recovery makes safe and brings back; clean-up, pauses, stops; recoveries that are killed, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcore.errors import DecisionNeeded, DeviceTimeout
from labcore.plugin.driver import Identity

LAB = """
lab: two devices
devices: {robot: {driver: fake}, pump: {driver: fake}}
positions: {plate: {fits: vial-50ml, station: robot}}
stock: {water: {in: bottle, volume: 200 mL}}
vessels: {vial: {at: plate, labware: vial-50ml}}
"""
HEAD = """
vessels: {vial: {labware: vial-50ml}}
materials: {water: {}}
devices: {robot: [stirring], pump: [dosing]}
"""
Crash = Callable[..., Any]
At = Callable[..., Any]

# ------------------------------------------------------------------------------------------ outputs
STIRS = """
steps:
  - stir: {vessel: vial, speed: 300 rpm}
    for: 60 s
  - wait: 20 s
  - note: later
  - wait: 100 s
"""


def test_an_output_is_made_safe_and_comes_back_for_the_rest_of_its_time(
    run: Any, event_at: At, world: Any
) -> None:
    done = run(STIRS, event_at("noted")).recover(away=10.0)
    assert world.sent == ["STIR 300", "STIR OFF", "STIR 300", "STIR OFF"]
    assert done.of("recovery_decided")[0].restores == (("robot", "speed"),)
    off = [event.at for event in done.events if event.kind == "stop_settled"][-1]
    assert off == pytest.approx(61.5, abs=2.0)


def test_one_whose_time_is_over_stays_off(run: Any, event_at: At, world: Any) -> None:
    done = run(STIRS, event_at("noted")).recover(away=300.0)
    assert world.sent == ["STIR 300", "STIR OFF"]
    assert done.of("recovery_decided")[0].restores == ()


@pytest.mark.parametrize("decision", ["finish", "close"])
def test_without_resume_nothing_comes_back(run: Any, event_at: At, world: Any, decision: str) -> None:
    run(STIRS, event_at("noted")).recover(decision)
    assert world.sent == ["STIR 300", "STIR OFF"]


def test_with_a_device_missing_what_is_there_is_made_safe_and_the_rest_waits(
    crash: Crash, event_at: At, world: Any
) -> None:
    there = {"pump": True}

    async def connect(self: Any) -> Identity:
        if not there.get(self.site.device, True):
            raise DeviceTimeout("no answer", device=self.site.device)
        return Identity("fake")

    steps = STIRS + "  - dispense: {material: water, into: vial, volume: 1 mL, using: pump}\n"
    crashed = crash(steps, event_at("noted"), lab=LAB, head=HEAD, driver={"connect": connect})
    there["pump"] = False
    with pytest.raises(BaseException) as caught:
        crashed.recover()
    assert caught.group_contains(DecisionNeeded, match="pump: no answer. Switched off: robot; nothing else")
    assert world.sent == ["STIR 300", "STIR OFF"]
    assert crashed.interrupted.state.status == "recovering"
    there["pump"] = True
    done = crashed.recover()
    assert world.sent == ["STIR 300", "STIR OFF", "STIR 300", "STIR OFF"]
    assert done.state.outcome == "done"


def test_an_output_whose_end_nobody_knows_is_switched_off_and_set_again(
    run: Any, event_at: At, world: Any
) -> None:
    done = run(STIRS, event_at("intended")).recover()
    assert world.sent[:2] == ["STIR OFF", "STIR 300"]
    assert [one.by for one in done.of("settled")][0] == "recovery"
    assert done.state.outcome == "done"
    assert not done.state.outputs


@pytest.mark.parametrize("after", [True, False])
def test_one_that_was_being_switched_off_does_not_come_back(
    run: Any, event_at: At, world: Any, after: bool
) -> None:
    steps = """
    steps:
      - stir: {vessel: vial, speed: 300 rpm}
      - stop: {device: robot}
      - wait: 100 s
    """
    done = run(steps, event_at("intended", "2"), after=after).recover()
    assert done.of("recovery_decided")[0].restores == (() if after else (("robot", "speed"),))
    assert world.sent[-1] == "STIR OFF"
    assert world.sent.count("STIR 300") == (1 if after else 2)
    assert done.state.outcome == "done"


def test_one_that_cannot_be_switched_on_again_pauses_the_run(run: Any, event_at: At, world: Any) -> None:
    from labcore.capabilities import Act
    from labcore.errors import DeviceRefused

    tries: list[float] = []

    def stir(self: Any, speed: Any) -> Any:
        async def send() -> Any:
            tries.append(speed.value)
            if len(tries) > 1:
                raise DeviceRefused("error 9")
            return await self._simple("STIR", 0.5).send()

        return Act(("STIR",), send, 30.0)

    crashed = run(STIRS, event_at("noted"), driver={"stir": stir})

    async def stop(one: Any) -> None:
        while one.writer.state.status != "paused":
            await one.writer.changed.wait()
        one.control.post("stop", "Ann")

    done = crashed.recover(during=stop)
    assert len(tries) == 2
    assert done.of("warned")[0].code == "W912"
    assert "could not be switched on again" in done.of("paused")[0].reason
    assert done.state.outcome == "stopped"


# ------------------------------------------------------------------------------------------ clean-up, pauses
WAITS = """
steps:
  - parallel:
      - - wait: 100 s
      - - wait: 30 s
        - note: meanwhile
"""
CLEANS = """
steps:
  - note: body
finally:
  - note: first
  - dispense: {material: water, into: vial, volume: 1 mL}
  - note: last
"""


@pytest.mark.parametrize("kind", ["step_started", "intended", "settled"])
def test_no_clean_up_step_is_begun_twice(run: Any, event_at: At, world: Any, kind: str) -> None:
    crashed = run(CLEANS, event_at(kind, "finally.2"))
    done = crashed.recover(said=dict.fromkeys(crashed.open_acts, "unknown"))
    assert [one for one in done.kinds("finally.2") if one == "step_started"] == ["step_started"]
    assert done.ends()["finally.2"].outcome == "cut"
    assert "not begun a second time" in done.ends()["finally.2"].error
    assert [one.text for one in done.of("noted")] == ["body", "first", "last"]
    assert len(world.doses) == (1 if kind == "settled" else 0)


def test_a_paused_run_is_paused_when_it_is_taken_over(run: Any, event_at: At, person: Any) -> None:
    async def pause(one: Any) -> None:
        one.control.post("pause", "Ann")

    people = person(nothing="")
    crashed = run(WAITS, event_at("paused"), during=pause, prompts=people)

    async def go_on(one: Any) -> None:
        import anyio

        while one.writer.state.status != "paused":
            await one.writer.changed.wait()
        await anyio.sleep(50.0)
        one.control.post("resume", "Ben")

    done = crashed.recover(during=go_on, prompts=people)
    assert done.of("recovery_decided")[0].decision == "resume"
    assert [one.by for one in done.of("control_asked")] == ["Ann", "Ben"]
    assert done.state.outcome == "done"


@pytest.mark.parametrize("what", ["stop", "abort"])
def test_a_run_that_was_being_stopped_is_not_resumed(run: Any, event_at: At, world: Any, what: str) -> None:
    async def end(one: Any) -> None:
        one.control.post(what, "Ann")

    crashed = run(STIRS + "finally: [{note: tidy}]", event_at("control_asked"), during=end)
    done = crashed.recover("resume")
    assert done.state.outcome == {"stop": "stopped", "abort": "aborted"}[what]
    assert [one.text for one in done.of("noted")] == (["tidy"] if what == "stop" else [])


def test_a_failure_that_was_put_to_a_person_is_put_to_them_again(
    run: Any, event_at: At, world: Any, refuses: Any, person: Any
) -> None:
    steps = """
    steps:
      - dispense: {material: water, into: vial, volume: 1 mL}
        on_error: ask
      - note: after
    """
    world.failures[1] = refuses
    ann = person(what_shall_be_done="skip")
    done = run(steps, event_at("asked"), prompts=ann).recover()
    assert len(done.of("asked")) == 2
    assert done.state.outcome == "done"
    assert [one.text for one in done.of("noted")] == ["after"]


# ------------------------------------------------------------------------------------------ recovery, killed
EVERY = (
    "recovery_begun",
    "withdrawn",
    "device_connected",
    "settled",
    "stop_settled",
    "recovery_decided",
    "step_resumed",
)


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("after", [True, False])
def test_a_recovery_that_dies_is_recovered(
    run: Any, event_at: At, world: Any, person: Any, kind: str, after: bool
) -> None:
    steps = """
    steps:
      - parallel:
          - - stir: {vessel: other, speed: 300 rpm}
            - wait: 200 s
          - - dispense: {material: water, into: vial, volume: 1 mL}
          - - prompt: {text: Is it clear, options: [clear, cloudy]}
    """
    ann = person(is_it_clear="clear")
    crashed = run(steps, event_at("asked"), prompts=ann)
    assert len(crashed.open_acts) in (1, 2)
    first = dict.fromkeys(crashed.open_acts, "not started")
    crashed.recover(
        said={act: end for act, end in first.items() if _moves(crashed, act)},
        dies=event_at(kind),
        after=after,
    )
    assert crashed.interrupted.state.status != "ended"
    left = {act: "not started" for act in crashed.open_acts if _moves(crashed, act)}
    done = crashed.recover(said=left)
    assert done.state.outcome == "done"
    assert done.state.recoveries == (1 if kind == "recovery_begun" and not after else 2)
    assert len(world.doses) == 1
    assert done.of("answered")[-1].value == "clear"
    assert world.sent[-1] == "STIR OFF"
    assert not done.state.outputs


def _moves(crashed: Any, act: str) -> bool:
    return bool(crashed.interrupted.state.intents[act].method == "dispense")
