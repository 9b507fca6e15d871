"""What the guard keeps of one device: as fresh as the driver's last send, and sent without splitting anything."""

from __future__ import annotations

import time

import pytest
from in_memory import MemoryLine

from labcore.adapters.loop import run_virtual
from labcore.engine.guard_post import Post, printable
from labcore.errors import LinkLost
from labcore.plugin.driver import BreaksIn, SafeAct
from labcore.ports import ByteStream, LineSettings


class Line(MemoryLine):
    """A line that keeps what went over it, and when."""

    name = "fake"

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, float]] = []
        self.broken = False

    def put(self, how: str, data: bytes) -> None:
        if self.broken and how == "send":
            raise LinkLost("no cable")
        self.sent.append((how, data, time.monotonic()))

    def urgents(self) -> list[bytes]:
        return [data for how, data, _ in self.sent if how == "urgent"]


class Driver:
    """As much of a driver as knows its safe state."""

    def __init__(self, *acts: tuple[str, tuple[bytes, ...], BreaksIn]) -> None:
        self.acts = acts

    def safe(self) -> tuple[SafeAct, ...]:
        return tuple(SafeAct(output, frames, how, self.yes) for output, frames, how in self.acts)

    async def yes(self) -> bool:
        return True


async def opened(driver: Driver, line: Line) -> tuple[Post, ByteStream, list[tuple[str, ...]]]:
    told: list[tuple[str, ...]] = []
    post = Post("device", line)
    post.keep(driver.safe)
    post.watch(lambda changed: told.append(printable(changed.safe)))
    return post, await post.link.open(LineSettings()), told


def test_the_safe_state_is_as_fresh_as_the_last_send() -> None:
    line, gantry = Line(), Driver(("motion", (b"!", b"\x18"), "realtime"))

    async def job() -> list[tuple[str, ...]]:
        post, stream, told = await opened(gantry, line)
        gantry.acts = (("motion", (b"!",), "realtime"),)  # it carries something now: no reset
        await stream.send(b"G1 X10\n")
        post.send_safe()
        return told

    assert run_virtual(job) == [("!", "\\x18"), ("!",)]
    assert line.urgents() == [b"!"]


@pytest.mark.parametrize("wrong", [None, (("motion", None, "realtime"),), (("motion", ("!",), "realtime"),)])
def test_a_driver_that_cannot_tell_leaves_what_it_told_before(wrong: object) -> None:
    line, gantry = Line(), Driver(("motion", (b"!",), "realtime"))

    async def job() -> None:
        post, stream, _ = await opened(gantry, line)
        gantry.acts = wrong  # type: ignore[assignment]
        await stream.send(b"G1 X10\n")
        post.send_safe()

    run_virtual(job)
    assert line.urgents() == [b"!"]


def test_a_line_that_was_begun_is_ended_first() -> None:
    line, plate = Line(), Driver(("speed", (b"STOP_4 \r\n",), "after_line"))

    async def job() -> None:
        post, stream, _ = await opened(plate, line)
        post.send_safe()
        line.broken = True
        with pytest.raises(LinkLost):
            await stream.send(b"OUT_SP_4 30")
        post.send_safe()
        line.broken = False
        await stream.send(b"IN_PV_4 \r\n")
        post.send_safe()

    run_virtual(job)
    assert line.urgents() == [b"STOP_4 \r\n", b"\r\nSTOP_4 \r\n", b"STOP_4 \r\n"]


def test_on_a_bus_the_gap_is_kept() -> None:
    line, pump = Line(), Driver(("flow", (b"\x01\x06", b"\x02\x06"), "bus_gap"))

    async def job() -> None:
        post, stream, _ = await opened(pump, line)
        await stream.send(b"\x01\x03")
        post.send_safe()
        await stream.receive()
        post.send_safe()

    run_virtual(job)
    assert line.urgents() == [b"\x01\x06", b"\x02\x06"] * 2
    assert line.sent[1][2] - line.sent[0][2] >= 0.019, "somebody may be answering"


def test_heat_is_switched_off_before_all_else() -> None:
    line = Line()
    plate = Driver(("speed", (b"STOP_4\n",), "after_line"), ("temperature", (b"STOP_1\n",), "after_line"))

    async def job() -> bool:
        post, _, _ = await opened(plate, line)
        post.send_safe()
        return post.heats

    assert run_virtual(job)
    assert line.urgents() == [b"STOP_1\n", b"STOP_4\n"]


def test_a_line_that_is_not_open_is_said() -> None:
    async def job() -> None:
        post, stream, _ = await opened(Driver(("motion", (b"!",), "realtime")), Line())
        await stream.aclose()
        with pytest.raises(LinkLost, match="not open"):
            post.send_safe()

    run_virtual(job)


def test_who_works_on_a_line_sees_where_it_leads_and_may_write_at_once() -> None:
    line = Line()

    async def job() -> None:
        post, stream, _ = await opened(Driver(("motion", (b"!",), "realtime")), line)
        assert (post.link.name, post.address) == ("fake", "fake")
        stream.urgent(b"?")

    run_virtual(job)
    assert line.urgents() == [b"?"]


def test_parts_without_frames_are_not_written() -> None:
    line = Line()

    async def job() -> None:
        post, _, _ = await opened(Driver(("speed", (), "after_line")), line)
        post.send_safe()

    run_virtual(job)
    assert line.sent == []
