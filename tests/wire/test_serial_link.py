from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from labcore.errors import LinkLost
from labcore.ports import LineSettings
from labcore.wire.serial_link import SerialLink
from labcore_simulators.instruments.contract import LineSettings as InstrumentLine
from labcore_simulators.serve.serial_line import SerialLine, Transport
from labcore_simulators.serve.stage import Stage
from labcore_simulators.serve.wirelog import WireLog

# pyserial 3.5 names its RFC 2217 thread in a way that Python 3.10 deprecated.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings(r"ignore:set(Daemon|Name)\(\) is deprecated:DeprecationWarning"),
]
SEVEN_EVEN = LineSettings(9600, 7, "E", 1)


class Serving:
    """A parrot behind a served line, and what the line saw."""

    def __init__(self, device: Any, transport: Transport, log: Any) -> None:
        self.stage, self.log = Stage(), log
        self.site = SerialLine(
            self.stage, "parrot", device, WireLog(log), host="127.0.0.1", transport=transport
        )
        self.stage.start()
        self.site.start()

    def close(self) -> None:
        self.site.close()
        self.stage.close()
        self.site.log.close()


@pytest.fixture(params=["rfc2217", "socket"])
def served(request: pytest.FixtureRequest, parrot: Any, tmp_path: Any) -> Iterator[Serving]:
    device = parrot()
    device.line = InstrumentLine(9600, 7, "E", 1)
    serving = Serving(device, request.param, tmp_path / "wire.jsonl")
    yield serving
    serving.close()


def our_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("labcore-serial")]


async def test_bytes_go_both_ways_and_no_thread_stays(served: Serving) -> None:
    for _ in range(2):
        stream = await SerialLink(served.site.url).open(SEVEN_EVEN)
        await stream.send(b"IN_NAME \r\n")
        with anyio.fail_after(5):
            got = b""
            while len(got) < 10:
                got += await stream.receive()
        assert got == b"IN_NAME \r\n"
        assert our_threads()
        await stream.aclose()
        await stream.aclose()
        assert our_threads() == []


@pytest.mark.parametrize("served", ["rfc2217"], indirect=True)
async def test_line_settings_arrive(served: Serving) -> None:
    stream = await SerialLink(served.site.url).open(SEVEN_EVEN)
    await stream.aclose()
    assert '"line": "9600 7E1", "matches": true' in served.log.read_text()


async def test_the_other_side_going_away_is_a_lost_link(served: Serving) -> None:
    stream = await SerialLink(served.site.url).open(SEVEN_EVEN)
    with anyio.fail_after(10):
        served.site.close()
        with pytest.raises(LinkLost, match="127.0.0.1"):
            await stream.receive()
        with pytest.raises(LinkLost):
            await stream.send(b"x")
        await stream.aclose()
    assert our_threads() == []


@pytest.mark.parametrize("url", ["/dev/labcore-no-such-port", "socket://127.0.0.1:1", "nonsense://x"])
async def test_what_cannot_be_opened_is_a_lost_link_that_names_it(url: str) -> None:
    with pytest.raises(LinkLost, match=url):
        await SerialLink(url).open(LineSettings())
    assert our_threads() == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
async def test_a_device_path_is_opened_for_us_alone_and_survives_reopening() -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    try:
        for _ in range(2):
            stream = await SerialLink(path).open(LineSettings(115200, 8, "N", 1))
            with pytest.raises(LinkLost, match=path):
                await SerialLink(path).open(LineSettings(115200, 8, "N", 1))
            await stream.send(b"?")
            assert os.read(master, 10) == b"?"
            os.write(master, b"<Idle>")
            with anyio.fail_after(5):
                assert (await stream.receive()).startswith(b"<")
            await stream.aclose()
    finally:
        os.close(master)
        os.close(slave)
    assert our_threads() == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
async def test_a_port_that_is_unplugged_is_a_lost_link() -> None:
    master, slave = os.openpty()
    stream = await SerialLink(os.ttyname(slave)).open(LineSettings(115200, 8, "N", 1))
    os.close(master)
    os.close(slave)
    with anyio.fail_after(5), pytest.raises(LinkLost):
        await stream.receive()
    await stream.aclose()
    assert our_threads() == []
