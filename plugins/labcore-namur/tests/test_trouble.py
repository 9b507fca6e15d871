"""What a plate does that it should not, and what the driver makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.errors import DeviceRefused, DeviceTimeout
from labcore.model.quantity import Quantity

Rigs = Callable[..., Any]
QUICK, WARM = Quantity(300.0, "rpm"), Quantity(60.0, "°C")


def test_a_firmware_without_status_is_confirmed_by_what_it_measures(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        bench.line.swallow = {"STATUS_1", "STATUS_4"}
        assert (await bench.driver.connect()).detail["speed"] == "not told"
        assert (await bench.driver.stir(QUICK).send()).evidence["confirmed_by"] == "IN_PV_4"
        assert "only" in (await bench.driver.heat(WARM).send()).evidence["confirmed_by"]
        assert (await bench.driver.stop_stirring().send()).evidence["confirmed_by"] == "IN_PV_4"
        assert (await bench.driver.stop_heating().send()).evidence["confirmed_by"] == "set-point 0 °C"
        heater, motor = bench.driver.safe()
        assert await heater.confirm()
        assert await motor.confirm()

    run_virtual(job)


def test_a_motor_that_does_not_start_is_noticed_without_status(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        bench.line.swallow = {"STATUS_4", "START_4"}
        await bench.driver.connect()
        with pytest.raises(DeviceRefused, match="nothing turns") as caught:
            await bench.driver.stir(QUICK).send()
        assert caught.value.outcome.status == "unknown"

    run_virtual(job)


def test_a_set_point_that_was_not_taken_is_refused(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        bench.line.swallow = {"OUT_SP_4 300"}
        with pytest.raises(DeviceRefused, match="set to 300 rpm, but the device has"):
            await bench.driver.stir(QUICK).send()
        assert "START_4" not in bench.line.heard

    run_virtual(job)


def test_a_stop_that_was_not_heard_is_not_called_stopped(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        await bench.driver.stir(QUICK).send()
        bench.line.swallow = {"STOP_4"}
        with pytest.raises(DeviceRefused, match="says that its output is on") as caught:
            await bench.driver.stop_stirring().send()
        assert caught.value.outcome.status == "unknown"
        assert "by hand" in caught.value.remedy

    run_virtual(job)


@pytest.mark.parametrize("silent", [{"IN_SP_4"}, {"IN_PV_4"}])
def test_silence_is_a_timeout_and_nothing_is_sent_again(rig: Rigs, silent: set[str]) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        bench.line.swallow = silent
        if silent == {"IN_SP_4"}:
            with pytest.raises(DeviceTimeout, match="IN_SP_4") as caught:
                await bench.driver.stir(QUICK).send()
            assert caught.value.outcome.status == "unknown"
            assert bench.line.heard.count("OUT_SP_4 300") == 1
        else:
            with pytest.raises(DeviceTimeout, match="stirrer"):
                await bench.driver.speed()

    run_virtual(job)


def test_nothing_answers(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        bench.line.swallow = {"IN_NAME"}
        with pytest.raises(DeviceTimeout, match="IN_NAME") as caught:
            await bench.driver.connect()
        assert "9600 7E1" in caught.value.remedy

    run_virtual(job)


def test_stale_and_foreign_answers_are_not_taken_for_this_one(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        bench.line.before_each_answer = b"25.0 2\r\n\xff\xfe\r\n20\r\n"
        assert (await bench.driver.stir(QUICK).send()).status == "done"
        await anyio.sleep(5)
        assert (await bench.driver.speed()).in_("rpm") > 250

    run_virtual(job)


def test_a_late_echo_is_not_taken_for_a_name(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        bench.line.before_each_answer = b"20 \r\n"  # to a watchdog that was fed before the connection broke
        assert (await bench.driver.connect()).name == "IKA RCT digital"

    run_virtual(job)


def test_after_a_loss_the_driver_knows_what_is_on_and_feeds_or_arms_the_watchdog(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        await bench.driver.stir(QUICK).send()
        await bench.driver.disconnect()
        assert (await bench.driver.connect()).detail["speed"] == "on"
        assert "OUT_WD1@20" not in bench.driver.stir(QUICK).frames, "it is armed and goes on being fed"
        await anyio.sleep(15)
        await bench.driver.renew()
        await anyio.sleep(15)
        assert (await bench.driver.connect()).detail["speed"] == "on"
        await bench.driver.disconnect()
        await anyio.sleep(25)
        assert (await bench.driver.connect()).detail["speed"] == "off"
        assert bench.driver.stir(QUICK).frames[0] == "OUT_WD1@20"

    run_virtual(job)
