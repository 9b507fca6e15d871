"""A connection that is lost and made again: the driver knows what it must not forget, and waits for a machine that moves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.errors import DeviceRefused, DeviceTimeout, LinkLost

Ready = Callable[..., Awaitable[Any]]


def test_it_doses_after_a_loss_as_if_nothing_had_been(ready: Ready) -> None:
    async def job() -> None:
        bench = await ready()
        before = await bench.driver.connect()
        await bench.driver.disconnect()
        await bench.driver.disconnect()
        with pytest.raises(LinkLost, match="not connected"):
            bench.dose()
        assert str(await bench.driver.connect()) == str(before)
        await bench.recovers()

    run_virtual(job)


def test_a_vessel_that_may_hang_in_the_gripper_is_not_forgotten(ready: Ready) -> None:
    async def job() -> None:
        bench = await ready()
        act = bench.driver.place("reactor", "stirrer", "rack/A1")
        with anyio.move_on_after(8):
            await act.send()
        await bench.driver.disconnect()
        await bench.driver.connect()
        with pytest.raises(DeviceRefused, match="may still hold reactor"):
            bench.dose()

    run_virtual(job)


def test_a_machine_that_still_moves_is_waited_for_and_then_says_who_it_is(ready: Ready) -> None:
    async def job() -> None:
        bench = await ready(machine={"resets_on_open": False})
        name = (await bench.driver.connect()).name
        with anyio.move_on_after(7):
            await bench.dose().send()
        await bench.driver.disconnect()
        with anyio.move_on_after(5), pytest.raises(DeviceTimeout, match="moves"):
            await bench.driver.connect()
        await anyio.sleep(10)
        assert (await bench.driver.connect()).name == name

    run_virtual(job)
