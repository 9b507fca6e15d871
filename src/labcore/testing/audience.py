"""What a run is to its observers, without devices: some notes in a journal, in virtual or real time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import anyio

from labcore.adapters.loop import run_loop
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.wall_clock import SimulatedWallClock
from labcore.adapters.workers import ThreadWorkers
from labcore.engine.readers import read_all
from labcore.engine.setting import Setting
from labcore.engine.writer import Writer
from labcore.model.event import Event, Noted, ReaderFailed, RunEnded, RunStarted
from labcore.plugin.observer import Observer
from labcore.ports import Journal
from labcore.state.reduce import fold
from labcore.state.run_state import RunState

Mode = Literal["real", "virtual", "scaled"]
ALL = 10**9


@dataclass
class Audience:
    """What came of a run of `notes` notes before some observers."""

    events: Sequence[Event]
    state: RunState
    written: float = 0.0
    strikes: dict[str, list[ReaderFailed]] = field(default_factory=dict)

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]


def perform(
    observers: Mapping[str, Observer], *, mode: Mode = "virtual", notes: int = 5, journal: Journal | None = None,
    end: bool = True, between: float = 1.0, sessions: Mapping[str, Any] | None = None, simulated: bool = True,
) -> Audience:  # fmt: skip
    """Write notes, each `between` s after the other, before an audience; `journal` may hold the beginning of the run."""
    journal = journal or MemoryJournal()

    async def job() -> Audience:
        workers = ThreadWorkers()
        writer = Writer(
            journal, SimulatedWallClock(), began=anyio.current_time(), state=fold(journal.read(limit=ALL))
        )
        nothing: Any = None
        setting = Setting(
            nothing, writer, nothing, workers, nothing, {}, sessions or {}, nothing, nothing, observers,
            simulated=simulated,
        )  # fmt: skip
        async with anyio.create_task_group() as group:
            group.start_soon(read_all, setting)
            if writer.state.status == "new":
                await writer.write(RunStarted("p", "d", "lab", simulated, 0, {}, tuple(observers), ""))
            for number in range(notes):
                await writer.write(Noted(f"note {number}", "protocol"))
                await anyio.sleep(between)
            written = writer.now()
            if end:
                await writer.write(RunEnded("done"))
            else:
                group.cancel_scope.cancel()
        workers.close()
        events = journal.read(limit=ALL)
        assert fold(events) == writer.state
        found = Audience(events, writer.state, written)
        for event in events:
            if isinstance(event.body, ReaderFailed):
                found.strikes.setdefault(event.body.reader, []).append(event.body)
        return found

    return run_loop(job, mode=mode)
