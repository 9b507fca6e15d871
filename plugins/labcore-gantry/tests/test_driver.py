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
SOURCE, TARGET = Spot("bottle/1", "bottle/1"), Spot("reactor", "stirrer")


def ml(value: float) -> Quantity:
    return Quantity(value, "mL")


def sent(rig: Any) -> list[str]:
    entries = [json.loads(line) for line in rig.log]
    return [entry["text"] for entry in entries if entry["dir"] == "out"]


def test_connecting_identifies_and_moves_nothing(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        identity = await bench.driver.connect()
        assert str(identity).startswith("Grbl 1.1h")
        assert identity.detail == {
            "profile": "grbl11-syringe", "state": "Alarm", "position": "X 0 Y 0 Z 0 mm",
        }  # fmt: skip
        assert set(sent(bench)) == {"?", "$I\\n"}
        assert json.loads(bench.log[0])["baud"] == 115200
        await bench.driver.disconnect()
        await bench.driver.disconnect()
        with pytest.raises(LinkLost):
            bench.driver.home()

    run_virtual(job)


def test_connecting_to_a_controller_that_does_not_restart(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig(machine={"resets_on_open": False})
        bench.gantry.board.power_up(0.0)
        await anyio.sleep(10)
        assert str(await bench.driver.connect()).startswith("Grbl 1.1h")
        assert anyio.current_time() == pytest.approx(10.0, abs=0.1)

    run_virtual(job)


@pytest.mark.parametrize("volume", [0.05, 1.0, 20.0, 25.0, 60.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_dose_holds_what_it_says(rig: Rigs, volume: float, seed: int) -> None:
    async def job() -> None:
        bench = rig(seed=seed)
        await bench.driver.connect()
        act = bench.driver.dispense(SOURCE, TARGET, ml(volume))
        assert act.frames[0] == "$H"
        assert bench.table.acts == []
        started = anyio.current_time()
        outcome = await act.send()
        assert anyio.current_time() - started < act.deadline
        assert outcome.status == "done"
        assert outcome.amount.low <= bench.table.volumes["reactor"] <= outcome.amount.high
        assert outcome.amount.low <= 250.0 - bench.table.volumes["bottle/1"] <= outcome.amount.high
        assert outcome.amount.high - outcome.amount.low <= 0.02 * volume + 0.031
        assert outcome.value == ml(volume)
        strokes = -(-volume // 25)
        assert len(outcome.evidence["plunger_mm"]) == 2 * strokes
        assert outcome.evidence["plunger_mm"][-1] == 0.0

    run_virtual(job)


def test_the_frames_of_the_intent_are_what_goes_over_the_wire(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        for _ in range(2):
            act = bench.driver.dispense(SOURCE, TARGET, ml(3.0))
            del bench.line.heard[:]
            await act.send()
            assert tuple(bench.line.heard) == act.frames

    run_virtual(job)


def test_calibration_scales_the_travel_and_states_its_uncertainty(rig: Rigs) -> None:
    async def job() -> None:
        record = {"date": "2026-05-04", "factor": 0.98, "uncertainty": "0.2 %"}
        bench = rig(calibration=record, machine={"calibration_error": -0.02, "backlash": 0.0})
        await bench.driver.connect()
        act = bench.driver.dispense(SOURCE, TARGET, ml(20.0))
        assert "G1 Z48.9796 F300.0" in act.frames
        amount = (await act.send()).amount
        assert bench.table.volumes["reactor"] == pytest.approx(20.0, abs=0.01)
        assert (amount.low, amount.high) == pytest.approx((19.95, 20.05), abs=0.002)

    run_virtual(job)


def test_feed_is_a_volume_flow(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig(feed="30 mL/min")
        await bench.driver.connect()
        assert "G1 Z2.4000 F72.0" in bench.driver.dispense(SOURCE, TARGET, ml(1.0)).frames

    run_virtual(job)


def test_a_feed_that_is_too_fast_is_refused_with_the_limit(rig: Rigs) -> None:
    with pytest.raises(LimitError, match="500 mL/min"):
        rig(feed="20 mL/s")


@pytest.mark.parametrize(
    ("source", "target", "volume", "said"),
    [
        (SOURCE, TARGET, 0.0, "least dose"),
        (SOURCE, TARGET, -1.0, "least dose"),
        (SOURCE, Spot("reactor", "shelf/9"), 1.0, "shelf/9"),
        (Spot("x", "far"), TARGET, 1.0, "outside the machine"),
    ],
)
def test_what_cannot_be_is_refused_before_a_byte(
    rig: Rigs, source: Spot, target: Spot, volume: float, said: str
) -> None:
    async def job() -> None:
        bench = rig(deck={"far": [421, 0]})
        await bench.driver.connect()
        before = list(bench.log)
        with pytest.raises(LimitError, match=said) as caught:
            bench.driver.dispense(source, target, ml(volume))
        assert caught.value.remedy
        assert caught.value.device == "dispenser"
        assert bench.log == before

    run_virtual(job)


def test_carrying_a_vessel(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        act = bench.driver.place("reactor", "stirrer", "rack/B3")
        assert act.cut is None
        assert (await act.send()).status == "done"
        assert bench.table.moves == [("lift", "reactor", "stirrer"), ("put", "reactor", "rack/B3")]

    run_virtual(job)


def test_homing_empties_the_syringe_into_the_waste_first(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        assert (await bench.driver.home().send()).status == "done"
        act = bench.driver.dispense(SOURCE, TARGET, ml(20.0))
        with anyio.move_on_after(8):
            await act.send()
        await act.cut()
        assert (await bench.driver.home().send()).status == "done"
        table = bench.table.volumes
        assert table["waste"] > 1.0
        assert table["waste"] + table["bottle/1"] == pytest.approx(250.0)

    run_virtual(job)


@pytest.mark.parametrize(
    "after", [0.0, 0.05, 1.0, 2.9, 3.5, 4.0, 6.0, 8.0, 9.9, 11.3, 13.0, 16.0, 19.0, 22.0]
)
def test_a_cut_dose_says_what_became_of_it(rig: Rigs, after: float) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        await bench.driver.home().send()
        act = bench.driver.dispense(SOURCE, TARGET, ml(30.0))
        with anyio.move_on_after(after):
            await act.send()
        stopped = anyio.current_time()
        outcome = await act.cut()
        assert anyio.current_time() - stopped < 1.0
        assert bench.line.heard[-2:] == ["!", "\x18"]
        moved = len(bench.table.acts)
        await anyio.sleep(60)
        assert len(bench.table.acts) == moved, "it still moves"
        reached, left = bench.table.volumes["reactor"], 250.0 - bench.table.volumes["bottle/1"]
        assert outcome.amount.low <= reached <= outcome.amount.high
        assert outcome.amount.low <= left <= outcome.amount.high
        assert outcome.amount.mid == pytest.approx(reached, abs=0.01 * reached + 0.02)
        assert outcome.status == ("not_started" if left == 0.0 else "partly")

        before = reached
        act = bench.driver.dispense(SOURCE, TARGET, ml(5.0))
        assert "$H" not in act.frames
        assert (await act.send()).status == "done"
        assert bench.table.volumes["reactor"] - before == pytest.approx(5.0, rel=0.02)

    run_virtual(job)


def test_the_safe_state_stops_motion_and_the_next_act_works(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig()
        await bench.driver.connect()
        act = bench.driver.dispense(SOURCE, TARGET, ml(20.0))
        with anyio.move_on_after(12):
            await act.send()
        (safe,) = bench.driver.safe()
        assert safe.frames == (b"!", b"\x18")
        assert safe.breaks_in == "realtime"
        for frame in safe.frames:
            bench.line.feed(frame, anyio.current_time())
        assert await safe.confirm()
        moved = len(bench.table.acts)
        await anyio.sleep(30)
        assert len(bench.table.acts) == moved
        before = bench.table.volumes["reactor"]
        assert (await bench.driver.dispense(SOURCE, TARGET, ml(2.0)).send()).status == "done"
        assert bench.table.volumes["reactor"] - before == pytest.approx(2.0, rel=0.02)

    run_virtual(job)


def test_a_vessel_in_the_gripper_is_held_and_not_dropped(rig: Rigs) -> None:
    async def job() -> None:
        bench = rig(machine={"gripper": "springs-open"})
        await bench.driver.connect()
        act = bench.driver.place("reactor", "stirrer", "rack/B3")
        with anyio.move_on_after(13):
            await act.send()
        assert bench.table.moves == [("lift", "reactor", "stirrer")]
        (safe,) = bench.driver.safe()
        assert safe.frames == (b"!",)
        for frame in safe.frames:
            bench.line.feed(frame, anyio.current_time())
        assert await safe.confirm()
        with pytest.raises(DeviceRefused, match="may still hold reactor") as caught:
            bench.driver.dispense(SOURCE, TARGET, ml(2.0))
        assert caught.value.outcome.status == "not_started"

    run_virtual(job)


def test_two_runs_with_one_seed_say_the_same(rig: Rigs) -> None:
    def once() -> list[str]:
        async def job() -> list[str]:
            bench = rig()
            await bench.driver.connect()
            await bench.driver.dispense(SOURCE, TARGET, ml(20.0)).send()
            return list(bench.log)

        return run_virtual(job)

    first = once()
    assert len(first) > 20
    assert once() == first
