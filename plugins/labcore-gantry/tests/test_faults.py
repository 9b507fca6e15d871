"""Everything that can go wrong on the line, each judged by what the table says really happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labcore.adapters.loop import run_virtual
from labcore.capabilities import Outcome, Spot
from labcore.errors import DeviceError, DeviceRefused, DeviceTimeout, LinkLost
from labcore.model.quantity import Quantity

Rigs = Callable[..., Any]
SOURCE, TARGET = Spot("bottle/1", "bottle/1"), Spot("reactor", "stirrer")
DRAW, PUSH = "G1 Z48.0000 F300.0", "G1 Z0.0000 F300.0"


async def ready(rig: Rigs, **keywords: Any) -> Any:
    bench = rig(**keywords)
    await bench.driver.connect()
    await bench.driver.home().send()
    return bench


def dose(bench: Any, volume: float = 20.0) -> Any:
    return bench.driver.dispense(SOURCE, TARGET, Quantity(volume, "mL"))


async def failure(act: Any) -> DeviceError:
    with anyio.fail_after(act.deadline), pytest.raises(DeviceError) as caught:
        await act.send()
    assert caught.value.device == "dispenser"
    assert caught.value.remedy or caught.value.message
    return caught.value


def holds_truth(bench: Any, outcome: Outcome) -> None:
    assert outcome.amount is not None
    left = 250.0 - bench.table.volumes["bottle/1"]
    assert outcome.amount.low <= bench.table.volumes["reactor"] <= outcome.amount.high
    assert outcome.amount.low <= left <= outcome.amount.high


async def recovers(bench: Any) -> None:
    before = bench.table.volumes["reactor"]
    assert (await dose(bench, 3.0).send()).status == "done"
    assert bench.table.volumes["reactor"] - before == pytest.approx(3.0, rel=0.02)


@pytest.mark.parametrize(
    ("line", "status", "mid"),
    [("G0 X40.000 Y270.000", "not_started", 0.0), (DRAW, "not_started", 0.0), (PUSH, "partly", 0.0)],
)
def test_an_error_reply_is_refused_with_what_had_happened(
    rig: Rigs, line: str, status: str, mid: float
) -> None:
    async def job() -> None:
        bench = await ready(rig)
        bench.line.instead[line] = b"error:22\r\n"
        error = await failure(dose(bench))
        assert isinstance(error, DeviceRefused)
        assert "error 22: the feed rate is not set" in error.message
        assert error.outcome.status == status
        assert error.outcome.amount.mid == mid
        holds_truth(bench, error.outcome)
        await recovers(bench)

    run_virtual(job)


@pytest.mark.parametrize("line", [DRAW, PUSH])
def test_an_alarm_in_mid_dose(rig: Rigs, line: str) -> None:
    async def job() -> None:
        bench = await ready(rig)
        bench.line.instead[line] = b"ALARM:1\r\n"
        error = await failure(dose(bench))
        assert isinstance(error, DeviceRefused)
        assert "alarm 1: a hard limit" in error.message
        assert error.outcome.status == "partly"
        assert error.outcome.amount.high == pytest.approx(20.21)
        holds_truth(bench, error.outcome)
        assert dose(bench).frames[:2] == ("<0x18>", "$H")

    run_virtual(job)


@pytest.mark.parametrize("after", [2.0, 5.0, 13.0])
def test_a_controller_that_restarts_in_mid_dose_makes_it_unknown(rig: Rigs, after: float) -> None:
    async def job() -> None:
        bench = await ready(rig)
        act = dose(bench)
        errors: list[DeviceError] = []

        async def run() -> None:
            errors.append(await failure(act))

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await anyio.sleep(after)
            bench.gantry.board.power_up(anyio.current_time())
        (error,) = errors
        assert "restarted" in error.message
        assert error.outcome.status == ("not_started" if after == 2.0 else "unknown")
        holds_truth(bench, error.outcome)
        assert dose(bench).frames[:2] == ("<0x18>", "$H")

    run_virtual(job)


@pytest.mark.parametrize("line", [DRAW, PUSH])
def test_silence_narrowed_by_the_plunger(rig: Rigs, line: str) -> None:
    async def job() -> None:
        bench = await ready(rig)
        swallowed = []

        def reply(data: bytes) -> bytes:
            if bench.line.heard[-1:] == [line] and b"ok" in data and not swallowed:
                swallowed.append(data)
                return data.replace(b"ok\r\n", b"", 1)
            return data

        bench.line.reply = reply
        error = await failure(dose(bench))
        assert swallowed
        assert isinstance(error, DeviceTimeout)
        assert error.outcome.status == "unknown"
        holds_truth(bench, error.outcome)
        reached = bench.table.volumes["reactor"]
        assert error.outcome.amount.mid == pytest.approx(reached, abs=0.25)
        if line == PUSH:
            assert error.outcome.amount.low > 19.7, "the plunger's position was not used"
        await recovers(bench)

    run_virtual(job)


@pytest.mark.parametrize("after", [1.0, 5.0, 13.0])
def test_total_silence_leaves_an_honest_interval(rig: Rigs, after: float) -> None:
    async def job() -> None:
        bench = await ready(rig)
        act = dose(bench)
        errors: list[DeviceError] = []

        async def run() -> None:
            errors.append(await failure(act))

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await anyio.sleep(after)
            bench.line.deaf = True
        (error,) = errors
        assert isinstance(error, DeviceTimeout)
        assert error.outcome.status == ("not_started" if after == 1.0 else "unknown")
        await anyio.sleep(60)
        holds_truth(bench, error.outcome)

    run_virtual(job)


def test_a_lost_link_in_mid_dose_is_unknown_and_nothing_is_sent_again(rig: Rigs) -> None:
    async def job() -> None:
        bench = await ready(rig)
        act = dose(bench)
        errors: list[DeviceError] = []

        async def run() -> None:
            errors.append(await failure(act))

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await anyio.sleep(5)
            await bench.driver.disconnect()
        (error,) = errors
        assert isinstance(error, LinkLost)
        assert error.outcome.status == "unknown"
        heard = [line for line in bench.line.heard if line.startswith("G1")]
        await anyio.sleep(60)
        holds_truth(bench, error.outcome)
        await bench.driver.connect()
        assert [line for line in bench.line.heard if line.startswith("G1")] == heard

    run_virtual(job)


def test_a_person_at_the_hold_button(rig: Rigs) -> None:
    async def job() -> None:
        bench = await ready(rig)
        act = dose(bench)
        errors: list[DeviceError] = []

        async def run() -> None:
            errors.append(await failure(act))

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await anyio.sleep(5)
            bench.line.feed(b"!", anyio.current_time())
        (error,) = errors
        assert isinstance(error, DeviceRefused)
        assert error.outcome.status == "partly"
        holds_truth(bench, error.outcome)
        await recovers(bench)

    run_virtual(job)


def test_a_machine_that_was_touched_between_acts_is_not_driven_on_old_beliefs(rig: Rigs) -> None:
    async def job() -> None:
        bench = await ready(rig)
        act = dose(bench)
        bench.line.feed(b"G1 Z5 F300\n", anyio.current_time())
        await anyio.sleep(5)
        before = list(bench.line.heard)
        error = await failure(act)
        assert error.outcome.status == "not_started"
        assert "plunger is at 5 mm" in error.message
        assert bench.line.heard == before
        await recovers(bench)

    run_virtual(job)


def test_a_restart_between_acts_is_noticed(rig: Rigs) -> None:
    async def job() -> None:
        bench = await ready(rig)
        bench.gantry.board.power_up(anyio.current_time())
        await anyio.sleep(5)
        error = await failure(dose(bench))
        assert error.outcome.status == "not_started"
        await recovers(bench)

    run_virtual(job)


def test_homing_that_finds_no_switch_leaves_the_position_unknown(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        bench.line.instead["$H"] = b"ALARM:9\r\n"
        error = await failure(bench.driver.home())
        assert error.outcome.status == "unknown"
        assert "did not find the limit switch" in error.message

    run_virtual(job)


@pytest.mark.parametrize(
    ("at", "status"), [("G0 X320.000 Y60.000", "not_started"), ("M3 S1000", "not_started"), ("M9", "unknown")]
)
def test_where_a_vessel_is_after_trouble(rig: Rigs, at: str, status: str) -> None:
    async def job() -> None:
        bench = await ready(rig)
        act = bench.driver.place("reactor", "stirrer", "rack/A1")
        if at == "M9":  # only the second one, with the vessel in the gripper
            started: list[Any] = []
            bench.line.reply = lambda data: (
                started.append(bench.line.instead.setdefault("M9", b"error:9\r\n")) or data
                if "M3 S1000" in bench.line.heard and not started
                else data
            )
        else:
            bench.line.instead[at] = b"error:9\r\n"
        error = await failure(act)
        assert error.outcome.status == status
        assert ("gripper" in error.outcome.message) is (status == "unknown")

    run_virtual(job)


@pytest.mark.parametrize("noise", [b"\x00\xff\xfe", b"\r\n\r\n", b"[MSG:Check Limits]\r\n", b"ok\r\n"])
def test_noise_between_the_lines_does_not_change_a_dose(rig: Rigs, noise: bytes) -> None:
    async def job() -> None:
        bench = await ready(rig)
        bench.line.reply = lambda data: noise + data if data.startswith(b"ok") else data
        if noise.startswith(b"\x00"):
            bench.line.reply = lambda data: noise + b"\n" + data if data else data
        outcome = await dose(bench).send()
        assert outcome.status == "done"
        holds_truth(bench, outcome)

    run_virtual(job)


def test_nothing_answers(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        bench.line.deaf = True
        with pytest.raises(DeviceTimeout, match="115200 8N1"):
            await bench.driver.connect()
        assert anyio.current_time() < 5.0

    run_virtual(job)


def test_a_work_offset_is_refused_because_places_would_be_wrong(rig: Rigs) -> None:
    async def job() -> None:
        bench = await ready(rig)
        bench.line.reply = lambda data: data.replace(b"|FS:", b"|WCO:5.000,0.000,0.000|FS:")
        error = await failure(dose(bench))
        assert error.outcome.status == "not_started"
        assert "G10 L2 P1" in error.remedy

    run_virtual(job)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    volume=st.floats(0.5, 60.0),
    after=st.floats(0.0, 40.0),
    trouble=st.sampled_from(["deaf", "power", "cut", "hold", "drop"]),
    seed=st.integers(0, 50),
)
def test_whatever_happens_the_interval_holds_the_truth(
    rig: Rigs, volume: float, after: float, trouble: str, seed: int
) -> None:
    async def job() -> None:
        bench = await ready(rig, seed=seed)
        act = dose(bench, volume)
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
        holds_truth(bench, found[0])

    run_virtual(job)
