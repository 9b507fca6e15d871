"""What a machine answers, or does between two acts, that it should not; each judged by what the table says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.errors import DeviceRefused, DeviceTimeout

Rigs = Callable[..., Any]
Ready = Callable[..., Any]
DRAW, PUSH = "G1 Z48.0000 F300.0", "G1 Z0.0000 F300.0"


@pytest.mark.parametrize(
    ("line", "status", "mid"),
    [("G0 X40.000 Y270.000", "not_started", 0.0), (DRAW, "not_started", 0.0), (PUSH, "partly", 0.0)],
)
def test_an_error_reply_is_refused_with_what_had_happened(
    ready: Ready, line: str, status: str, mid: float
) -> None:
    async def job() -> None:
        bench = await ready()
        bench.line.instead[line] = b"error:22\r\n"
        error = await bench.failure(bench.dose())
        assert isinstance(error, DeviceRefused)
        assert "error 22: the feed rate is not set" in error.message
        assert error.outcome.status == status
        assert error.outcome.amount.mid == mid
        bench.holds_truth(error.outcome)
        await bench.recovers()

    run_virtual(job)


def test_a_machine_that_was_touched_between_acts_is_not_driven_on_old_beliefs(ready: Ready) -> None:
    async def job() -> None:
        bench = await ready()
        act = bench.dose()
        bench.line.feed(b"G1 Z5 F300\n", anyio.current_time())
        await anyio.sleep(5)
        before = list(bench.line.heard)
        error = await bench.failure(act)
        assert error.outcome.status == "not_started"
        assert error.remedy
        assert "plunger is at 5 mm" in error.message
        assert bench.line.heard == before
        await bench.recovers()

    run_virtual(job)


def test_a_restart_between_acts_is_noticed(ready: Ready) -> None:
    async def job() -> None:
        bench = await ready()
        bench.gantry.board.power_up(anyio.current_time())
        await anyio.sleep(5)
        error = await bench.failure(bench.dose())
        assert error.outcome.status == "not_started"
        assert error.remedy
        await bench.recovers()

    run_virtual(job)


def test_homing_that_finds_no_switch_leaves_the_position_unknown(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        bench.line.instead["$H"] = b"ALARM:9\r\n"
        error = await bench.failure(bench.driver.home())
        assert error.outcome.status == "unknown"
        assert error.remedy
        assert "did not find the limit switch" in error.message

    run_virtual(job)


@pytest.mark.parametrize(
    ("at", "status"), [("G0 X320.000 Y60.000", "not_started"), ("M3 S1000", "not_started"), ("M9", "unknown")]
)
def test_where_a_vessel_is_after_trouble(ready: Ready, at: str, status: str) -> None:
    async def job() -> None:
        bench = await ready()
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
        error = await bench.failure(act)
        assert error.outcome.status == status
        assert ("gripper" in error.outcome.message) is (status == "unknown")

    run_virtual(job)


@pytest.mark.parametrize("noise", [b"\x00\xff\xfe", b"\r\n\r\n", b"[MSG:Check Limits]\r\n", b"ok\r\n"])
def test_noise_between_the_lines_does_not_change_a_dose(ready: Ready, noise: bytes) -> None:
    async def job() -> None:
        bench = await ready()
        bench.line.reply = lambda data: noise + data if data.startswith(b"ok") else data
        if noise.startswith(b"\x00"):
            bench.line.reply = lambda data: noise + b"\n" + data if data else data
        outcome = await bench.dose().send()
        assert outcome.status == "done"
        bench.holds_truth(outcome)

    run_virtual(job)


def test_nothing_answers(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        bench.line.deaf = True
        with pytest.raises(DeviceTimeout, match="115200 8N1"):
            await bench.driver.connect()
        assert anyio.current_time() < 5.0

    run_virtual(job)


def test_a_work_offset_is_refused_because_places_would_be_wrong(ready: Ready) -> None:
    async def job() -> None:
        bench = await ready()
        bench.line.reply = lambda data: data.replace(b"|FS:", b"|WCO:5.000,0.000,0.000|FS:")
        error = await bench.failure(bench.dose())
        assert error.outcome.status == "not_started"
        assert "G10 L2 P1" in error.remedy

    run_virtual(job)
