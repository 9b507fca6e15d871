"""One or two devices, a writer and nothing else: a part of the engine is called by itself, and the record is compared whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from labcore.adapters.loop import run_virtual
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.wall_clock import SimulatedWallClock
from labcore.capabilities import Act, Heating, Measuring, Outcome, Placing, Stirring
from labcore.engine.session import Session
from labcore.engine.writer import Writer
from labcore.model.event import Body, Event, RunStarted
from labcore.plugin.driver import SafeAct

Send = Callable[[], Awaitable[Outcome]]


async def done() -> Outcome:
    return Outcome("done")


class Device:
    """A driver. What a method's act does is in `sends`, by method; what it takes to be safe in `parts`."""

    capabilities = (Heating, Stirring, Placing, Measuring)
    transport = "link"
    limits: dict[str, Any] = {}
    measures: Any = ("pH",)

    def __init__(self) -> None:
        self.sends: dict[str, Send] = {}
        self.cut: Send | None = None
        self.encode: Callable[[], None] = lambda: None
        self.parts: Any = ()
        self.read: Callable[[], Awaitable[Any]] | None = None
        self.deadline = 30.0

    def act(self, method: str, frame: str) -> Act:
        self.encode()
        return Act((frame,), self.sends.get(method, done), self.deadline, self.cut)

    def heat(self, temperature: Any) -> Act:
        return self.act("heat", f"HEAT {temperature.value:g}")

    def stop_heating(self) -> Act:
        return self.act("stop_heating", "HEAT OFF")

    def stir(self, speed: Any) -> Act:
        return self.act("stir", f"STIR {speed.value:g}")

    def stop_stirring(self) -> Act:
        return self.act("stop_stirring", "STIR OFF")

    def place(self, vessel: str, origin: str, target: str) -> Act:
        return self.act("place", f"PLACE {vessel} {target}")

    async def speed(self) -> Any:
        assert self.read is not None
        return await self.read()

    async def measure(self, what: str, spot: Any) -> Any:
        assert self.read is not None
        return await self.read()

    def safe(self) -> tuple[SafeAct, ...]:
        return tuple(self.parts() if callable(self.parts) else self.parts)


class Inline:
    """`Workers` that need no thread."""

    async def run(self, work: Callable[..., Any], *args: Any) -> Any:
        return work(*args)


class Bench:
    """What the parts of the engine work on. `plate` is the one device, unless more are added."""

    def __init__(self) -> None:
        self.writer = Writer(MemoryJournal(), SimulatedWallClock(), began=0.0, time=lambda: 5.0)
        self.sessions: dict[str, Session] = {}
        self.setting: Any = SimpleNamespace(writer=self.writer, sessions=self.sessions, workers=Inline())
        self.device = self.add("plate")
        self.session = self.sessions["plate"]

    def add(self, name: str, *, simulated: bool = False) -> Device:
        device: Any = Device()
        self.sessions[name] = Session(name, device, simulated)
        return device  # type: ignore[no-any-return]

    async def begin(self, *bodies: Body) -> None:
        for body in (RunStarted("p", "d", "lab", False, 1, {}), *bodies):
            await self.writer.write(body)
        self.began = self.writer.state.position

    def events(self) -> list[Event]:
        """Return what was written since `begin`."""
        return list(self.writer.after(self.began, 1000))

    def written(self) -> list[Body]:
        """Return the bodies of the same."""
        return [event.body for event in self.events()]


@pytest.fixture
def on_bench() -> Callable[[Callable[[Bench], Awaitable[Any]]], Any]:
    """Run `job(bench)` in virtual time, in a run that has begun, and return what it returns."""

    def run(job: Callable[[Bench], Awaitable[Any]]) -> Any:
        async def go() -> Any:
            bench = Bench()
            await bench.begin()
            return await job(bench)

        return run_virtual(go)

    return run
