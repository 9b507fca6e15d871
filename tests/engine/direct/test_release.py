"""Outputs made safe, and switched on again: what is sent, in which order, and what the record says of each device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.capabilities import Outcome
from labcore.engine.guard_post import STOPPING
from labcore.engine.release import LIMIT, release, switch_off
from labcore.engine.restore import restore
from labcore.engine.storage import _switched_off
from labcore.errors import DeviceError, DeviceRefused
from labcore.model.effect import SetOutput
from labcore.model.event import ControlAsked, Intended, Settled, StopSettled, Warned
from labcore.state.run_state import Output, evolve

OnBench = Callable[..., Any]
HEAT, SPEED = ("plate", "temperature"), ("plate", "speed")


def says(message: str, status: Any = "done") -> Any:
    async def send() -> Outcome:
        return Outcome(status, message=message)

    return send


async def hangs() -> Outcome:
    await anyio.sleep_forever()
    raise AssertionError


def stops(bench: Any) -> list[StopSettled]:
    return [body for body in bench.written() if isinstance(body, StopSettled)]


@pytest.mark.parametrize("suspends", [False, True])
@pytest.mark.parametrize(
    ("heater", "stirrer", "by"),
    [("", "", "the device's answer"), ("cold", "", "cold"), ("cold", "0 rpm", "cold; 0 rpm")],
)
def test_a_device_is_made_safe_by_its_own_word(
    on_bench: OnBench, heater: str, stirrer: str, by: str, suspends: bool
) -> None:
    async def job(bench: Any) -> Any:
        bench.device.sends = {"stop_heating": says(heater), "stop_stirring": says(stirrer)}
        await release(bench.setting, "2", (HEAT, SPEED), suspends=suspends)
        event = bench.events()[-1]
        assert (event.step, event.device, event.source) == ("2", "plate", "real")
        assert {event.step for event in bench.events()} == {"2"}
        return stops(bench)

    outputs, frames = ("temperature", "speed"), ("HEAT OFF", "STIR OFF")
    assert on_bench(job) == [StopSettled("halted", outputs, by, "", frames, suspends)]


def test_devices_go_off_side_by_side_heat_first(on_bench: OnBench) -> None:
    begun: list[str] = []

    async def job(bench: Any) -> Any:
        for name in ("arm", "oven"):
            device = bench.add(name, simulated=name == "oven")

            async def send(name: str = name) -> Outcome:
                assert STOPPING.get(), "allowed while the lab is latched"
                begun.append(name)
                await anyio.sleep(5.0)
                return Outcome("done")

            device.sends = {"stop_heating": send, "stop_stirring": send}
        began = anyio.current_time()
        await release(bench.setting, "", (("arm", "speed"), ("oven", "temperature")))
        assert not STOPPING.get()
        assert anyio.current_time() - began == 5.0
        settled = [event for event in bench.events() if event.kind == "stop_settled"]
        return [(event.device, event.source, event.body.outputs, event.body.suspends) for event in settled]

    assert on_bench(job) == [
        ("oven", "simulated", ("temperature",), False),
        ("arm", "real", ("speed",), False),
    ]
    assert begun == ["oven", "arm"]


def test_who_is_cancelled_meanwhile_makes_safe_first(on_bench: OnBench) -> None:
    async def slow() -> Outcome:
        await anyio.sleep(5.0)
        return Outcome("done")

    async def job(bench: Any) -> Any:
        bench.device.sends, bench.device.cut = {"stop_stirring": slow}, says("", "unknown")
        with anyio.move_on_after(1.0):
            await release(bench.setting, "2", (SPEED,))
        return stops(bench)

    assert on_bench(job) == [StopSettled("halted", ("speed",), "the device's answer", "", ("STIR OFF",))]


@pytest.mark.parametrize(
    ("outputs", "sends", "message", "frames"),
    [
        (("flow",), {}, "plate cannot switch off flow", ()),
        (("speed", "flow"), {}, "plate cannot switch off flow", ("STIR OFF",)),
        (
            ("temperature", "speed"),
            {"stop_stirring": says("error 9", "unknown")},
            "plate: stop_stirring has an unknown end. error 9",
            ("HEAT OFF",),
        ),
        (("speed",), {"stop_stirring": hangs}, "not safe within 60 s", ()),
        (("temperature", "speed"), {"stop_stirring": hangs}, "not safe within 60 s", ("HEAT OFF",)),
    ],
)
def test_what_does_not_go_off_is_unconfirmed_and_says_why(
    on_bench: OnBench, outputs: Any, sends: Any, message: str, frames: Any
) -> None:
    async def job(bench: Any) -> Any:
        bench.device.sends, bench.device.deadline = sends, 90.0
        bench.device.cut = says("cut", "unknown")
        await release(bench.setting, "2", tuple(("plate", one) for one in outputs), suspends=True)
        return stops(bench)

    assert on_bench(job) == [StopSettled("unconfirmed", outputs, "", message, frames, True)]
    assert LIMIT == 60.0


def test_an_output_that_nothing_switches_off_is_refused_with_the_devices_name(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        with pytest.raises(DeviceError, match="^plate cannot switch off flow$") as caught:
            await switch_off(bench.setting, bench.session, "flow", step="2")
        assert caught.value.device == "plate"
        bench.device.sends = {"stop_stirring": says("0 rpm")}
        assert await switch_off(bench.setting, bench.session, "speed", step="2") == "0 rpm"
        settled = StopSettled("unconfirmed", ("flow",), message="nothing switches it off", suspends=True)
        assert await _switched_off(bench.session, "flow", 30.0) == settled

    on_bench(job)


# ------------------------------------------------------------------------------------------ switched on again
HEATED = Intended("act-1", "heat", {"temperature": {"value": 60.0, "unit": "°C"}}, (), (), 9.0)
STIRRED = Intended("act-2", "stir", {"speed": {"value": 300.0, "unit": "rpm"}}, (), (), 9.0)


def suspended(bench: Any, *, stirred: Intended = STIRRED) -> None:
    outputs = {
        HEAT: Output(60.0, "°C", "1", 0.0, act=HEATED),
        SPEED: Output(300.0, "rpm", "2", 0.0, act=stirred),
    }
    bench.writer.state = evolve(bench.writer.state, suspended=outputs, acts=7)


def test_what_was_on_is_set_again_as_it_was_set_for_the_step_that_set_it(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        suspended(bench)
        await restore(bench.setting, (HEAT, ("plate", "flow"), SPEED))
        warm = (SetOutput("plate", "temperature", 60.0, "°C"),)
        turning = (SetOutput("plate", "speed", 300.0, "rpm"),)
        acts = [body.act for body in bench.written() if isinstance(body, Intended)]
        assert bench.written() == [
            Intended(acts[0], "heat", HEATED.arguments, ("HEAT 60",), warm, 30.0), Settled(acts[0], "done", warm),
            Intended(acts[1], "stir", STIRRED.arguments, ("STIR 300",), turning, 30.0), Settled(acts[1], "done", turning),
        ]  # fmt: skip
        assert [event.step for event in bench.events()] == ["1", "1", "2", "2"]
        assert dict(bench.writer.state.suspended) == {}

    on_bench(job)


@pytest.mark.parametrize("gone", [False, True])
def test_where_that_does_not_succeed_the_run_pauses_and_says_why(on_bench: OnBench, gone: bool) -> None:
    async def refuse() -> Outcome:
        raise DeviceRefused("error 9", outcome=Outcome("not_started"))

    async def job(bench: Any) -> None:
        act = Intended("act-2", "whirl", {}, (), (), 9.0) if gone else STIRRED
        suspended(bench, stirred=act)
        bench.device.sends = {"stir": refuse}
        await restore(bench.setting, (SPEED, HEAT))
        reason = "plate has no act 'whirl' any more" if gone else "plate: stir was not started. error 9"
        why = f"plate: speed could not be switched on again: {reason}"
        warned, asked = bench.events()[-2:]
        assert (warned.body, warned.step, warned.device) == (Warned("W912", why), "2", "plate")
        assert asked.body == ControlAsked("pause", "labcore", why)
        assert HEAT in bench.writer.state.suspended, "nothing more is switched on"
        assert (bench.writer.state.status, bench.writer.state.reason) == ("pausing", why)

    on_bench(job)
