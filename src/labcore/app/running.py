"""Run a prepared plan: folder, journal, devices, engine, and everything put away again."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from labcore.adapters.loop import clock_mode
from labcore.adapters.signals import interrupts
from labcore.app.connecting import connect, disconnect, keep_alive, look_again
from labcore.app.copies import capped, keep, lab_data, lab_now, write_copies
from labcore.app.faults import Faults
from labcore.app.files import Texts
from labcore.app.gate import NOT_CONFIRMED, Confirm, confirmed, gate_of
from labcore.app.in_use import hold_devices
from labcore.app.lab_state import remember_run
from labcore.app.links import SimulatedBench
from labcore.app.machines import Workshop, used_machines
from labcore.app.people import MakePrompts, people
from labcore.app.places import lab_folder, new_run_folder
from labcore.app.reachable import reachable
from labcore.app.run_lock import hold_run
from labcore.app.store import Store, has_begun
from labcore.app.unrecorded import closed, left_interrupted
from labcore.engine.clock_watch import watch_clock
from labcore.engine.control import Control
from labcore.engine.reading_guards import watch_readings
from labcore.engine.run import Engine
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.engine.storage import watch_storage
from labcore.engine.writer import Writer
from labcore.errors import DecisionNeeded, StorageError
from labcore.model.event import Asked, RunEnded, RunStarted, Source, Warned
from labcore.model.plan import Plan
from labcore.pipeline.prepare import Prepared
from labcore.plugin.catalog import Catalog
from labcore.plugin.driver import Ask
from labcore.ports import Answer
from labcore.records.run_folder import REPORT, RunFolder, under_way
from labcore.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class Options:
    """How to run.

    `virtual` says that the loop's clock is not the wall's, `speed` how many times faster it is; `from_now` that a
    simulated world begins as the lab remembers itself, not as its file says. `confirm` is asked once, after the devices
    said who they are and before anything moves (real runs only).
    """

    data: Path
    simulate: bool
    virtual: bool
    seed: int = 0
    by: str = ""
    prompts: MakePrompts | None = None
    from_now: bool = False
    watch: Callable[[RunUnderWay], Coroutine[Any, Any, None]] | None = None
    journal_full: bool | None = None
    language: str = "en"
    faults: Faults | None = None
    confirm: Confirm | None = None
    speed: float | None = None


@dataclass(slots=True)
class RunUnderWay:
    """A run that others may look at and control; `untold`: why not all that was said after its end is on record."""

    folder: Path
    prepared: Prepared
    writer: Writer
    control: Control
    record: RunFolder
    sessions: Mapping[str, Session] = field(default_factory=dict)
    untold: StorageError | None = None


async def carry_out(
    prepared: Prepared, texts: Texts, catalog: Catalog, options: Options
) -> tuple[Path, RunState]:
    """Run from start to end; returns the run's folder and last state. Failures of devices end the run as failed.

    DecisionNeeded if it was not confirmed: the run is on record as stopped, its devices are left, nothing was moved.
    """
    assert prepared.plan is not None
    plan = prepared.plan
    folder = new_run_folder(options.data, plan.name)
    async with AsyncExitStack() as stack:
        stack.callback(_forget_unbegun, folder)
        stack.enter_context(hold_run(folder))
        if not options.simulate:
            stack.enter_context(hold_devices(prepared, folder.name))
        stack.enter_context(under_way(folder))
        write_copies(
            folder,
            plan,
            texts,
            prepared.texts,
            catalog,
            simulated=options.simulate,
            seed=_seed(options),
            by=options.by,
            language=options.language,
            from_now=options.from_now,
            speed=options.speed,
        )
        engine, setting, run = await stack.enter_async_context(
            assembled(folder, prepared, texts, catalog, options, stack)
        )
        state = await _go(engine, setting, run, options)
    closed(plan, run.record, state, run.untold)
    if state.reason == NOT_CONFIRMED:
        remedy = "Correct what is wrong (where vessels stand: `labcore lab set`), or answer yes."
        raise DecisionNeeded(f"run {folder.name} was {NOT_CONFIRMED}", remedy=remedy)
    return folder, state


def _forget_unbegun(folder: Path) -> None:
    """Remove the folder of a run that was refused before its first event: it is no run, and nothing was interrupted."""
    if not has_begun(folder):
        shutil.rmtree(folder, ignore_errors=True)


def _author(options: Options) -> str:
    """Who runs it is a fact of a real run; equal simulated runs have equal journals, whoever runs them."""
    return "" if options.simulate else options.by


def _seed(options: Options) -> int | None:
    return options.seed if options.simulate else None


@asynccontextmanager
async def assembled(
    folder: Path, prepared: Prepared, texts: Texts, catalog: Catalog, options: Options, stack: AsyncExitStack, *,
    before: RunState | None = None, away: float = 0.0,
) -> AsyncIterator[tuple[Engine, Setting, RunUnderWay]]:  # fmt: skip
    """Yield engine, setting and handle of a run, new or (from the state `before`, `away` s later) taken over."""
    plan = prepared.plan
    assert plan is not None
    durable = not options.simulate if options.journal_full is None else options.journal_full
    store = Store.at(folder, durable=durable, faults=options.faults)
    stack.callback(store.close)
    writer = store.writer(virtual=options.virtual, state=before, away=away)
    control = Control(writer)
    bench = _simulated_bench(plan, folder, texts, catalog, options, anyio.current_time() - away)
    prompts = await stack.enter_async_context(
        people(folder, bench, options.prompts, control, simulate=options.simulate)
    )
    engine: list[Engine] = []

    def ask_for(device: str) -> Ask:
        async def ask(question: Asked) -> Answer:
            source: Source = "simulated" if options.simulate else "real"
            return await engine[0].questions.ask(question, step=None, device=device, source=source)

        return ask

    workshop = Workshop(
        plan, catalog, store.workers, bench, options.simulate, folder / "wire", ask_for, options.faults
    )
    stack.callback(workshop.close)
    sessions = workshop.sessions(used_machines(prepared))
    observers = {name: catalog.load("observers", name)() for name in plan.observers}
    setting = Setting(
        plan, writer, store.blobs, store.workers, prompts, prepared.verbs, sessions, store.record,
        partial(keep, folder / REPORT), observers, _seed(options), options.simulate,
        unattended=options.simulate and options.prompts is None,
    )  # fmt: skip
    engine.append(Engine(setting))
    try:
        yield engine[0], setting, RunUnderWay(folder, prepared, writer, control, store.record, sessions)
    finally:
        with anyio.CancelScope(shield=True):
            await disconnect(sessions)


async def _go(engine: Engine, setting: Setting, run: RunUnderWay, options: Options) -> RunState:
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
        remember_run(plan.lab, run.folder, scaled=options.virtual)
    await writer.write_all((started, *plan.bench))

    async def begin() -> None:
        with interrupts(run.control.interrupted):
            problem = await connect(setting)
            if problem:
                await writer.write(_unreached(problem, writer.state))
            elif options.confirm is not None and not options.simulate:
                await _gate(engine, setting, run, options.confirm)

    return await go_on(engine, setting, run, options, begin)


def _unreached(problem: str, state: RunState) -> RunEnded:
    """End a run whose devices are not all there; the emergency stop closes every line, and then that is the reason."""
    pressed = state.status == "aborting"
    return RunEnded("aborted", state.reason) if pressed else RunEnded("failed", problem)


async def _gate(engine: Engine, setting: Setting, run: RunUnderWay, confirm: Confirm) -> None:
    """Show what is known and ask once; a run that may not begin ends here, without its clean-up: nothing was begun."""

    async def ask(question: Asked) -> Answer:
        return await engine.questions.ask(question, step=None)

    gate = gate_of(run.prepared, setting.sessions.values())
    may_begin = await confirmed(setting.writer, gate, confirm, ask)
    if may_begin is None:
        reason = f"{setting.writer.state.reason}; nothing was moved"
        await setting.writer.write(RunEnded("stopped", reason))
    elif not may_begin:
        await setting.writer.write(RunEnded("stopped", NOT_CONFIRMED))


async def go_on(
    engine: Engine, setting: Setting, run: RunUnderWay, options: Options, begin: Callable[[], Awaitable[None]]
) -> RunState:
    """Do what comes first with everything around a run at work, then execute to its end.

    StorageError, with every device made safe, if the record was given up before the run had an end.
    """
    try:
        return await _at_work(engine, setting, run, options, begin)
    except BaseExceptionGroup:  # of tasks whose writing failed when the record was given up, or of a bug
        run.untold = run.writer.given_up
        if run.untold is None:
            raise
        if run.writer.state.status != "ended":
            raise await left_interrupted(setting, run.folder.name, run.untold) from None
        return run.writer.state


async def _at_work(
    engine: Engine, setting: Setting, run: RunUnderWay, options: Options, begin: Callable[[], Awaitable[None]]
) -> RunState:
    async with anyio.create_task_group() as group, AsyncExitStack() as doors:
        if clock_mode() != "virtual":
            await doors.enter_async_context(reachable(run.folder, run.control, setting, group))
        group.start_soon(run.control.serve)
        if options.watch is not None:
            group.start_soon(_watched, options.watch, run)
        group.start_soon(watch_storage, setting)
        if not options.virtual:
            group.start_soon(watch_clock, setting.writer)
        await begin()
        group.start_soon(look_again, setting)
        for session in setting.sessions.values():
            if hasattr(session.driver, "renew"):
                group.start_soon(keep_alive, setting.writer, session)
        group.start_soon(watch_readings, setting)
        with interrupts(run.control.interrupted):
            state = await engine.execute()
            await doors.aclose()
        group.cancel_scope.cancel()
    return state


async def _watched(watch: Callable[[RunUnderWay], Coroutine[Any, Any, None]], run: RunUnderWay) -> None:
    """Let somebody look at the run; whatever happens to them is theirs alone."""
    try:
        await watch(run)
    except Exception as error:  # a closed terminal, a full disk, a bug: a look must not touch the run
        if run.writer.state.status not in ("new", "ended"):
            await run.writer.write(Warned("W920", f"nobody is shown the run any more: {error!r}"))


def _simulated_bench(
    plan: Plan, folder: Path, texts: Texts, catalog: Catalog, options: Options, since: float
) -> SimulatedBench:
    """Return the world of this run: its own under --simulate, the lab's (which outlives runs) otherwise.

    A world that exists already goes on at `since` on the loop's clock.
    """
    world = folder / "world" if options.simulate else lab_folder(plan.lab.lab) / "world"
    data = capped(lab_data(texts), plan.bench)
    if options.simulate and options.from_now:
        data = lab_now(data, plan.bench)
    return SimulatedBench(catalog, data, options.seed, world, since)
