"""The appender: what it keeps in memory is what the journal says."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.adapters.wall_clock import SimulatedWallClock
from labcore.engine.writer import RECENT, Writer
from labcore.model.event import Noted, RunStarted


@pytest.mark.parametrize("behind", [1, 5, RECENT - 1, RECENT, RECENT + 1, RECENT + 40])
def test_a_reader_gets_the_same_events_from_memory_and_from_the_journal(tmp_path: Path, behind: int) -> None:
    journal = SqliteJournal(tmp_path / "journal.sqlite", durable=False)

    async def job() -> None:
        writer = Writer(journal, SimulatedWallClock(), began=anyio.current_time())
        await writer.write(RunStarted("p", "d", "lab", True, 0, {}, (), ""))
        for number in range(RECENT + 50):
            await writer.write(Noted(f"note {number}", "protocol"))
        after = writer.state.position - behind
        for limit in (1, 3, 1000):
            found = list(writer.after(after, limit))
            assert found == list(journal.read(after, limit))
            assert len(found) == min(limit, behind)
        assert list(writer.after(writer.state.position, 10)) == []

    run_virtual(job)
    journal.close()
