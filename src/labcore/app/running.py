"""Run a prepared plan: folder, journal, devices, engine, and everything put away again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from labcore.adapters.device_lock import DeviceLock
from labcore.adapters.file_blobs import FileBlobs
from labcore.adapters.signals import interrupts
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.adapters.wall_clock import RealWallClock, SimulatedWallClock
from labcore.adapters.workers import ThreadWorkers
from labcore.app.copies import keep, lab_data, lab_now, write_copies
from labcore.app.files import Texts
from labcore.app.lab_state import remember_end, remember_run
from labcore.app.links import SimulatedBench, is_simulated
from labcore.app.machines import Workshop
from labcore.app.people import MakePrompts, people
from labcore.app.places import lab_folder, new_run_folder, state_folder
from labcore.engine.clock_watch import watch_clock
from labcore.engine.control import Control
from labcore.engine.run import Engine
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.engine.writer import Writer
from labcore.errors import DeviceError, DeviceTimeout
from labcore.model.event import Asked, DeviceConnected, Event, RunEnded, RunStarted, Source, VesselStated
from labcore.model.plan import Plan
from labcore.pipeline.prepare import Prepared
from labcore.plugin.catalog import Catalog
from labcore.plugin.driver import Ask
from labcore.ports import Answer
from labcore.records.run_folder import BLOBS, JOURNAL, REPORT, RunFolder
from labcore.state.run_state import RunState

CONNECT_LIMIT = 30.0  # s per device


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. `virtual` says that the loop's clock is not the wall's; `bench` overrides what stands where."""

    data: Path
    simulate: bool
    virtual: bool
    seed: int = 0
    by: str = ""
    prompts: MakePrompts | None = None
    bench: tuple[VesselStated, ...] | None = None
    watch: Callable[[RunUnderWay], Coroutine[Any, Any, None]] | None = None
    journal_full: bool | None = None
    language: str = "en"


@dataclass(slots=True)
class RunUnderWay:
    """A run that others may look at and control."""

    folder: Path
    prepared: Prepared
    writer: Writer
    control: Control
    record: RunFolder
    sessions: Mapping[str, Session] = field(default_factory=dict)


async def carry_out(
    prepared: Prepared, texts: Texts, catalog: Catalog, options: Options
) -> tuple[Path, RunState]:
    """Run from start to end; returns the run's folder and last state. Failures of devices end the run as failed."""
    assert prepared.plan is not None
    plan = prepared.plan
    folder = new_run_folder(options.data, plan.name)
    async with AsyncExitStack() as stack:
        for address in [] if options.simulate else _real_addresses(prepared):
            stack.enter_context(DeviceLock(state_folder() / "locks", address, folder.name))
        write_copies(
            folder,
            plan,
            texts,
            simulated=options.simulate,
            seed=_seed(options),
            by=options.by,
            language=options.language,
        )
        engine, setting, under_way = await stack.enter_async_context(
            _assembled(folder, prepared, texts, catalog, options, stack)
        )
        state = await _go(engine, setting, under_way, options)
    if not options.simulate:
        remember_end(plan.lab.lab, folder, state)
    return folder, state


def refuse_devices_in_use(prepared: Prepared) -> None:
    """UsageError, naming the owner, if another process has a device that this plan needs."""
    for address in _real_addresses(prepared):
        with DeviceLock(state_folder() / "locks", address, "about to start"):
            continue


def _real_addresses(prepared: Prepared) -> list[str]:
    """Return the ports that no other process may use meanwhile."""
    assert prepared.plan is not None
    entries = [prepared.plan.lab.devices[name] for name in _used(prepared)]
    return [
        str(e.port or e.source) for e in entries if (e.port or e.source is not None) and not is_simulated(e)
    ]


def _author(options: Options) -> str:
    """Who runs it is a fact of a real run; equal simulated runs have equal journals, whoever runs them."""
    return "" if options.simulate else options.by


def _seed(options: Options) -> int | None:
    return options.seed if options.simulate else None


def _used(prepared: Prepared) -> list[str]:
    """Return the machines that this protocol names or uses, in the order of the lab file: no other is touched."""
    assert prepared.plan is not None
    plan = prepared.plan
    used = {plan.aliases[name] for name in plan.devices.values()}
    used |= {device for planned in prepared.timeline for device in planned.effects.devices}
    return [name for name in plan.machines if name in used]


@asynccontextmanager
async def _assembled(
    folder: Path, prepared: Prepared, texts: Texts, catalog: Catalog, options: Options, stack: AsyncExitStack
) -> AsyncIterator[tuple[Engine, Setting, RunUnderWay]]:
    plan = prepared.plan
    assert plan is not None
    store = _Store.at(folder, options)
    writer = store.writer(options)
    control = Control(writer)
    bench = _simulated_bench(plan, folder, texts, catalog, options)
    prompts = await stack.enter_async_context(
        people(folder, bench, options.prompts, control, simulate=options.simulate)
    )
    engine: list[Engine] = []

    def ask_for(device: str) -> Ask:
        async def ask(question: Asked) -> Answer:
            source: Source = "simulated" if options.simulate else "real"
            return await engine[0].questions.ask(question, step=None, device=device, source=source)

        return ask

    workshop = Workshop(plan, catalog, store.workers, bench, options.simulate, folder / "wire", ask_for)
    sessions = workshop.sessions(_used(prepared))
    observers = {name: catalog.load("observers", name)() for name in plan.observers}
    setting = Setting(
        plan, writer, store.journal, store.blobs, store.workers, prompts, prepared.verbs, sessions, store.record,
        partial(keep, folder / REPORT), observers, _seed(options), options.simulate,
        unattended=options.simulate and options.prompts is None, by=options.by,
    )  # fmt: skip
    engine.append(Engine(setting))
    try:
        yield engine[0], setting, RunUnderWay(folder, prepared, writer, control, store.record, sessions)
    finally:
        with anyio.CancelScope(shield=True):
            await _disconnect(sessions)
            workshop.close()
            store.close()


