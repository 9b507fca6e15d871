"""Bytes that break in from another thread: on a turn, over TCP, over served serial lines and into a simulator."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_loop
from labcore.errors import LinkLost
from labcore.ports import LineSettings
from labcore.wire.in_process import InProcessLink
from labcore.wire.serial_link import SerialLink
from labcore.wire.tcp_link import TcpLink
from labcore.wire.turn import Turn
from labcore.wire.wire_log import LoggedLink
from labcore_simulators.instruments.contract import LineSettings as InstrumentLine
from labcore_simulators.serve.serial_line import SerialLine
from labcore_simulators.serve.stage import Stage
from labcore_simulators.serve.wirelog import WireLog

LINE = LineSettings()


def until(condition: Callable[[], bool]) -> None:
    """Wait without the loop."""
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def threads(*jobs: Callable[[], Any]) -> list[threading.Thread]:
    found = [threading.Thread(target=job) for job in jobs]
    for one in found:
        one.start()
        time.sleep(0.05)  # so that they queue in this order
    return found


def test_whoever_is_urgent_goes_before_those_who_wait_and_after_who_writes() -> None:
    turn, wrote = Turn(), []
    free = threading.Event()

    def usual(name: str) -> None:
        with turn.usual():
            wrote.append(name)
            free.wait(5)

    def urgent() -> None:
        with turn.urgent(5):
            wrote.append("urgent")

    found = threads(lambda: usual("first"), lambda: usual("second"), urgent)
    assert wrote == ["first"]
    free.set()
    for one in found:
        one.join(5)
    assert wrote == ["first", "urgent", "second"]


def test_a_write_that_does_not_end_is_not_waited_for_for_ever() -> None:
    turn, free = Turn(), threading.Event()

    def usual() -> None:
        with turn.usual():
            free.wait(5)

    found = threads(usual)
    with pytest.raises(TimeoutError), turn.urgent(0.1):
        pass
    free.set()
    found[0].join(5)
    with turn.usual():
        pass  # whoever gave up holds nobody


class Peer:
    """Somebody at the other end of a TCP connection who reads when told to."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.link = TcpLink("127.0.0.1", self.listener.getsockname()[1])
        self.heard = b""

    def accept(self) -> None:
        self.line, _ = self.listener.accept()

    def read(self, count: int) -> bytes:
        while len(self.heard) < count:
            part = self.line.recv(65536)
            assert part, "hung up early"
            self.heard += part
        return self.heard

    def close(self) -> None:
        self.line.close()
        self.listener.close()


def test_over_tcp_it_goes_out_while_the_loop_is_blocked() -> None:
    peer = Peer()

    async def job() -> None:
        stream = await peer.link.open(LINE)
        peer.accept()
        await stream.send(b"G1 X10\n")
        breaking_in = threading.Thread(target=stream.urgent, args=(b"!",))
        breaking_in.start()
        assert peer.read(8) == b"G1 X10\n!"  # read here, on the loop's own thread: the loop stands still
        breaking_in.join(5)
        await stream.aclose()
        with pytest.raises(LinkLost):
            stream.urgent(b"!")

    run_loop(job)
    peer.close()


def test_over_tcp_the_frame_under_way_is_finished_first() -> None:
    peer = Peer()
    frame = b"x" * 8_000_000 + b"\n"  # more than the system takes at once

    async def job() -> None:
        stream = await peer.link.open(LINE)
        peer.accept()
        async with anyio.create_task_group() as group:
            group.start_soon(stream.send, frame)
            await anyio.sleep(0.2)
            breaking_in = threading.Thread(target=stream.urgent, args=(b"!",))
            breaking_in.start()
            assert peer.read(len(frame) + 1) == frame + b"!"
            breaking_in.join(5)
        await stream.aclose()

    run_loop(job)
    peer.close()


def test_a_peer_that_takes_nothing_is_said_in_time() -> None:
    peer = Peer()

    async def job() -> float:
        stream = await peer.link.open(LINE)
        peer.accept()
        with anyio.move_on_after(0.2):
            await stream.send(b"x" * 8_000_000)
        began = time.monotonic()
        with pytest.raises(LinkLost, match="takes no bytes"):
            stream.urgent(b"!")
        took = time.monotonic() - began
        peer.line.close()
        await stream.aclose()
        return took

    assert run_loop(job) < 3
    peer.close()


@pytest.mark.filterwarnings(r"ignore:set(Daemon|Name)\(\) is deprecated:DeprecationWarning")
@pytest.mark.parametrize("transport", ["rfc2217", "socket"])
def test_over_a_serial_port_it_goes_out_while_the_loop_is_blocked(
    transport: Any, parrot: Any, tmp_path: Any
) -> None:
    device = parrot()
    device.line = InstrumentLine(9600, 7, "E", 1)
    stage = Stage()
    site = SerialLine(
        stage, "parrot", device, WireLog(tmp_path / "wire.jsonl"), host="127.0.0.1", transport=transport
    )
    stage.start()
    site.start()

    async def job() -> None:
        stream = await SerialLink(site.url).open(LineSettings(9600, 7, "E", 1))
        await stream.send(b"hello\n")
        stream.urgent(b"STOP\n")  # on the loop's thread: the loop stands still
        until(lambda: b"STOP" in device.heard)
        assert device.heard == b"hello\nSTOP\n"
        await stream.aclose()
        with pytest.raises(LinkLost, match="not open"):
            stream.urgent(b"STOP\n")

    try:
        run_loop(job)
    finally:
        site.close()
        stage.close()
        site.log.close()


def test_into_a_simulator_and_the_waiting_reader_is_woken(parrot: Any) -> None:
    lines: list[str] = []
    device = parrot()

    async def job() -> bytes:
        stream = await LoggedLink(InProcessLink(device, "sim://parrot"), lines.append).open(LINE)
        heard: list[bytes] = []
        reached = anyio.Event()

        async def read() -> None:
            heard.append(await stream.receive())
            reached.set()

        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await anyio.sleep(0.05)
            breaking_in = threading.Thread(target=stream.urgent, args=(b"STOP\n",))
            breaking_in.start()
            with anyio.fail_after(5):
                await reached.wait()
            breaking_in.join(5)
        await stream.aclose()
        with pytest.raises(LinkLost):
            stream.urgent(b"x")
        return heard[0]

    assert run_loop(job) == b"STOP\n"
    entries = [json.loads(line) for line in lines]
    assert ("out", True) in [(one["dir"], one.get("urgent")) for one in entries if "hex" in one]


def test_a_simulators_time_never_goes_back(parrot: Any) -> None:
    class Strict:
        """Keeps the times it was given and takes a while over each byte."""

        def __init__(self) -> None:
            self.times: list[float] = []

        def opened(self, now: float) -> None:
            self.feed(b"", now)

        def feed(self, data: bytes, now: float) -> None:
            self.times.append(now)
            time.sleep(0.0002)
            self.times.append(now)

        def poll(self, now: float) -> bytes:
            self.feed(b"", now)
            return b""

        def due(self) -> float | None:
            return None

    device = Strict()

    async def job() -> None:
        stream = await InProcessLink(device).open(LINE)
        hammer = threading.Thread(target=lambda: [stream.urgent(b"!") for _ in range(200)])
        hammer.start()
        while hammer.is_alive():
            await stream.send(b"x")
        hammer.join()
        await stream.aclose()

    run_loop(job)
    assert device.times == sorted(device.times)
    assert len(device.times) > 400
