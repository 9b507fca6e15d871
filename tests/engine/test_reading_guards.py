"""Guards at work: a broken heater, a door, a sensor that falls silent; beside the run, in every state of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.app.running import RunUnderWay
from labcore.capabilities import Act, Heating, Measuring, Outcome, Reading, Spot, Stirring
from labcore.model.quantity import Quantity

HEAT = """
    steps:
      - heat: {device: robot, temperature: 60 °C}
      - wait: 30 min
    finally:
      - note: cleaned up
"""
LAB = """
lab: guarded bench
devices: {robot: {driver: fake, port: "sim://fake"}}
positions:
  plate: {fits: vial-50ml, station: robot}
vessels:
  vial: {at: plate, labware: vial-50ml}
"""


def heater(
    temperature: Callable[[float], Any], door: Callable[[float], float] = lambda at: 1.0
) -> dict[str, Any]:
    """Return what makes the fake driver a heater whose reading at a time is given."""

    async def measure(self: Any, what: str, spot: Spot) -> Reading:
        value = (door if what == "door" else temperature)(anyio.current_time())
        if value is None:
            await anyio.sleep_forever()
        return Reading(Quantity(value, "" if what == "door" else "°C"), 0.1)

    def switch(frame: str) -> Callable[..., Act]:
        def method(self: Any, **given: Any) -> Act:
            async def send() -> Outcome:
                self.world.sent.append(frame)
                return Outcome("done")

            return Act((frame,), send, 30.0)

        return method

    return {
        "transport": "link", "simulator": "fake", "capabilities": (Stirring, Heating, Measuring),
        "measures": {"temperature": "°C", "door": ""},
        "limits": {}, "watchdog": ("temperature", "speed"), "measure": measure,
        "heat": switch("HEAT"), "stop_heating": switch("HEAT OFF"),
    }  # fmt: skip


def test_a_heater_that_does_not_warm_stops_the_run(play: Callable[..., Any], world: Any) -> None:
    done = play(HEAT, lab=LAB, driver=heater(lambda at: 22.0))
    tripped = done.of("guard_tripped")
    assert [event.device for event in tripped] == ["robot"]
    assert tripped[0].body.guard == "robot.temperature"
    assert (tripped[0].body.value, tripped[0].body.unit) == (22.0, "°C")
    assert 60 < tripped[0].at < 70
    assert done.of("control_asked")[0].body.by == "guard robot.temperature"
    assert (done.state.outcome, world.sent) == ("stopped", ["HEAT", "HEAT OFF"])
    assert [event.body.text for event in done.of("noted")] == ["cleaned up"]


def test_a_heater_that_cannot_be_read_stops_the_run(play: Callable[..., Any], world: Any) -> None:
    done = play(HEAT, lab=LAB, driver=heater(lambda at: 60.0 if at < 300 else None))
    assert "could not be read" in done.of("guard_tripped")[0].body.message
    assert done.of("guard_tripped")[0].body.value is None
    assert 318 < done.of("guard_tripped")[0].at < 350
    assert (done.state.outcome, world.sent) == ("stopped", ["HEAT", "HEAT OFF"])


def test_a_healthy_heater_is_left_alone(play: Callable[..., Any], world: Any) -> None:
    done = play(HEAT, lab=LAB, driver=heater(lambda at: min(60.0, 22.0 + at / 4)))
    assert done.of("guard_tripped") == []
    assert done.state.outcome == "done"


@pytest.mark.parametrize(
    ("then", "outcome", "clean"), [("stop", "stopped", True), ("abort", "aborted", False)]
)
def test_a_limit_of_the_lab(
    play: Callable[..., Any], world: Any, then: str, outcome: str, clean: bool
) -> None:
    lab = LAB + f"guards: {{robot: {{temperature: {{max: 70 °C, then: {then}}}}}}}\n"
    done = play(HEAT, lab=lab, driver=heater(lambda at: 60.0 if at < 200 else 70.5))
    assert done.of("guard_tripped")[0].body.message == "robot.temperature is 70.5 °C, above 70 °C"
    assert (done.state.outcome, world.sent[-1]) == (outcome, "HEAT OFF")
    assert bool(done.of("noted")) is clean


def test_a_door_pauses_and_closing_it_resumes_nothing(play: Callable[..., Any], world: Any) -> None:
    lab = LAB + "guards: {robot: {door: {closed: true, every: 50 ms, then: pause}}}\n"
    seen: list[tuple[float, str]] = []

    async def during(run: RunUnderWay) -> None:
        while run.writer.state.status != "paused":
            await run.writer.changed.wait()
        seen.append((run.writer.now(), run.writer.state.status))
        await anyio.sleep(600)  # the door was closed again long ago
        seen.append((run.writer.now(), run.writer.state.status))
        await run.control.ask("resume", "somebody")

    def prompts(control: Any) -> Any:
        return None

    steps = HEAT.replace("- heat: {device: robot, temperature: 60 °C}", "- note: begin").replace(
        "30 min", "5 min"
    )
    door = heater(lambda at: 22.0, door=lambda at: 0.0 if 100.0 < at < 130.0 else 1.0)
    done = play(steps, lab=lab, driver=door, during=during, prompts=prompts)
    assert seen[0] == (pytest.approx(100.0, abs=0.1), "paused")
    assert seen[1] == (pytest.approx(700.0, abs=0.1), "paused")
    assert [event.body.guard for event in done.of("guard_tripped")] == ["robot.door"]
    assert done.state.outcome == "done"


def test_a_driver_that_raises_gives_no_reading(play: Callable[..., Any], world: Any) -> None:
    def broken(at: float) -> float:
        raise ZeroDivisionError

    done = play(HEAT, lab=LAB, driver=heater(broken))
    assert "could not be read for 22 s" in done.of("guard_tripped")[0].body.message
    assert done.state.outcome == "stopped"