@dataclass(frozen=True, slots=True)
class _Store:
    """Where a run's facts go, and the threads that take them there."""

    journal: SqliteJournal
    blobs: FileBlobs
    record: RunFolder
    workers: ThreadWorkers

    @classmethod
    def at(cls, folder: Path, options: Options) -> _Store:
        """Open a run's journal, blobs and reader."""
        full = options.journal_full if options.journal_full is not None else not options.simulate
        journal = SqliteJournal(folder / JOURNAL, durable=full)
        blobs = FileBlobs(folder / BLOBS, durable=full)
        record = RunFolder(folder, SqliteJournal(folder / JOURNAL, read_only=True), blobs)
        return cls(journal, blobs, record, ThreadWorkers())

    def writer(self, options: Options) -> Writer:
        """Return the appender: in place under virtual time, in a thread under real time."""

        async def in_thread(events: Sequence[Event]) -> None:
            await self.workers.run(self.journal.append, events)

        clock = SimulatedWallClock() if options.virtual else RealWallClock()
        append = None if options.virtual else in_thread
        return Writer(self.journal, clock, began=anyio.current_time(), in_thread=append)

    def close(self) -> None:
        """Wait for work under way and release the files."""
        self.workers.close()
        self.record.close()
        self.journal.close()


async def _go(engine: Engine, setting: Setting, under_way: RunUnderWay, options: Options) -> RunState:
    """Start, connect, execute."""
    plan, writer = setting.plan, setting.writer
    started = RunStarted(
        plan.name,
        plan.digest,
        plan.lab.lab,
        setting.simulated,
        setting.seed,
        dict(plan.parameters),
        plan.observers,
        _author(options),
    )
    if not options.simulate:
        remember_run(plan.lab.lab, under_way.folder)
    await writer.write(started)
    for stated in options.bench or plan.bench:
        await writer.write(stated)
    async with anyio.create_task_group() as group:
        group.start_soon(under_way.control.serve)
        if options.watch is not None:
            group.start_soon(options.watch, under_way)
        if not options.virtual:
            group.start_soon(watch_clock, writer)
        problem = await _connect(setting)
        if problem:
            await writer.write(RunEnded("failed", problem))
        for session in setting.sessions.values():
            if hasattr(session.driver, "renew"):
                group.start_soon(_renew, session)
        with interrupts(lambda times: under_way.control.post("stop" if times == 1 else "abort", "Ctrl-C")):
            state = await engine.execute()
        group.cancel_scope.cancel()
    return state


async def _connect(setting: Setting) -> str:
    """Connect every device in turn; return why it could not be done, "" if all are there."""
    for name, session in setting.sessions.items():
        try:
            with anyio.fail_after(CONNECT_LIMIT):
                session.identity = await session.driver.connect()
        except TimeoutError:
            return f"{name} did not answer within {CONNECT_LIMIT:g} s"
        except DeviceError as error:
            return f"{name}: {error}"
        except Exception as error:  # a driver is a plugin: its bugs end the run, named, before anything moved
            return f"{name}: driver {setting.plan.machines[name].driver} raised {error!r} while connecting"
        wanted = setting.plan.lab.devices[name].serial_number
        if wanted and session.identity.serial and session.identity.serial != wanted:
            return f"{name}: serial number {session.identity.serial} answered, the lab file says {wanted}"
        connected = DeviceConnected(
            setting.plan.machines[name].driver, str(session.identity), dict(session.identity.detail)
        )
        await setting.writer.write(connected, device=name, source=session.source)
    return ""


async def _renew(session: Session) -> None:
    """Keep a device's watchdog from firing while labcore lives."""
    renew: Any = session.driver
    while True:
        await anyio.sleep(float(renew.renew_every))
        try:
            await renew.renew()
        except (DeviceError, DeviceTimeout, TimeoutError):
            continue  # the watchdog does what it is for; the next act reports the device


async def _disconnect(sessions: Mapping[str, Session]) -> None:
    for session in sessions.values():
        with anyio.move_on_after(5.0):
            try:
                await session.driver.disconnect()
            except Exception:  # a driver must not keep the others from being closed
                continue


def _simulated_bench(
    plan: Plan, folder: Path, texts: Texts, catalog: Catalog, options: Options
) -> SimulatedBench:
    """Return the world of this run: its own under --simulate, the lab's (which outlives runs) otherwise."""
    world = folder / "world" if options.simulate else lab_folder(plan.lab.lab) / "world"
    data = lab_data(texts)
    if options.simulate and options.bench is not None:
        data = lab_now(data, options.bench)
    return SimulatedBench(catalog, data, options.seed, world, anyio.current_time())
