from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.errors import LinkLost
from labcore.ports import LineSettings
from labcore.wire.codec import LineCodec
from labcore.wire.in_process import InProcessLink
from labcore.wire.lines import LineChannel

Make = Callable[..., Any]


async def channel_to(device: Any, *, gap: float = 0.0) -> LineChannel:
    return LineChannel(await InProcessLink(device).open(LineSettings()), LineCodec(b"\n"), gap=gap)


def test_a_line_goes_out_and_its_answer_comes_back(parrot: Make) -> None:
    async def job() -> str:
        channel = await channel_to(parrot(0.2))
        async with channel.exchange():
            await channel.send_line("G0 X1")
            return await channel.receive_line()

    assert run_virtual(job) == "G0 X1"


def test_half_a_line_survives_a_timeout(parrot: Make) -> None:
    async def job() -> tuple[str | None, str | None]:
        device = parrot()
        channel = await channel_to(device)
        device.say(b"ha", 1.0)
        device.say(b"lf\n", 3.0)
        return await channel.receive_within(2.0), await channel.receive_within(2.0)

    assert run_virtual(job) == (None, "half")


def test_the_gap_is_kept_between_lines_but_not_before_realtime_bytes(parrot: Make) -> None:
    async def job() -> list[float]:
        device = parrot()
        channel = await channel_to(device, gap=0.1)
        times = []
        for _ in range(3):
            await channel.send_line("x")
            times.append(anyio.current_time())
        await channel.send_realtime(b"!")
        times.append(anyio.current_time())
        assert device.heard.endswith(b"x\n!")
        return times

    assert run_virtual(job) == pytest.approx([0.0, 0.1, 0.2, 0.2])


def test_one_exchange_at_a_time(parrot: Make) -> None:
    async def job() -> list[tuple[str, str]]:
        channel = await channel_to(parrot(1.0))
        heard: list[tuple[str, str]] = []

        async def ask(word: str) -> None:
            async with channel.exchange():
                await channel.send_line(word)
                heard.append((word, await channel.receive_line()))

        async with anyio.create_task_group() as group:
            for word in ("a", "b", "c"):
                group.start_soon(ask, word)
        return heard

    assert run_virtual(job) == [("a", "a"), ("b", "b"), ("c", "c")]


def test_stale_lines_are_dropped_and_shown_without_waiting(parrot: Make) -> None:
    async def job() -> tuple[list[str], str, float]:
        device = parrot()
        channel = await channel_to(device)
        device.say(b"old 1\nold 2\nhal", 0.0)
        device.say(b"later\n", 9.0)
        stale = await channel.drop_stale()
        at = anyio.current_time()
        await channel.send_line("new")
        return stale, await channel.receive_line(), at

    assert run_virtual(job) == (["old 1", "old 2"], "new", 0.0)


def test_a_line_break_in_a_command_is_refused_with_nothing_sent(parrot: Make) -> None:
    async def job() -> bytes:
        device = parrot()
        channel = await channel_to(device)
        with pytest.raises(ValueError, match="not one line"):
            await channel.send_line("G0 X1\nG0 X2")
        return bytes(device.heard)

    assert run_virtual(job) == b""


def test_a_closed_channel_is_a_lost_link(parrot: Make) -> None:
    async def job() -> None:
        channel = await channel_to(parrot())
        await channel.aclose()
        with pytest.raises(LinkLost):
            await channel.receive_line()

    run_virtual(job)
