"""What a run is to its observers, without devices: a journal that grows by a script, in virtual or real time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import anyio

from labcore.adapters.loop import run_loop
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.wall_clock import SimulatedWallClock
from labcore.adapters.workers import ThreadWorkers
from labcore.engine.readers import read_all
from labcore.engine.setting import Setting
from labcore.engine.writer import Writer
from labcore.model.event import Body, Event, Noted, ReaderFailed, RunEnded, RunStarted, Source
from labcore.plugin.observer import Observer
from labcore.ports import Journal, RunReader
from labcore.state.reduce import fold
from labcore.state.run_state import RunState

Mode = Literal["real", "virtual", "scaled"]
ALL = 10**9


@dataclass
class Audience:
    """What came of a run before some observers; `written` is when the last line of the script was, s."""

    events: Sequence[Event]
    state: RunState
    written: float
    failures: Sequence[ReaderFailed]

    def of(self, kind: str) -> list[Event]:
        """Return the events of a kind."""
        return [event for event in self.events if event.kind == kind]


@dataclass(frozen=True, slots=True)
class Line:
    """One event to come: what the run writes after `pause` s."""

    body: Body
    source: Source = "labcore"
    device: str | None = None
    pause: float = 0.0


def holding(events: Sequence[Event]) -> Journal:
    """Return a journal in memory that holds the beginning of a run."""
    journal = MemoryJournal()
    journal.append(events)
    return journal


def notes(count: int, pause: float = 1.0) -> tuple[Line, ...]:
    """Return a run that only takes notes."""
    begun = Line(RunStarted("p", "d", "lab", True, 0, {}))
    taken = (Line(Noted(f"note {number}", "protocol")) for number in range(count))
    first = (begun, *(replace(line, pause=pause if n else 0.0) for n, line in enumerate(taken)))
    return (*first, Line(RunEnded("done"), pause=pause))


def perform(
    observers: Mapping[str, Observer], script: Sequence[Line], *, mode: Mode = "virtual", journal: Journal | None = None,
    record: RunReader | None = None, sessions: Mapping[str, Any] | None = None, simulated: bool = True,
) -> Audience:  # fmt: skip
    """Write what the script says before an audience, to the end; `journal` may hold the beginning of the run."""
    journal = journal or MemoryJournal()

    async def job() -> Audience:
        workers, nothing = ThreadWorkers(), cast(Any, None)
        began = anyio.current_time()
        writer = Writer(journal, SimulatedWallClock(), began=began, state=fold(journal.read(limit=ALL)))
        setting = Setting(
            nothing, writer, nothing, workers, nothing, {}, sessions or {}, cast(RunReader, record), nothing, observers,
            simulated=simulated,
        )  # fmt: skip
        async with anyio.create_task_group() as group:
            group.start_soon(read_all, setting)
            for line in script:
                await anyio.sleep(line.pause)
                await writer.write(line.body, source=line.source, device=line.device)
            written = writer.now()
        workers.close()
        events = journal.read(limit=ALL)
        assert fold(events) == writer.state, "the journal and the live state differ"
        failures = [event.body for event in events if isinstance(event.body, ReaderFailed)]
        return Audience(events, writer.state, written, failures)

    return run_loop(job, mode=mode)
