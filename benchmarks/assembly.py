"""Put labcore's own parts together for a measurement: a protocol as text, a bench in memory, and a journal to choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import anyio
from texts import MEMORY_LAB, protocol

from labcore.adapters.commit_thread import CommitThread
from labcore.adapters.entry_points import EntryPointCatalog
from labcore.adapters.file_blobs import FileBlobs
from labcore.adapters.loop import run_loop
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.adapters.wall_clock import RealWallClock, SimulatedWallClock
from labcore.adapters.workers import ThreadWorkers
from labcore.capabilities import Act, Dosing, Outcome, Spot
from labcore.engine.run import Engine
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.engine.writer import Writer
from labcore.model.effect import Effects
from labcore.model.event import Asked, Event, RunStarted
from labcore.model.interval import Interval
from labcore.model.quantity import Quantity
from labcore.pipeline.prepare import Prepared, prepare
from labcore.pipeline.resolve import Sources
from labcore.plugin.arguments import StepArgs
from labcore.plugin.bench import Bench
from labcore.plugin.driver import DriverOptions, Identity, Limit, SafeAct, Site
from labcore.plugin.observer import Desk, Observer
from labcore.plugin.step import StepContext, Verb
from labcore.ports import Answer, Journal
from labcore.records.run_folder import RunFolder
from labcore.state.run_state import RunState


class Nothing(Verb):
    """A step that does nothing: what is left is the runtime."""

    class Args(StepArgs):
        pass

    harmless = True

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Change nothing."""
        return Effects()

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Return at once."""


class Report(Verb):
    """A step that records values one after the other; `yielding` lets every reader see each before the next."""

    class Args(StepArgs):
        count: int
        yielding: bool = True

    harmless = True

    def effects(self, args: Any, bench: Bench) -> Effects:
        """Change nothing."""
        return Effects()

    async def run(self, ctx: StepContext, args: Any) -> None:
        """Record `count` temperatures."""
        detail = {
            "channel": "probe 1",
            "filter": "median of 5",
            "reference": "ice point, checked the same day",
        }
        for number in range(args.count):
            value = Quantity(20.0 + number % 100 / 10, "°C")
            await ctx.observe("temperature", "vial", value, uncertainty=0.1, device="doser", detail=detail)
            if args.yielding:
                await ctx.sleep(0)


class MemoryDoser:
    """A doser that only counts."""

    capabilities: ClassVar[tuple[type, ...]] = (Dosing,)
    Options: ClassVar[type[DriverOptions]] = DriverOptions
    transport: ClassVar[Literal["link", "frames", "person"]] = "person"
    simulator: ClassVar[str] = "person"
    limits: ClassVar[Mapping[str, Limit]] = {}
    outputs: ClassVar[tuple[str, ...]] = ()
    watchdog: ClassVar[tuple[str, ...]] = ()

    def __init__(self, site: Site, options: Any) -> None:
        self.doses = 0

    async def connect(self) -> Identity:
        """Be there."""
        return Identity("doser in memory")

    async def disconnect(self) -> None:
        """Be gone."""

    def safe(self) -> tuple[SafeAct, ...]:
        """Nothing it does lasts."""
        return ()

    def dispense(self, source: Spot, target: Spot, volume: Quantity) -> Act:
        """Count one dose."""
        millilitres = volume.in_("mL")

        async def send() -> Outcome:
            self.doses += 1
            return Outcome("done", Interval.around(millilitres, relative=0.01))

        return Act((f"DOSE {source.place} {target.place} {millilitres:g}",), send, 60.0)

    prime = rinse = dispense


class Counter(Observer):
    """A subscriber that counts what it sees."""

    def __init__(self) -> None:
        self.seen = 0

    async def see(self, event: Event, desk: Desk) -> None:
        """Count."""
        self.seen += 1


class Nobody:
    """Prompts without a person: nothing measured here asks."""

    async def ask(self, question: Asked) -> Answer:
        """Refuse."""
        raise RuntimeError(f"a measured run asked: {question.text}")

    def withdraw(self, question: str, why: str) -> None:
        """Forget it."""


CATALOG = {
    ("verbs", "nothing"): Nothing,
    ("verbs", "report"): Report,
    ("drivers", "in-memory-doser"): MemoryDoser,
}


def planned(steps: str) -> Prepared:
    """Return the plan of some steps on the bench in memory; RuntimeError if labcore finds a fault in them."""
    prepared = prepare(Sources(protocol(steps), "steps", MEMORY_LAB, "lab"), EntryPointCatalog(dict(CATALOG)))  # type: ignore[arg-type]
    if prepared.errors:
        raise RuntimeError("; ".join(problem.text() for problem in prepared.errors[:3]))
    return prepared


@dataclass
class Assembly:
    """One run to be measured. `real` takes the wall's clock and appends in a thread, as a run with real devices does."""

    prepared: Prepared
    journal: Journal
    folder: Path
    observers: Mapping[str, Observer] = field(default_factory=dict)
    real: bool = False

    def run(self) -> RunState:
        """Run to the end; RuntimeError if it did not end as done."""
        state = run_loop(self._go, mode="real" if self.real else "virtual")
        if state.outcome != "done":
            raise RuntimeError(f"the measured run ended as {state.outcome}: {state.reason}")
        return state

    async def _go(self) -> RunState:
        workers, commits = ThreadWorkers(), self._commits()
        try:
            setting = self._setting(workers, commits)
            await setting.writer.write(_started(self.prepared))
            for stated in setting.plan.bench:
                await setting.writer.write(stated)
            return await Engine(setting).execute()
        finally:
            workers.close()
            if commits is not None:
                commits.close()

    def _commits(self) -> CommitThread | None:
        if not self.real:
            return None
        assert isinstance(self.journal, SqliteJournal)
        return CommitThread(self.journal.append, self.journal.sync)

    def _setting(self, workers: ThreadWorkers, commits: CommitThread | None) -> Setting:
        plan = self.prepared.plan
        assert plan is not None
        clock = RealWallClock() if self.real else SimulatedWallClock()
        writer = Writer(self.journal, clock, began=anyio.current_time(), commits=commits)
        site = Site("doser", True, workers=workers)
        sessions = {"doser": Session("doser", MemoryDoser(site, DriverOptions()), simulated=True)}
        blobs = FileBlobs(self.folder / "blobs")
        return Setting(
            plan=plan, writer=writer, blobs=blobs, workers=workers, prompts=Nobody(),
            verbs=self.prepared.verbs, sessions=sessions, record=RunFolder(self.folder, self.journal, blobs), keep=_refuse,
            observers=self.observers, seed=0, unattended=True,
        )  # fmt: skip


def _started(prepared: Prepared) -> RunStarted:
    plan = prepared.plan
    assert plan is not None
    return RunStarted(plan.name, plan.digest, plan.lab.lab, True, 0, {})


def _refuse(name: str, data: bytes) -> str:
    raise RuntimeError("nothing measured here writes a report")
