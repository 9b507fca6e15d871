"""labcore's journal under load: producers with readers that are slow, stuck, raising and gone (P5), and reading it back (E27)."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import anyio
from assembly import Counter
from timing import emit, scaled, yardstick

from labcore.adapters.commit_thread import CommitThread
from labcore.adapters.loop import run_loop
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.adapters.wall_clock import RealWallClock
from labcore.adapters.workers import ThreadWorkers
from labcore.engine.readers import read_all
from labcore.engine.setting import Setting
from labcore.engine.writer import Writer
from labcore.model import event as ev
from labcore.model.effect import Transfer
from labcore.model.event import Event
from labcore.model.interval import Interval
from labcore.plugin.observer import Desk, Observer
from labcore.state.reduce import fold
from labcore.state.run_state import RunState

EVENTS = 100_000
PRODUCERS = 500  # tasks that each wait for their event to be durable before they write the next
FOLDED = 1_000_000
BATCH = 1000


class Slow(Observer):
    """Takes 1 ms over every event."""

    async def see(self, event: Event, desk: Desk) -> None:
        """Wait."""
        await anyio.sleep(0.001)


class Stuck(Observer):
    """Never comes back."""

    async def see(self, event: Event, desk: Desk) -> None:
        """Wait for ever, in a way that cannot be called off."""
        threading.Event().wait()


class Raising(Observer):
    """Fails."""

    async def see(self, event: Event, desk: Desk) -> None:
        """Raise."""
        raise ValueError("no")


class Gone(Observer):
    """Wants to end the process."""

    async def see(self, event: Event, desk: Desk) -> None:
        """Leave."""
        sys.exit(1)


def stream(count: int, folder: Path) -> dict[str, float]:
    """P5: write `count` events, durable, while readers of all sorts read; return the producers' figures."""
    counter = Counter()
    observers = {"slow": Slow(), "stuck": Stuck(), "raising": Raising(), "gone": Gone(), "counter": counter}

    async def job() -> dict[str, float]:
        journal, workers = SqliteJournal(folder / f"{count}.db"), ThreadWorkers()
        commits = CommitThread(journal.append, journal.sync)
        now = asyncio.get_running_loop().time
        writer = Writer(journal, RealWallClock(), began=now(), commits=commits, time=now)
        setting = _setting(writer, workers, observers)
        await writer.write(ev.RunStarted("measured", "", "", True, 0, {}))
        async with anyio.create_task_group() as readers:
            readers.start_soon(read_all, setting)
            before, wall, cpu = _mib(), time.perf_counter(), time.process_time()
            async with anyio.create_task_group() as group:
                for number in range(PRODUCERS):
                    group.start_soon(_produce, writer, number, count // PRODUCERS)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            grown = _mib() - before
            await _until(counter, count)
            readers.cancel_scope.cancel()
        workers.close()
        commits.close()
        journal.close()
        return {"cpu": cpu, "wall": wall, "mib": grown}

    return run_loop(job)


async def _until(counter: Counter, count: int) -> None:
    """Wait for the reader that counts: it keeps up whatever the others do."""
    with anyio.fail_after(60):
        while counter.seen < count:  # noqa: ASYNC110 - it counts in a thread of its own
            await anyio.sleep(0.01)


async def _produce(writer: Writer, number: int, count: int) -> None:
    for one in range(count):
        body = ev.Observed("temperature", f"probe {number}", one, "°C", one, one, "good", "doser", ())
        await writer.write(body, device="doser", source="simulated")


def _setting(writer: Writer, workers: ThreadWorkers, observers: dict[str, Observer]) -> Setting:
    nothing = cast(Any, None)
    sessions = cast(Any, {"doser": SimpleNamespace(simulated=True)})
    return Setting(nothing, writer, nothing, workers, nothing, {}, sessions, nothing, nothing, observers)


def _mib() -> float:
    """Return the resident memory now, where the system tells (Linux)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def journal_of(count: int, path: Path) -> SqliteJournal:
    """Return a journal of at least `count` events: doses and measurements in rounds."""
    journal, batch = SqliteJournal(path, durable=False), []
    for event in _rounds(count):
        batch.append(event)
        if len(batch) == BATCH:
            journal.append(batch)
            batch = []
    journal.append(batch)
    return journal


def _rounds(count: int) -> Iterator[Event]:
    for position, (body, step) in enumerate(_bodies()):
        yield Event(position, position / 10, "2026-01-01T09:00:00.000Z", "labcore", body, step)
        if position >= count and isinstance(body, ev.PluginEvent):
            return


def _bodies() -> Iterator[tuple[ev.Body, str | None]]:
    some = Interval(1e-5, 2e-5, 3e-5)
    yield ev.RunStarted("measured", "", "", True, 0, {}), None
    for vessel in ("bottle", *(f"v{number}" for number in range(24))):
        yield (
            ev.VesselStated(vessel, "vial-50ml", f"rack/{vessel}", {"water": Interval(1, 1, 1)}, "lab"),
            None,
        )
    yield ev.StepStarted("repeat", "repeat"), "1"
    number = 0
    while True:
        number += 1
        move = Transfer("bottle", f"v{number % 24}", some)
        yield ev.RoundStarted(number, float(number)), "1"
        yield ev.StepStarted("dispense", "dispense", {"volume": {"value": 20.0, "unit": "uL"}}), "1.1"
        yield ev.Intended(f"act-{number}", "dispense", {"volume": "20 uL"}, ("DOSE",), (move,), 60.0), "1.1"
        yield ev.Settled(f"act-{number}", "done", (move,), some), "1.1"
        yield ev.StepEnded("done"), "1.1"
        yield ev.StepStarted("measure", "measure", {"what": "speed"}), "1.2"
        yield ev.Observed("speed", "stirrer", 300.0, "rpm", 294.0, 306.0, "good", "stirrer", ()), "1.2"
        yield ev.StepEnded("done", {"value": 300.0, "unit": "rpm"}), "1.2"
        yield ev.PluginEvent("watch/seen", 1, {"round": number}), None


def folded(journal: SqliteJournal) -> RunState:
    """E27: read a journal and fold it, batch by batch, as recovery does."""
    state = RunState()
    while batch := journal.read(state.position, BATCH):
        state = fold(batch, state)
    return state


def main() -> None:
    """Measure both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stream(scaled(EVENTS // 10, PRODUCERS), folder)
        count = scaled(EVENTS, 2 * PRODUCERS)
        before = yardstick()
        found = stream(count, folder)
        unit = (before + yardstick()) / 2
        emit(
            "labcore.stream", count=count, cpu_us=found["cpu"] / count * 1e6, wall_us=found["wall"] / count * 1e6,
            yu=found["cpu"] / count / unit, mib=found["mib"],
        )  # fmt: skip
        count = scaled(FOLDED, 10_000)
        journal = journal_of(count, folder / "long.db")
        before, cpu = yardstick(), time.process_time()
        position = folded(journal).position
        cpu, unit = time.process_time() - cpu, (before + yardstick()) / 2
        journal.close()
        per_event = cpu / position
        emit(
            "labcore.fold",
            count=position + 1,
            cpu_us=per_event * 1e6,
            wall_us=per_event * 1e6,
            yu=per_event / unit,
        )


if __name__ == "__main__":
    main()
