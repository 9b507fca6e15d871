"""The same driver over real sockets, in real time, against the simulated plate in threads of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import pytest

from labcore.errors import DeviceTimeout
from labcore.model.quantity import Quantity
from labcore.plugin.driver import Site
from labcore.ports import ByteStream, LineSettings, Link
from labcore.wire.serial_link import SerialLink
from labcore.wire.tcp_link import TcpLink
from labcore_namur import namur
from labcore_namur.driver import IkaNamur
from labcore_simulators.serve import Served, serve
from labcore_simulators.world import World

# pyserial 3.5 names its RFC 2217 thread in a way that Python 3.10 deprecated.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings(r"ignore:set(Daemon|Name)\(\) is deprecated:DeprecationWarning"),
]
LAB = {
    "lab": "one plate, on the air",
    "devices": {"stirrer": {"driver": "ika-namur", "port": "sim://ika-rct"}},
    "vessels": {"reactor": {"at": "stirrer", "labware": "vial-50ml"}},
    "positions": {"stirrer": {"station": "stirrer"}},
}


@pytest.fixture(params=["rfc2217", "socket"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    serving = serve(LAB, make_world=World.from_lab, folder=tmp_path, transport=request.param)
    serving.start()
    yield serving
    serving.close()


def link_to(url: str) -> Link:
    parts = urlsplit(url)
    if parts.scheme == "rfc2217":
        return SerialLink(url)
    assert parts.hostname
    assert parts.port
    return TcpLink(parts.hostname, parts.port)


class WrongLine:
    """A link somebody set to other line settings."""

    def __init__(self, link: Link, line: LineSettings) -> None:
        self._link, self._line = link, line

    @property
    def name(self) -> str:
        return self._link.name

    async def open(self, line: LineSettings) -> ByteStream:
        return await self._link.open(self._line)


async def test_stirring_over_a_real_connection(served: Served, tmp_path: Path) -> None:
    link = link_to(served.urls["stirrer"][1])
    driver = IkaNamur(Site("stirrer", True, link=link), IkaNamur.Options())
    with anyio.fail_after(20):
        assert "RCT digital" in str(await driver.connect())
        act = driver.stir(Quantity(300.0, "rpm"))
        assert (await act.send()).status == "done"
        assert (await driver.stop_stirring().send()).status == "done"
        await driver.disconnect()
    log = [json.loads(line) for line in (tmp_path / "wire.jsonl").read_text().splitlines()]
    heard = "".join(entry["text"] for entry in log if entry["event"] == "in")
    assert "".join(f"{frame} \r\n" for frame in act.frames) in heard
    if link.name.startswith("rfc2217"):
        settings = [entry for entry in log if entry["event"] == "line"]
        assert settings[-1]["line"] == "9600 7E1"
        assert settings[-1]["matches"] is True


@pytest.mark.parametrize("served", ["rfc2217"], indirect=True)
@pytest.mark.parametrize("wrong", [LineSettings(19200, 7, "E", 1), LineSettings(9600, 7, "O", 1)])
async def test_wrong_line_settings_fail_at_connect_and_name_the_right_ones(
    served: Served, wrong: LineSettings
) -> None:
    link = WrongLine(link_to(served.urls["stirrer"][1]), wrong)
    driver = IkaNamur(Site("stirrer", True, link=link), IkaNamur.Options())
    with anyio.fail_after(20), pytest.raises(DeviceTimeout) as caught:
        await driver.connect()
    assert "9600 7E1" in caught.value.remedy
    assert namur.NAME in caught.value.message
