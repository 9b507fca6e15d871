"""A machine to drive: the simulated gantry over a table that keeps books, on a line that can be disturbed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import pytest

from labcore.capabilities import Act, Outcome, Spot
from labcore.errors import DeviceError
from labcore.model.quantity import Quantity
from labcore.plugin.driver import Site
from labcore.wire.in_process import InProcessLink
from labcore.wire.wire_log import LoggedLink
from labcore_gantry.driver import GantryDispenser
from labcore_simulators.instruments.gantry import Gantry
from labcore_simulators.world import World

LAB = {
    "lab": "one gantry",
    "stock": {"acetone": {"in": "bottle/1", "volume": "250 mL"}},
    "vessels": {"reactor": {"at": "stirrer", "labware": "beaker-100ml"}},
    "positions": {"stirrer": {}, "rack/A1": {}, "rack/B3": {}},
    "waste": "waste",
}


@dataclass
class Table:
    """What the world wrote down: liquid moved (mL, evaporation aside) and vessels moved."""

    world: World

    @property
    def acts(self) -> list[dict[str, Any]]:
        return [act for act in self.world.acts() if act["act"] in ("draw", "pour", "lift", "put")]

    @property
    def moves(self) -> list[tuple[str, str, str]]:
        return [
            (act["act"], act["vessel"], act["place"]) for act in self.acts if act["act"] in ("lift", "put")
        ]

    @property
    def volumes(self) -> dict[str, float]:
        found = {"bottle/1": 250.0, "reactor": 0.0, "waste": 0.0}
        for act in self.acts:
            if act["act"] == "draw":
                found[act["vessel"]] -= act["got_ml"]
            elif act["act"] == "pour":
                found[act["vessel"]] += act["accepted_ml"]
        return found


class Meddler:
    """A gantry whose line can be disturbed.

    `reply` may change what is said, `deaf` drops everything. `instead` answers for the machine, line -> bytes,
    once, and the machine never hears that line.
    """

    def __init__(self, device: Gantry) -> None:
        self.device = device
        self.line = device.line
        self.heard: list[str] = []
        self.instead: dict[str, bytes] = {}
        self.reply: Callable[[bytes], bytes] = bytes
        self.deaf = False
        self._rest = b""
        self._extra = b""

    def opened(self, now: float) -> None:
        self.device.opened(now)

    def feed(self, data: bytes, now: float) -> None:
        self._rest += data
        while self._rest:
            if self._rest[:1] in (b"?", b"!", b"\x18"):
                piece, self._rest = self._rest[:1], self._rest[1:]
            elif b"\n" in self._rest:
                piece, _, self._rest = self._rest.partition(b"\n")
                piece += b"\n"
            else:
                break
            self._hear(piece, now)

    def _hear(self, piece: bytes, now: float) -> None:
        text = piece.decode().strip()
        if text != "?":
            self.heard.append(text or repr(piece))
        if text in self.instead:
            self._extra += self.instead.pop(text)
        elif not self.deaf:
            self.device.feed(piece, now)

    def poll(self, now: float) -> bytes:
        said = self.reply(self.device.poll(now)) + self._extra
        self._extra = b""
        return b"" if self.deaf else said

    def due(self) -> float | None:
        return self.device.due()


@dataclass
class Rig:
    """One bench: books, simulated machine, line, driver, wire log."""

    table: Table
    gantry: Gantry
    line: Meddler
    driver: GantryDispenser
    log: list[str]

    def dose(self, volume: float = 20.0) -> Act:
        """Prepare a dose (mL) from the bottle into the reactor."""
        source, target = Spot("bottle/1", "bottle/1"), Spot("reactor", "stirrer")
        return self.driver.dispense(source, target, Quantity(volume, "mL"))

    async def failure(self, act: Act) -> DeviceError:
        """Return how an act failed, within its deadline and naming the device or its line."""
        with anyio.fail_after(act.deadline), pytest.raises(DeviceError) as caught:
            await act.send()
        assert caught.value.device == "dispenser"
        assert caught.value.message.startswith(("dispenser: ", "sim://gantry: "))
        return caught.value

    @asynccontextmanager
    async def failing_dose(self, seconds: float) -> AsyncIterator[list[DeviceError]]:
        """Let a dose go on for some seconds, then do what is in the block; the list gets how the dose failed."""
        act, errors = self.dose(), list[DeviceError]()

        async def run() -> None:
            errors.append(await self.failure(act))

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await anyio.sleep(seconds)
            yield errors

    def holds_truth(self, outcome: Outcome) -> None:
        """Compare what the driver says with what was drawn and what was poured."""
        assert outcome.amount is not None
        left = 250.0 - self.table.volumes["bottle/1"]
        assert outcome.amount.low <= self.table.volumes["reactor"] <= outcome.amount.high
        assert outcome.amount.low <= left <= outcome.amount.high

    async def recovers(self) -> None:
        """Dose again as if nothing had been."""
        before = self.table.volumes["reactor"]
        assert (await self.dose(3.0).send()).status == "done"
        assert self.table.volumes["reactor"] - before == pytest.approx(3.0, rel=0.02)


@pytest.fixture
def rig() -> Callable[..., Rig]:
    """Make a rig, inside the loop. Keywords go to the driver's options, `machine` to the simulator's."""

    def make(*, machine: dict[str, Any] | None = None, seed: int = 1, **options: Any) -> Rig:
        table = Table(World.from_lab(LAB, seed=seed))
        given = {"syringe": "25 mL", **options}
        gantry = Gantry(
            table.world,
            device="dispenser",
            options={"syringe": given["syringe"], **(machine or {})},
            lab=LAB,
            seed=seed,
        )
        line, log = Meddler(gantry), []
        link = LoggedLink(InProcessLink(line, "sim://gantry"), log.append)
        driver = GantryDispenser(Site("dispenser", True, link=link), GantryDispenser.Options(**given))
        return Rig(table, gantry, line, driver, log)

    return make


@pytest.fixture
def ready(rig: Callable[..., Rig]) -> Callable[..., Awaitable[Rig]]:
    """Make a rig that is connected and homed, inside the loop."""

    async def make(**keywords: Any) -> Rig:
        bench = rig(**keywords)
        await bench.driver.connect()
        await bench.driver.home().send()
        return bench

    return make


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
