from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.errors import LinkLost
from labcore.ports import LineSettings
from labcore.wire.in_process import InProcessLink

Make = Callable[..., Any]
LINE = LineSettings()


def test_an_answer_comes_when_it_is_due_and_not_before(parrot: Make) -> None:
    async def job() -> tuple[bytes, float]:
        stream = await InProcessLink(parrot(2.5)).open(LINE)
        await anyio.sleep(1)
        await stream.send(b"hello\n")
        return await stream.receive(), anyio.current_time()

    assert run_virtual(job) == (b"hello\n", 3.5)


def test_a_waiting_reader_is_woken_by_a_later_send(parrot: Make) -> None:
    async def job() -> list[tuple[bytes, float]]:
        stream = await InProcessLink(parrot(0.5)).open(LINE)
        heard = []

        async def read() -> None:
            heard.append((await stream.receive(), anyio.current_time()))

        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await anyio.sleep(4)
            await stream.send(b"a\n")
        return heard

    assert run_virtual(job) == [(b"a\n", 4.5)]


def test_a_send_that_brings_the_answer_forward_wakes_the_reader_in_time(parrot: Make) -> None:
    async def job() -> tuple[bytes, float]:
        device = parrot()
        stream = await InProcessLink(device).open(LINE)
        device.say(b"late", 100.0)
        found: list[tuple[bytes, float]] = []

        async def read() -> None:
            found.append((await stream.receive(), anyio.current_time()))

        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await anyio.sleep(1)
            await stream.send(b"now\n")
        return found[0]

    assert run_virtual(job) == (b"now\n", 1.0)


def test_deadlines_of_the_caller_hold(parrot: Make) -> None:
    async def job() -> float:
        stream = await InProcessLink(parrot(60.0)).open(LINE)
        await stream.send(b"x\n")
        with anyio.move_on_after(7):
            await stream.receive()
        return anyio.current_time()

    assert run_virtual(job) == 7.0


def test_a_small_limit_loses_nothing(parrot: Make) -> None:
    async def job() -> bytes:
        stream = await InProcessLink(parrot()).open(LINE)
        await stream.send(b"hello\n")
        return b"".join([await stream.receive(2) for _ in range(3)])

    assert run_virtual(job) == b"hello\n"


def test_a_device_whose_due_time_stands_still_does_not_hang_the_loop(parrot: Make) -> None:
    async def job() -> float:
        device = parrot()
        device.due = lambda: 0.0
        stream = await InProcessLink(device).open(LINE)
        with anyio.move_on_after(0.05):
            await stream.receive()
        return anyio.current_time()

    assert run_virtual(job) == pytest.approx(0.05)


def test_closing_ends_a_waiting_reader_and_later_calls(parrot: Make) -> None:
    async def job() -> int:
        stream = await InProcessLink(parrot(), "sim://parrot").open(LINE)
        lost = 0

        async def read() -> None:
            nonlocal lost
            with pytest.raises(LinkLost, match="sim://parrot"):
                await stream.receive()
            lost += 1

        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await anyio.sleep(1)
            await stream.aclose()
        await stream.aclose()
        with pytest.raises(LinkLost):
            await stream.send(b"x")
        return lost

    assert run_virtual(job) == 1


@pytest.mark.parametrize(
    ("given", "heard"), [(LineSettings(9600, 7, "E", 1), b"x\n"), (LineSettings(9600, 8, "N", 1), b"")]
)
def test_wrong_line_settings_leave_both_sides_deaf(parrot: Make, given: LineSettings, heard: bytes) -> None:
    async def job() -> tuple[bytes, bytes]:
        device = parrot()
        device.line = SimpleNamespace(baud=9600, bytesize=7, parity="E", stopbits=1)
        stream = await InProcessLink(device).open(given)
        await stream.send(b"x\n")
        answer = b""
        with anyio.move_on_after(5):
            answer = await stream.receive()
        return device.heard, answer

    assert run_virtual(job) == (heard, heard)


def test_opening_tells_the_device(parrot: Make) -> None:
    async def job() -> list[float]:
        device = parrot()
        await anyio.sleep(3)
        await InProcessLink(device).open(LINE)
        return list(device.opened_at)

    assert run_virtual(job) == [3.0]
