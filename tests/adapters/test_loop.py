"""The loop's own clock: virtual, scaled, real."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import LabLoop, run_loop, run_virtual
from labcore.adapters.workers import ThreadWorkers


def test_a_deadline_fires_at_exactly_its_time() -> None:
    async def job() -> float:
        with anyio.move_on_after(3600):
            await anyio.sleep_forever()
        return anyio.current_time()

    assert run_virtual(job) == 3600.0


def test_equal_times_fire_in_order_of_creation() -> None:
    async def job() -> list[int]:
        order: list[int] = []

        async def one(index: int) -> None:
            await anyio.sleep(10)
            order.append(index)

        async with anyio.create_task_group() as group:
            for index in range(200):
                group.start_soon(one, index)
        return order

    assert run_virtual(job) == list(range(200))


def test_threads_hold_the_clock_and_give_their_results_in_order_of_submission() -> None:
    async def job() -> list[tuple[float, int]]:
        workers, found = ThreadWorkers(), []

        def slow(index: int) -> int:
            time.sleep(random.random() * 0.004)
            return index

        async def one(index: int) -> None:
            for _ in range(10):
                await anyio.sleep(5)
                found.append((anyio.current_time(), await workers.run(slow, index)))

        async with anyio.create_task_group() as group:
            for index in range(6):
                group.start_soon(one, index)
        workers.close()
        return found

    first, second = run_virtual(job), run_virtual(job)
    assert first == second
    assert first == [(5.0 * round_, index) for round_ in range(1, 11) for index in range(6)]


def test_a_worker_that_raises_raises_here() -> None:
    async def job() -> None:
        workers = ThreadWorkers()
        try:
            await workers.run(lambda: 1 / 0)
        finally:
            workers.close()

    with pytest.raises(ZeroDivisionError):
        run_virtual(job)


def test_a_cancelled_caller_waits_for_its_thread() -> None:
    async def job() -> list[str]:
        workers, log = ThreadWorkers(), []

        def slow() -> None:
            time.sleep(0.02)
            log.append("thread done")

        with anyio.CancelScope() as scope:
            scope.cancel()
            await workers.run(slow)
        log.append("caller goes on")
        workers.close()
        return log

    assert run_virtual(job) == ["thread done", "caller goes on"]


def test_a_week_of_polls_is_counted_exactly() -> None:
    async def job() -> tuple[int, float]:
        count = 0
        while anyio.current_time() < 7 * 86400:
            await anyio.sleep(30)
            count += 1
        return count, anyio.current_time()

    assert run_virtual(job) == (20160, 604800.0)


def test_scaled_time_stands_still_while_a_thread_works() -> None:
    async def job() -> float:
        workers = ThreadWorkers()
        before = anyio.current_time()
        await workers.run(time.sleep, 0.1)
        workers.close()
        return anyio.current_time() - before

    assert run_loop(job, mode="scaled", speed=1000.0) < 50.0  # 0.1 s would be 100 s of the clock


def test_work_on_the_loop_takes_no_scaled_time() -> None:
    async def job() -> list[float]:
        times = []
        with anyio.fail_after(1.0):
            await anyio.sleep(0.3)
            time.sleep(0.05)  # noqa: ASYNC251 - 50 s of the clock, were it not for the pace
            times.append(anyio.current_time())
            await anyio.sleep(0.3)
            times.append(anyio.current_time())
        return times

    assert run_loop(job, mode="scaled", speed=1000.0) == pytest.approx([0.3, 0.6])


def test_scaled_time_keeps_its_pace() -> None:
    async def job() -> float:
        for _ in range(10):
            await anyio.sleep(2.0)
        return anyio.current_time()

    before = time.monotonic()
    assert run_loop(job, mode="scaled", speed=100.0) == pytest.approx(20.0)
    assert time.monotonic() - before >= 0.2


def test_scaled_time_goes_on_while_only_the_outside_world_is_waited_for() -> None:
    async def job() -> float:
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        caller = threading.Timer(0.05, loop.call_soon_threadsafe, (news.set,))
        caller.start()
        await news.wait()
        caller.join()
        return anyio.current_time()

    assert run_loop(job, mode="scaled", speed=1000.0) >= 50.0


def test_the_real_clock_goes_on_by_itself() -> None:
    async def job() -> float:
        before = anyio.current_time()
        await anyio.sleep(0.02)
        return anyio.current_time() - before

    assert 0.02 <= run_loop(job) < 5


def test_the_private_parts_of_asyncio_that_the_loop_relies_on_are_there() -> None:
    loop = LabLoop("virtual")
    try:
        timer = loop.call_at(7.0, print)
        assert loop._scheduled == [timer]
        assert timer.when() == 7.0
    finally:
        loop.close()


@pytest.mark.parametrize("mode", ["virtual", "scaled"])
def test_a_clock_that_has_gone_on_for_years_still_jumps(mode: Any) -> None:
    """After 97 days two neighbouring floats are further apart than asyncio's resolution."""

    async def wait() -> float:
        for _ in range(3):
            await anyio.sleep(300 * 86400.1)
        return anyio.current_time()

    began = time.monotonic()
    assert run_loop(wait, mode=mode, speed=1e9) == pytest.approx(3 * 300 * 86400.1)
    assert time.monotonic() - began < 10
