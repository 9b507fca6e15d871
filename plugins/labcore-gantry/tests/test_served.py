"""The same driver over real sockets, in real time, against the simulated gantry in threads of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest

from labcore.capabilities import Spot
from labcore.errors import LinkLost
from labcore.model.quantity import Quantity
from labcore.plugin.driver import Site
from labcore.ports import Link
from labcore.wire.serial_link import SerialLink
from labcore.wire.tcp_link import TcpLink
from labcore_gantry.driver import GantryDispenser
from labcore_simulators.serve import Served, serve
from labcore_simulators.world import World

# pyserial 3.5 names its RFC 2217 thread in a way that Python 3.10 deprecated.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings(r"ignore:set(Daemon|Name)\(\) is deprecated:DeprecationWarning"),
]
DECK = {"bottle/1": [2, 2], "stirrer": [12, 2]}
LAB = {
    "lab": "one gantry, on the air",
    "devices": {
        "dispenser": {
            "driver": "gantry-dispenser", "port": "sim://gantry", "syringe": "25 mL", "deck": DECK,
            "boot": 0.1, "settings": {22: 0},
        }
    },
    "stock": {"acetone": {"in": "bottle/1", "volume": "250 mL"}},
    "vessels": {"reactor": {"at": "stirrer", "labware": "vial-50ml"}},
    "positions": {"stirrer": {}},
}  # fmt: skip


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


async def test_a_dose_over_a_real_connection(served: Served, tmp_path: Path) -> None:
    link = link_to(served.urls["dispenser"][1])
    options = GantryDispenser.Options(syringe=Quantity(25.0, "mL"), deck=DECK, feed=Quantity(8.0, "mL/s"))
    driver = GantryDispenser(Site("dispenser", True, link=link), options)
    with anyio.fail_after(30):
        assert str(await driver.connect()).startswith("Grbl 1.1h")
        act = driver.dispense(Spot("bottle/1", "bottle/1"), Spot("reactor", "stirrer"), Quantity(0.5, "mL"))
        outcome = await act.send()
        await driver.disconnect()
    assert outcome.status == "done"
    poured = sum(act["accepted_ml"] for act in served.world.acts() if act["act"] == "pour")
    assert outcome.amount is not None
    assert outcome.amount.low <= poured <= outcome.amount.high
    log = [json.loads(line) for line in (tmp_path / "wire.jsonl").read_text().splitlines()]
    heard = "".join(entry["text"] for entry in log if entry["event"] == "in").replace("?", "")
    assert heard == "$I\n" + "".join(f"{frame}\n" for frame in act.frames)
    if link.name.startswith("rfc2217"):
        settings: list[Any] = [entry for entry in log if entry["event"] == "line"]
        assert settings[-1]["line"] == "115200 8N1"
        assert settings[-1]["matches"] is True


async def test_the_plug_pulled_in_mid_dose(served: Served) -> None:
    link = link_to(served.urls["dispenser"][1])
    options = GantryDispenser.Options(syringe=Quantity(25.0, "mL"), deck=DECK)
    driver = GantryDispenser(Site("dispenser", True, link=link), options)
    with anyio.fail_after(30):
        await driver.connect()
        act = driver.dispense(Spot("bottle/1", "bottle/1"), Spot("reactor", "stirrer"), Quantity(20.0, "mL"))
        async with anyio.create_task_group() as group:
            group.start_soon(_pull, served)
            with pytest.raises(LinkLost) as caught:
                await act.send()
        await driver.disconnect()
    assert caught.value.outcome.status in ("not_started", "unknown")


async def _pull(served: Served) -> None:
    await anyio.sleep(1.0)
    served.sites["dispenser"].close()
