"""Devices that hang, dawdle, trickle, restart, report faults, or are not who they were (catalogue C17, C18)."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from labcore_simulators.instruments.outbox import Outbox

DOSE = "dispense: {material: water, into: vial, volume: 10 mL}"
STIR = "stir: {vessel: vial, speed: 300 rpm}"


def from_time(bench: Any, device: str, at: float, **how: Any) -> Any:
    async def during(run: Any) -> None:
        await anyio.sleep(at)
        for name, value in how.items():
            setattr(bench.cables[device], name, value)

    return during


def while_it_pushes(bench: Any, then: Any) -> Any:
    """Do something a second after the machine was told to push liquid out."""

    async def during(run: Any) -> None:
        told = anyio.Event()

        def listen(direction: str, data: bytes) -> bool:
            if direction == "send" and b"Z0.0000" in data:
                told.set()
            return False

        bench.cables["dispenser"].when = listen
        await told.wait()
        await anyio.sleep(1)
        then(bench, anyio.current_time())

    return during


# ------------------------------------------------------------------------------------------------ stuck
def hang(bench: Any, now: float) -> None:
    bench.cables["dispenser"].delay = 1e6


def test_a_machine_that_never_answers_is_unknown_within_its_deadline(bench: Any) -> None:
    done = bench.play(f"steps:\n - {DOSE}\n   retry: 3", during=while_it_pushes(bench, hang))
    intent, settled = done.of("intended")[0], done.of("settled")[0]
    assert settled.body.status == "unknown"
    assert settled.at - intent.at <= 1.1 * intent.body.deadline
    assert len(done.of("intended")) == 1
    held = done.state.vessels["vial"].volume
    assert held.low <= done.poured <= held.high


@pytest.mark.parametrize(("delay", "outcome"), [(0.9, "done"), (1.3, "failed")])
def test_a_plate_that_answers_just_in_time_works_and_just_too_late_does_not(
    bench: Any, delay: float, outcome: str
) -> None:
    text = f"leave_on: [stirrer]\nsteps:\n - wait: 10 s\n - {STIR}"
    done = bench.play(text, during=from_time(bench, "stirrer", 5.0, delay=delay))
    assert done.state.outcome == outcome
    first = done.of("settled", "stirrer")[0]
    assert first.body.status == ("done" if outcome == "done" else "unknown")
    assert (
        first.at - done.of("intended", "stirrer")[0].at
        < 1.1 * done.of("intended", "stirrer")[0].body.deadline
    )


def test_a_plate_whose_bytes_trickle_is_given_up_in_time_and_said_to_be_unconfirmed(bench: Any) -> None:
    text = f"steps:\n - {STIR}\n - wait: 20 s"
    done = bench.play(text, during=from_time(bench, "stirrer", 10.0, delay=0.45, piece=1))
    assert done.state.outcome == "done"
    off = done.of("stop_settled")[-1].body
    assert off.status == "unconfirmed"
    assert done.of("settled")[-1].body.status == "unknown"
    intent, settled = done.of("intended")[-1], done.of("settled")[-1]
    assert settled.at - intent.at <= 1.1 * intent.body.deadline
    assert ("stirrer", "speed") in done.state.outputs


# ------------------------------------------------------------------------------------------------ restarts and faults
def test_a_machine_that_restarts_in_mid_dose_is_settled_with_what_it_may_have_given(bench: Any) -> None:
    def restart(bench: Any, now: float) -> None:
        bench.devices["dispenser"].board.power_up(now)

    during = while_it_pushes(bench, restart)
    done = bench.play(f"steps:\n - {DOSE}\n   on_error: {{unknown: skip}}\n - note: after", during=during)
    settled = done.of("settled")[0].body
    assert settled.status == "unknown"
    assert "restarted" in settled.message
    held = done.state.vessels["vial"].volume
    assert held.low <= done.poured <= held.high
    assert done.state.outcome == "done"


def test_a_fault_code_is_said_in_words_and_its_amount_is_known(bench: Any) -> None:
    def alarm(bench: Any, now: float) -> None:
        bench.devices["dispenser"].board.alarm(1, now)

    during = while_it_pushes(bench, alarm)
    done = bench.play(f"steps:\n - {DOSE}\n   on_error: {{partly: skip, unknown: skip}}", during=during)
    settled = done.of("settled")[0].body
    assert settled.status in ("partly", "unknown")
    assert "alarm 1" in settled.message
    held = done.state.vessels["vial"].volume
    assert held.low <= done.poured <= held.high


def test_a_plate_that_restarted_is_off_and_its_watchdog_is_armed_again(bench: Any) -> None:
    """It lost its set-point, its watchdog and the cable; stirring again arms the watchdog first."""

    async def during(run: Any) -> None:
        await anyio.sleep(15)
        bench.cables["stirrer"].pull()
        plate, now = bench.devices["stirrer"], anyio.current_time()
        for channel in plate.on:
            plate._switch(channel, False, now)
        plate.watch.clear()
        bench.cables["stirrer"].plugged = True
        while run.writer.state.status != "paused":
            await run.writer.changed.wait()
        await run.control.ask("resume", "me")

    text = f"steps:\n - {STIR}\n - wait: 40 s\n - {STIR}\n - wait: 40 s"
    done = bench.play(text, during=during, prompts=lambda control: None)
    assert done.state.outcome == "done"
    assert done.of("stop_settled")[0].body.confirmed_by == "read back when it was found again"
    first, second = (event.body for event in done.of("intended") if event.body.method == "stir")
    assert first.frames == second.frames
    assert first.frames[0].startswith("OUT_WD1@")


# ------------------------------------------------------------------------------------------------ swapped
class Stranger:
    """Another make of stirrer, with the same line settings."""

    def __init__(self, line: Any, name: str) -> None:
        self.line, self.name, self.out, self.heard = line, name, Outbox(), b""

    def opened(self, now: float) -> None:
        pass

    def feed(self, data: bytes, now: float) -> None:
        self.heard += data
        if b"IN_NAME" in data:
            self.out.say(f"{self.name}\r\n")

    def poll(self, now: float) -> bytes:
        return self.out.take()

    def due(self) -> float | None:
        return None


def test_another_device_at_the_port_is_refused_with_a_sentence_and_nothing_is_sent_to_it(bench: Any) -> None:
    from labcore.wire.in_process import InProcessLink

    strangers = []

    async def during(run: Any) -> None:
        await anyio.sleep(15)
        cable = bench.cables["stirrer"]
        cable.pull()
        strangers.append(Stranger(bench.devices["stirrer"].line, "Heidolph MR"))
        cable.instead, cable.plugged = InProcessLink(strangers[0], "sim://ika-rct"), True

    text = f"steps:\n - {STIR}\n - wait: 60 s\n - measure: {{what: speed, in: vial}}\n   on_error: {{lost: skip}}"
    done = bench.play(text, during=during)
    failed = done.of("step_ended")[2].body
    assert failed.code == "E921"
    assert "IKA Heidolph MR answered where IKA RCT digital was" in failed.error
    assert "swapped" in failed.remedy
    assert b"STOP" not in strangers[0].heard
    assert b"OUT" not in strangers[0].heard
    assert len(done.of("device_connected", "stirrer")) == 1
    assert done.of("stop_settled")[-1].body.status == "unconfirmed"


def test_two_ports_swapped_from_the_start_are_refused(bench: Any) -> None:
    def setup(cable: Any) -> None:
        if cable.name == "sim://gantry":
            from labcore.wire.in_process import InProcessLink

            cable.instead = InProcessLink(
                Stranger(bench.devices["dispenser"].line, "RCT digital"), cable.name
            )

    bench.setup = setup
    done = bench.play(f"steps:\n - {DOSE}")
    assert done.state.outcome == "failed"
    assert done.of("intended") == []
    assert "dispenser: nothing that looks like" in done.state.reason
