"""What the driver does on a healthy line: confirmed acts, the watchdog, limits, the safe state."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.capabilities import Spot
from labcore.errors import DeviceRefused, LimitError, LinkLost
from labcore.model.quantity import Quantity

Rigs = Callable[..., Any]
HERE = Spot("reactor", "stirrer")


def rpm(value: float) -> Quantity:
    return Quantity(value, "rpm")


def celsius(value: float) -> Quantity:
    return Quantity(value, "°C")


def test_connecting_identifies_and_changes_nothing(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        identity = await bench.driver.connect()
        assert "RCT digital" in str(identity)
        assert identity.detail == {"watchdog": "20 s", "speed": "off", "temperature": "off"}
        assert bench.line.heard == ["IN_NAME", "STATUS_4", "STATUS_1"]
        opened = json.loads(bench.log[0])
        assert (opened["baud"], opened["bytesize"], opened["parity"], opened["stopbits"]) == (9600, 7, "E", 1)
        await bench.driver.disconnect()
        await bench.driver.disconnect()
        assert bench.line.heard[3:] == []
        with pytest.raises(LinkLost):
            await bench.driver.speed()

    run_virtual(job)


def test_stirring_and_heating_are_confirmed_and_end_confirmed(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        for prepare in (lambda: bench.driver.stir(rpm(300)), lambda: bench.driver.heat(celsius(60))):
            act = prepare()
            del bench.line.heard[:]
            outcome = await act.send()
            assert outcome.status == "done"
            assert tuple(bench.line.heard) == act.frames
        assert act.frames == ("OUT_SP_1 60.0", "IN_SP_1", "START_1", "STATUS_1")
        for _ in range(4):
            await anyio.sleep(8)
            await bench.driver.renew()
        now = anyio.current_time()
        assert (await bench.driver.speed()).in_("rpm") == pytest.approx(300, abs=10)
        assert bench.world.speed("stirrer", now) == pytest.approx(300, abs=10)
        assert (await bench.driver.temperature()).in_("°C") > 25
        reading = await bench.driver.measure("speed", HERE)
        assert reading.uncertainty == pytest.approx(6, abs=0.5)
        assert (await bench.driver.stop_stirring().send()).evidence == {"confirmed_by": "STATUS_4"}
        assert (await bench.driver.stop_heating().send()).evidence == {"confirmed_by": "STATUS_1"}
        await anyio.sleep(10)
        assert bench.world.speed("stirrer", anyio.current_time()) == 0.0

    run_virtual(job)


def test_the_watchdog_is_armed_with_the_first_output_and_stops_it_if_nobody_renews(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        assert bench.driver.renew_every == pytest.approx(9.0)
        await bench.driver.renew()
        assert "OUT_WD1@20" not in bench.line.heard
        act = bench.driver.stir(rpm(300))
        assert act.frames == ("OUT_WD1@20", "OUT_SP_4 300", "IN_SP_4", "START_4", "STATUS_4")
        assert (await act.send()).evidence["watchdog"] == "20 s, confirmed"
        for _ in range(10):
            await anyio.sleep(bench.driver.renew_every)
            await bench.driver.renew()
        assert (await bench.driver.speed()).in_("rpm") > 250
        await anyio.sleep(30)
        assert (await bench.driver.speed()).in_("rpm") == 0.0
        with pytest.raises(DeviceRefused, match="says that its output is off") as caught:
            await bench.driver.stir(rpm(300)).send()
        assert "Er 2" in caught.value.remedy
        assert caught.value.outcome.status == "not_started"

    run_virtual(job)


@pytest.mark.parametrize(("setting", "armed"), [("60 s", "OUT_WD1@60"), ("off", None)])
def test_the_watchdog_option(rig: Rigs, setting: str, armed: str | None) -> None:
    async def job() -> None:
        bench = rig(watchdog=setting)
        await bench.driver.connect()
        await bench.driver.stir(rpm(100)).send()
        assert ([line for line in bench.line.heard if "WD" in line] or [None]) == [armed]
        assert bench.driver.renew_every == (27.0 if armed else 3600.0)
        guarded = bench.driver.watchdog_of(bench.driver.Options(watchdog=setting))
        assert guarded == (("speed", "temperature") if armed else ())
        await bench.driver.renew()
        assert bench.line.heard[-1] == (armed or "STATUS_4")

    run_virtual(job)


def test_disconnecting_ends_the_watchdog_only_if_nothing_is_on(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        await bench.driver.stir(rpm(100)).send()
        await bench.driver.disconnect()
        assert bench.line.heard[-1] == "STATUS_4"
        await bench.driver.connect()
        await bench.driver.stir(rpm(100)).send()
        await bench.driver.stop_stirring().send()
        await bench.driver.disconnect()
        assert bench.line.heard[-1] == "OUT_WD2@0"

    run_virtual(job)


def test_six_hours_of_renewals_keep_it_going(rig: Rigs) -> None:
    async def job() -> int:
        bench = rig()
        await bench.driver.connect()
        await bench.driver.stir(rpm(300)).send()
        count = 0
        while anyio.current_time() < 6 * 3600:
            await anyio.sleep(bench.driver.renew_every)
            await bench.driver.renew()
            count += 1
        assert (await bench.driver.speed()).in_("rpm") > 250
        return count

    assert run_virtual(job) >= 6 * 3600 / 9


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda d: d.stir(rpm(1500.1)), "1500"),
        (lambda d: d.stir(rpm(-1)), "outside 0 rpm"),
        (lambda d: d.stir(celsius(50)), "not a speed"),
        (lambda d: d.heat(celsius(310.1)), "310"),
        (lambda d: d.heat(celsius(-0.1)), "outside 0"),
        (lambda d: d.heat(rpm(50)), "not a temperature"),
    ],
)
def test_past_a_limit_nothing_is_sent(rig: Rigs, act: Callable[[Any], Any], said: str) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        before = list(bench.log)
        with pytest.raises(LimitError, match=said) as caught:
            act(bench.driver)
        assert caught.value.device == "stirrer"
        assert caught.value.remedy
        assert bench.log == before

    run_virtual(job)


@pytest.mark.parametrize("value", [0.0, 1500.0])
def test_at_a_limit_it_works(rig: Rigs, value: float) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        assert (await bench.driver.stir(rpm(value)).send()).status == "done"

    run_virtual(job)


def test_the_external_sensor(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig(sensor="external")
        await bench.driver.connect()
        await bench.driver.temperature()
        assert bench.line.heard[-1] == "IN_PV_1"

    run_virtual(job)


def test_what_it_cannot_measure(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        with pytest.raises(LimitError, match="cannot measure 'pH'"):
            await bench.driver.measure("pH", HERE)

    run_virtual(job)


def test_the_safe_state(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        await bench.driver.stir(rpm(400)).send()
        await bench.driver.heat(celsius(80)).send()
        heater, motor = bench.driver.safe()
        assert (heater.output, heater.frames) == ("temperature", (b"STOP_1 \r\n",))
        assert (motor.output, motor.frames) == ("speed", (b"STOP_4 \r\n",))
        assert not await heater.confirm()
        assert not await motor.confirm()
        for part in (heater, motor):
            assert part.breaks_in == "after_line"
            bench.line.feed(b"".join(part.frames), anyio.current_time())
            assert await part.confirm()
        await anyio.sleep(5)
        assert bench.world.speed("stirrer", anyio.current_time()) == 0.0

    run_virtual(job)
