"""A bench of real drivers on simulated instruments, each at the end of a cable that can be pulled."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.adapters.loop import run_virtual
from labcore.app import open_run
from labcore.app.files import Texts
from labcore.app.running import Options, RunUnderWay, carry_out
from labcore.errors import LinkLost
from labcore.model.event import Event
from labcore.pipeline.prepare import prepare
from labcore.pipeline.resolve import Sources
from labcore.plugin.driver import Site
from labcore.ports import ByteStream, LineSettings, Link
from labcore.state.reduce import fold
from labcore.state.run_state import RunState
from labcore_gantry.driver import GantryDispenser
from labcore_namur.driver import IkaNamur

LAB = """
lab: two machines
devices:
  dispenser: {driver: gantry, port: "sim://gantry", syringe: 25 mL}
  stirrer: {driver: namur, port: "sim://ika-rct", watchdog: 20 s}
positions:
  stirrer: {fits: vial-50ml, station: stirrer}
  rack/A1: {fits: vial-50ml}
stock:
  water: {in: bottle/1, volume: 250 mL}
vessels:
  vial: {at: stirrer, labware: vial-50ml, empty: true}

"""
When = Callable[[Literal["send", "receive"], bytes], bool]


@dataclass
class Cable:
    """A link whose plug can be pulled: by hand, or when `when` says so about what is being sent or was received."""

    link: Link
    plugged: bool = True
    when: When = lambda direction, data: False
    half: bool = False  # the last piece gets through by half
    opened: int = 0
    waiting: set[anyio.CancelScope] = field(default_factory=set)
    instead: Any = None  # another instrument at the same port
    delay: float = 0.0  # s before each piece that is received
    piece: int = 4096  # bytes

    @property
    def name(self) -> str:
        return self.link.name

    async def open(self, line: LineSettings) -> ByteStream:
        if not self.plugged:
            raise self.gone()
        self.opened += 1
        return Stream(self, await (self.instead or self.link).open(line), self.opened)

    def gone(self) -> LinkLost:
        return LinkLost(f"{self.name}: the cable is not plugged in.", remedy="Plug it in.")

    def pull(self) -> None:
        self.plugged = False
        self.opened += 1
        for scope in self.waiting:
            scope.cancel()


@dataclass
class Stream:
    """One connection over a cable; dead for good once the plug was pulled."""

    cable: Cable
    inner: ByteStream
    number: int
    rest: bytes = b""

    async def send(self, data: bytes) -> None:
        self._check()
        if self.cable.when("send", data):
            await self.inner.send(data[: len(data) // 2] if self.cable.half else b"")
            self.cable.pull()
        self._check()
        await self.inner.send(data)

    async def receive(self, limit: int = 4096) -> bytes:
        self._check()
        with anyio.CancelScope() as scope:
            self.cable.waiting.add(scope)
            try:
                data = await self._piece(limit)
            finally:
                self.cable.waiting.discard(scope)
            if self.cable.when("receive", data):
                self.cable.pull()
                if self.cable.half and len(data) > 1:
                    return data[: len(data) // 2]
                raise self.cable.gone()
            return data
        raise self.cable.gone()

    async def _piece(self, limit: int) -> bytes:
        self.rest = self.rest or await self.inner.receive(limit)
        if self.cable.delay:
            await anyio.sleep(self.cable.delay)
        piece, self.rest = self.rest[: self.cable.piece], self.rest[self.cable.piece :]
        return piece

    async def aclose(self) -> None:
        await self.inner.aclose()

    def _check(self) -> None:
        if self.number != self.cable.opened:
            raise self.cable.gone()


def instrument(link: Any) -> Any:
    """Return the simulated instrument at the end of a link, whatever watches and logs stand between."""
    while not hasattr(link, "_device"):
        link = link._link
    return link._device


@dataclass
class Done:
    """A finished run with the simulated world's own record."""

    events: list[Event]
    state: RunState
    acts: list[dict[str, Any]]

    def of(self, kind: str, device: str | None = None) -> list[Any]:
        return [one for one in self.events if one.kind == kind and device in (None, one.device)]

    @property
    def poured(self) -> float:
        return float(
            sum(act["accepted_ml"] for act in self.acts if act["act"] == "pour" and act["vessel"] == "vial")
        )


@dataclass
class Bench:
    """Runs protocols; `cables` and simulated `devices` are there while one runs."""

    folder: Path
    cables: dict[str, Cable] = field(default_factory=dict)
    devices: dict[str, Any] = field(default_factory=dict)
    setup: Callable[[Cable], None] = lambda cable: None

    def play(self, steps: str, *, during: Any = None, head: str = "", prompts: Any = None) -> Done:
        text = f"labcore: 1\nname: test\n{textwrap.dedent(head)}\n{textwrap.dedent(steps)}"
        catalog = EntryPointCatalog(
            {("drivers", "gantry"): self._wired(GantryDispenser), ("drivers", "namur"): self._wired(IkaNamur)}
        )
        prepared = prepare(Sources(text, "p.yaml", LAB, "lab.yaml", {}, True), catalog)
        assert not prepared.errors, [problem.text() for problem in prepared.errors]

        async def watch(run: RunUnderWay) -> None:
            if during is not None:
                await during(run)

        options = Options(self.folder, True, True, 7, watch=watch, prompts=prompts)
        folder, state = run_virtual(
            partial(
                carry_out, prepared, Texts(text, "p.yaml", LAB, "lab.yaml", self.folder), catalog, options
            )
        )
        finished = open_run(str(folder))
        events = list(finished.events())
        finished.record.close()
        assert fold(events) == state
        worlds = [getattr(one, "head", one).world for one in self.devices.values()]
        return Done(events, state, list(worlds[0].acts()))

    def _wired(self, driver: type) -> type:
        bench = self

        def make(self: Any, site: Site, options: Any) -> None:
            assert site.link is not None
            cable = bench.cables[site.device] = Cable(site.link)
            bench.devices[site.device] = instrument(site.link)
            bench.setup(cable)
            driver.__init__(self, replace(site, link=cable), options)  # type: ignore[misc]

        return type(driver.__name__, (driver,), {"__init__": make})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
