"""A plate to drive: the simulated IKA over the simulated world, on a line that can be disturbed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from labcore.plugin.driver import Site
from labcore.wire.in_process import InProcessLink
from labcore.wire.wire_log import LoggedLink
from labcore_namur.driver import IkaNamur
from labcore_simulators.registration import SIMULATORS
from labcore_simulators.world import World

LAB = {
    "lab": "one plate",
    "devices": {"stirrer": {"driver": "ika-namur", "port": "sim://ika-rct"}},
    "vessels": {"reactor": {"at": "stirrer", "labware": "vial-50ml"}},
    "positions": {"stirrer": {"station": "stirrer"}},
}


class Meddler:
    """A plate whose line can be disturbed.

    Commands in `swallow` are never heard, those in `instead` get another answer.
    """

    def __init__(self, device: Any) -> None:
        self.device = device
        self.line = device.line
        self.heard: list[str] = []
        self.swallow: set[str] = set()
        self.instead: dict[str, bytes] = {}
        self.before_each_answer = b""
        self._rest = b""
        self._extra = b""

    def opened(self, now: float) -> None:
        self.device.opened(now)

    def feed(self, data: bytes, now: float) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            text = line.decode().strip()
            self.heard.append(text)
            if text in self.instead:
                self._extra += self.instead[text]
            elif text not in self.swallow:
                self.device.feed(line + b"\n", now)

    def poll(self, now: float) -> bytes:
        said = self.device.poll(now) + self._extra
        self._extra = b""
        return self.before_each_answer + said if said else b""

    def due(self) -> float | None:
        due: float | None = self.device.due()
        return due


@dataclass
class Rig:
    """One bench: world, line, driver, wire log."""

    world: World
    line: Meddler
    driver: IkaNamur
    log: list[str]


@pytest.fixture
def rig() -> Callable[..., Rig]:
    """Make a rig, inside the loop. Keywords go to the driver's options, `machine` to the simulator's."""

    def make(*, machine: dict[str, Any] | None = None, **options: Any) -> Rig:
        world = World.from_lab(LAB, seed=1)
        device = SIMULATORS["ika-rct"](world, device="stirrer", options=machine or {}, lab=LAB, seed=1)
        line, log = Meddler(device), []
        link = LoggedLink(InProcessLink(line, "sim://ika-rct"), log.append)
        driver = IkaNamur(Site("stirrer", True, link=link), IkaNamur.Options(**options))
        return Rig(world, line, driver, log)

    return make


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
