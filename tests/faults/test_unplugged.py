"""A cable is pulled at each of six moments: said once, settled truthfully, found again, and never dosed twice (catalogue C14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.ports import Answer

DOSE = "dispense: {material: water, into: vial, volume: 10 mL}"
POLICY = "{unknown: {then: ask, limit: 60 s, default: skip}, lost: pause, otherwise: stop}"
TWO = (
    f"steps:\n - {DOSE}\n   on_error: {POLICY}\n - wait: 30 s\n - {DOSE}\n   on_error: {POLICY}\n - note: end"
)


class Nobody:
    async def ask(self, question: Any) -> Answer:
        await anyio.sleep_forever()
        raise AssertionError

    def withdraw(self, question: str, why: str) -> None:
        pass


class Slow(Nobody):
    async def ask(self, question: Any) -> Answer:
        await anyio.sleep(60)
        return Answer("skip", "Ada")


def mended(bench: Any, device: str = "dispenser", pull: Callable[[Any, Any], bool] | None = None) -> Any:
    """Pull the plug when `pull(run, cable)` says so, plug it in again 20 s after it came out, and resume what is paused."""

    async def during(run: Any) -> None:
        pulled = False
        while True:
            cable = bench.cables[device]
            if pull is not None and not pulled and pull(run, cable):
                pulled = True
                cable.pull()
            if not cable.plugged:
                await anyio.sleep(20)
                cable.when, cable.plugged = (lambda direction, data: False), True
            if run.writer.state.status == "paused":
                await run.control.ask("resume", "me")
            await anyio.sleep(0.1)

    return during


def wire(direction: str, words: bytes, after: int) -> Any:
    """Say when to pull: the n-th time these bytes go past in this direction."""
    seen = [0]

    def when(way: str, data: bytes) -> bool:
        seen[0] += way == direction and words in data
        return seen[0] == after and way == direction and words in data

    return when


MOMENTS = {
    "sending a travel": ("send", b"X", 2, False),
    "sending half a push": ("send", b"Z", 2, True),
    "waiting for ok": ("receive", b"ok", 12, False),
    "reading half a status": ("receive", b"<", 8, True),
    "reading while it moves": ("receive", b"Run", 2, False),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_pulled_in_mid_act_nothing_is_dosed_twice(bench: Any, moment: str) -> None:
    direction, words, after, half = MOMENTS[moment]

    def setup(cable: Any) -> None:
        if cable.name == "sim://gantry":
            cable.when, cable.half = wire(direction, words, after), half

    bench.setup = setup
    done = bench.play(TWO, during=mended(bench), prompts=lambda control: Nobody())
    assert done.state.outcome == "done", done.state.reason
    lost = done.of("device_lost")
    assert [event.device for event in lost] == ["dispenser"], "said once"
    assert "sim://gantry" in lost[0].body.message
    assert len(done.of("device_connected", "dispenser")) == 2
    assert len(done.of("settled")) == len(done.of("intended"))
    sure = [event for event in done.of("settled") if event.body.status == "done"]
    held = done.state.vessels["vial"].volume
    assert held.low <= done.poured <= held.high, "the ledger contains what was poured"
    assert len(sure) == 2 or held.width > 1.0
    assert not done.state.lost


def test_pulled_while_idle_the_next_act_finds_it_again_and_is_done_once(bench: Any) -> None:
    def idle(run: Any, cable: Any) -> bool:
        return "2" in run.writer.state.live

    text = f"steps:\n - {DOSE}\n - wait: 30 s\n - {DOSE}\n - note: end"
    done = bench.play(text, during=mended(bench, pull=idle))
    assert (
        done.state.outcome == "failed"
    )  # noticed at the first byte; the protocol says nothing, so the block fails
    assert done.of("step_ended")[-1].body.code == "E921"
    done = bench.play(TWO, during=mended(bench, pull=idle), prompts=lambda control: Nobody())
    assert done.state.outcome == "done"
    assert done.poured == pytest.approx(20, rel=0.02)
    assert [event.body.status for event in done.of("settled")] == ["done", "not_started", "done"]
    assert [event.body.policy for event in done.of("error_handled")] == ["pause", "retry"]


def test_a_device_that_does_not_come_back_is_given_up_in_bounded_time(bench: Any) -> None:
    async def during(run: Any) -> None:
        await anyio.sleep(60)
        bench.cables["dispenser"].pull()

    text = f"steps:\n - wait: 100 s\n - {DOSE}\n   on_error: {{lost: {{retry: 2, then: skip}}}}\n - note: end"
    done = bench.play(text, during=during)
    assert done.state.outcome == "done"
    assert [event.body.policy for event in done.of("error_handled")] == ["retry", "retry", "skip"]
    assert len(done.of("device_lost")) == 1
    assert done.events[-1].at < 200
    assert (
        "in 5 attempts" in done.of("step_ended")[1].body.error
        or "in 5 attempts" in done.of("step_ended")[2].body.error
    )
    assert "dispenser" in done.state.lost


def test_a_resumed_run_looks_for_what_was_lost_before_it_is_used(bench: Any) -> None:
    async def during(run: Any) -> None:
        await anyio.sleep(20)
        bench.cables["dispenser"].pull()
        while run.writer.state.status != "paused":
            await run.writer.changed.wait()
        bench.cables["dispenser"].plugged = True
        await run.control.ask("resume", "me")

    policy = "{unknown: pause}"
    text = f"steps:\n - {DOSE}\n   on_error: {policy}\n - note: after"
    done = bench.play(text, during=during, prompts=lambda control: Slow())
    asked, found = done.of("asked")[0], done.of("device_connected", "dispenser")[1]
    assert asked.body.options == ("skip", "stop", "pause")
    assert found.at < asked.at + 5, "while the person is still thinking"
    assert len(done.of("intended")) == 1


# ------------------------------------------------------------------------------------------------ outputs
STIR = "steps:\n - stir: {vessel: vial, speed: 300 rpm}\n - wait: 60 s\n - measure: {what: speed, in: vial}\n - note: end"


def stirring_since(run: Any, seconds: float) -> bool:
    state = run.writer.state
    return any(
        state.at - one.at >= 0 and run.writer.now() - one.at > seconds for one in state.outputs.values()
    )


def test_a_stirrer_that_kept_stirring_is_fed_again_and_goes_on(bench: Any) -> None:
    async def during(run: Any) -> None:
        await anyio.sleep(15)
        bench.cables["stirrer"].pull()
        await anyio.sleep(5)
        bench.cables["stirrer"].plugged = True

    done = bench.play(STIR, during=during)
    assert done.state.outcome == "done"
    assert [event.device for event in done.of("device_lost")] == ["stirrer"]
    assert len(done.of("device_connected", "stirrer")) == 2
    assert done.of("stop_settled")[0].body.confirmed_by != "read back when it was found again"
    assert done.of("observed")[0].body.value == pytest.approx(300, rel=0.05)
    assert len(done.of("intended")) == 2  # stir, and off at the end: nothing was sent again


def test_a_stirrer_whose_watchdog_fired_meanwhile_is_known_to_be_off_and_the_run_pauses(bench: Any) -> None:
    async def during(run: Any) -> None:
        await anyio.sleep(15)
        bench.cables["stirrer"].pull()
        await anyio.sleep(30)
        bench.cables["stirrer"].plugged = True

    done = bench.play(STIR, during=during)
    off = done.of("stop_settled")[0].body
    assert (off.status, off.confirmed_by) == ("halted", "read back when it was found again")
    assert [(event.body.what, event.body.by) for event in done.of("control_asked")][0] == ("pause", "labcore")
    assert "came back with speed off" in done.of("paused")[0].body.reason
    assert [event.body.method for event in done.of("intended")] == ["stir"], "nothing was switched on again"
    assert done.state.outputs == {}
    assert done.of("noted") == []


def test_pulled_during_the_stop_it_is_said_that_nothing_is_confirmed(bench: Any) -> None:
    def setup(cable: Any) -> None:
        if cable.name == "sim://ika-rct":
            cable.when = wire("send", b"STOP_4", 1)

    async def during(run: Any) -> None:
        await anyio.sleep(20)
        await run.control.ask("stop", "me")

    bench.setup = setup
    done = bench.play(STIR, during=during)
    assert done.state.outcome == "stopped"
    assert [event.device for event in done.of("device_lost")] == ["stirrer"]
    last = done.of("stop_settled", "stirrer")[-1].body
    assert last.status == "unconfirmed"
    assert "sim://ika-rct" in last.message
    assert ("stirrer", "speed") in done.state.outputs, "nobody proved that it is off"
