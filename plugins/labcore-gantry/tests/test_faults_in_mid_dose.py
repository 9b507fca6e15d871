"""Everything that can go wrong while a dose is under way, judged by what the table says really happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labcore.adapters.loop import run_virtual
from labcore.capabilities import Outcome
from labcore.errors import DeviceError, DeviceRefused, DeviceTimeout, LinkLost

Ready = Callable[..., Any]
DRAW, PUSH = "G1 Z48.0000 F300.0", "G1 Z0.0000 F300.0"


@pytest.mark.parametrize("line", [DRAW, PUSH])
def test_an_alarm_in_mid_dose(ready: Ready, line: str) -> None:
    async def job() -> None:
        bench = await ready()
        bench.line.instead[line] = b"ALARM:1\r\n"
        error = await bench.failure(bench.dose())
        assert isinstance(error, DeviceRefused)
        assert "alarm 1: a hard limit" in error.message
        assert error.outcome.status == "partly"
        assert error.remedy
        assert error.outcome.amount.high == pytest.approx(20.21)
        bench.holds_truth(error.outcome)
        assert bench.dose().frames[:2] == ("<0x18>", "$H")

    run_virtual(job)


@pytest.mark.parametrize("after", [2.0, 5.0, 13.0])
def test_a_controller_that_restarts_in_mid_dose_makes_it_unknown(ready: Ready, after: float) -> None:
    async def job() -> None:
        bench = await ready()
        async with bench.failing_dose(after) as errors:
            bench.gantry.board.power_up(anyio.current_time())
        (error,) = errors
        assert "restarted" in error.message
        assert error.outcome.status == ("not_started" if after == 2.0 else "unknown")
        assert error.remedy
        bench.holds_truth(error.outcome)
        assert bench.dose().frames[:2] == ("<0x18>", "$H")

    run_virtual(job)


@pytest.mark.parametrize("line", [DRAW, PUSH])
def test_silence_narrowed_by_the_plunger(ready: Ready, line: str) -> None:
    async def job() -> None:
        bench = await ready()
        swallowed = []

        def reply(data: bytes) -> bytes:
            if bench.line.heard[-1:] == [line] and b"ok" in data and not swallowed:
                swallowed.append(data)
                return data.replace(b"ok\r\n", b"", 1)
            return data

        bench.line.reply = reply
        error = await bench.failure(bench.dose())
        assert swallowed
        assert isinstance(error, DeviceTimeout)
        assert error.outcome.status == "unknown"
        assert error.remedy
        bench.holds_truth(error.outcome)
        reached = bench.table.volumes["reactor"]
        assert error.outcome.amount.mid == pytest.approx(reached, abs=0.25)
        if line == PUSH:
            assert error.outcome.amount.low > 19.7, "the plunger's position was not used"
        await bench.recovers()

    run_virtual(job)


@pytest.mark.parametrize("after", [1.0, 5.0, 13.0])
def test_total_silence_leaves_an_honest_interval(ready: Ready, after: float) -> None:
    async def job() -> None:
        bench = await ready()
        async with bench.failing_dose(after) as errors:
            bench.line.deaf = True
        (error,) = errors
        assert isinstance(error, DeviceTimeout)
        assert error.outcome.status == ("not_started" if after == 1.0 else "unknown")
        assert error.remedy
        await anyio.sleep(60)
        bench.holds_truth(error.outcome)

    run_virtual(job)


def test_a_lost_link_in_mid_dose_is_unknown_and_nothing_is_sent_again(ready: Ready) -> None:
    async def job() -> None:
        bench = await ready()
        async with bench.failing_dose(5) as errors:
            await bench.driver.disconnect()
        (error,) = errors
        assert isinstance(error, LinkLost)
        assert error.outcome.status == "unknown"
        assert error.remedy
        heard = [line for line in bench.line.heard if line.startswith("G1")]
        await anyio.sleep(60)
        bench.holds_truth(error.outcome)
        await bench.driver.connect()
        assert [line for line in bench.line.heard if line.startswith("G1")] == heard

    run_virtual(job)


def test_a_person_at_the_hold_button(ready: Ready) -> None:
    async def job() -> None:
        bench = await ready()
        async with bench.failing_dose(5) as errors:
            bench.line.feed(b"!", anyio.current_time())
        (error,) = errors
        assert isinstance(error, DeviceRefused)
        assert error.outcome.status == "partly"
        bench.holds_truth(error.outcome)
        await bench.recovers()

    run_virtual(job)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    volume=st.floats(0.5, 60.0),
    after=st.floats(0.0, 40.0),
    trouble=st.sampled_from(["deaf", "power", "cut", "hold", "drop"]),
    seed=st.integers(0, 50),
)
def test_whatever_happens_the_interval_holds_the_truth(
    ready: Ready, volume: float, after: float, trouble: str, seed: int
) -> None:
    async def job() -> None:
        bench = await ready(seed=seed)
        act = bench.dose(volume)
        found: list[Outcome] = []

        async def run() -> None:
            with anyio.fail_after(act.deadline):
                try:
                    found.append(await act.send())
                except DeviceError as error:
                    found.append(error.outcome)

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await anyio.sleep(after)
            if trouble == "deaf":
                bench.line.deaf = True
            elif trouble == "power":
                bench.gantry.board.power_up(anyio.current_time())
            elif trouble == "hold":
                bench.line.feed(b"!", anyio.current_time())
            elif trouble == "drop":
                await bench.driver.disconnect()
            elif not found:
                group.cancel_scope.cancel()
        if not found:
            found.append(await act.cut())
        bench.line.deaf = False
        await anyio.sleep(120)
        bench.holds_truth(found[0])

    run_virtual(job)
