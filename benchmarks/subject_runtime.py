"""labcore's runtime: steps (P1), journalled device commands (P2), events with subscribers (P4), virtual time (P8)."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import anyio
from assembly import Assembly, Counter, planned
from texts import GANTRY_LAB, protocol
from timing import measure, scaled

from labcore.adapters.loop import run_virtual
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app.api import check, how_to_run, run_checked
from labcore.ports import Journal

PERIOD = 30  # s between two polls
WEEK = 7 * 24 * 3600 // PERIOD  # polls
DOSE = "  - dispense: {material: water, into: vial, volume: 20 uL}\n"
Job = Callable[[], object]


def noop(count: int, folder: Path) -> Job:
    """P1: steps that do nothing, one after the other, journal in memory."""
    prepared = planned("  - nothing: {}\n" * count)
    return Assembly(prepared, MemoryJournal(), folder).run


def command(count: int, folder: Path, *, durable: bool, real: bool = False) -> Job:
    """P2: a dose on a device in memory, intent and settlement journalled."""
    prepared = planned(DOSE * count)
    return lambda: _journalled(
        folder, lambda j: Assembly(prepared, j, folder, real=real).run(), durable=durable
    )


def gantry(count: int, folder: Path) -> Job:
    """P2, for information: the same dose by the gantry's driver, in bytes, on the simulated machine."""
    path, lab = folder / f"{count}.yaml", folder / "lab.yaml"
    path.write_text(protocol(DOSE * count))
    lab.write_text(GANTRY_LAB)
    checked = check(path, lab=lab, simulate=True)
    how = how_to_run(checked, simulate=True, speed=None, seed=1, data=folder / "data")

    def job() -> None:
        finished = run_checked(checked, how)
        if finished.word != "done":
            raise RuntimeError(f"the run on the gantry ended as {finished.word}: {finished.state.reason}")

    return job


def events(count: int, folder: Path, *, yielding: bool) -> Job:
    """P4: observations of about 400 bytes, journalled, each read by three subscribers."""
    prepared = planned(f"  - report: {{count: {count}, yielding: {str(yielding).lower()}}}\n")

    def job() -> None:
        readers = {name: Counter() for name in ("first", "second", "third")}
        _journalled(folder, lambda j: Assembly(prepared, j, folder, readers).run(), durable=False)
        if any(reader.seen < count for reader in readers.values()):
            raise RuntimeError("a subscriber missed events")

    return job


def polls(count: int, folder: Path) -> Job:
    """P8: a step every 30 s for a week of virtual time, through the engine, journalled."""
    prepared = planned(f"  - wait: 1 s\n    every: {PERIOD} s\n    for: {PERIOD * count} s\n")
    return lambda: _journalled(folder, lambda j: Assembly(prepared, j, folder).run(), durable=False)


def bare(count: int, folder: Path) -> Job:
    """P8: the same week as bare sleeps on the same loop."""

    async def sleep() -> None:
        for _ in range(count):
            await anyio.sleep(PERIOD)

    return lambda: run_virtual(sleep)


MEASURED: dict[str, tuple[Callable[[int, Path], Job], int]] = {
    "noop": (noop, 2_000),
    "command.normal": (partial(command, durable=False), 1_000),
    "command.full": (partial(command, durable=True), 1_000),
    "command.real": (partial(command, durable=True, real=True), 1_000),
    "command.gantry": (gantry, 200),
    "events": (partial(events, yielding=True), 4_000),
    "events.burst": (partial(events, yielding=False), 4_000),
    "polls": (polls, WEEK),
    "polls.bare": (bare, WEEK),
}


def _journalled(folder: Path, job: Callable[[Journal], object], *, durable: bool) -> None:
    """Do the job with a new journal on disk, which is deleted afterwards."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        journal = SqliteJournal(Path(name) / "journal.db", durable=durable)
        try:
            job(journal)
        finally:
            journal.close()


def main() -> None:
    """Measure what is named on the command line, everything without."""
    for name in sys.argv[1:] or MEASURED:
        make, count = MEASURED[name]
        with tempfile.TemporaryDirectory() as folder:
            measure(f"labcore.{name}", partial(_ready, make, Path(folder)), scaled(count, least=100))


def _ready(make: Callable[[int, Path], Job], folder: Path, count: int) -> Job:
    return make(count, folder)


if __name__ == "__main__":
    main()
