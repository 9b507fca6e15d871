"""The appender: what it keeps in memory is what the journal says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from labcore.adapters.commit_thread import CommitThread
from labcore.adapters.loop import run_loop, run_virtual
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.adapters.wall_clock import SimulatedWallClock
from labcore.engine.writer import RECENT, Writer
from labcore.errors import IllegalEvent
from labcore.model.event import Body, Event, Noted, Observed, RunStarted, Settled

SEEN = Observed("speed", "vial", 300.0, "rpm", 299.0, 301.0, "good", "stirrer", ())


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


@pytest.mark.parametrize("in_thread", [False, True], ids=["in place", "in a thread"])
def test_a_thousand_reconnects_anywhere_find_no_hole_and_no_double(tmp_path: Path, in_thread: bool) -> None:
    """Catalogue E25: events are the same and in the same order for whoever reads, from wherever and however often."""
    journal, chance = SqliteJournal(tmp_path / "journal.sqlite", durable=False), random.Random(25)
    seen: dict[int, Event] = {}

    async def job() -> None:
        commits = CommitThread(journal.append, journal.sync)
        chosen = commits if in_thread else None
        writer = Writer(journal, SimulatedWallClock(), began=anyio.current_time(), commits=chosen)
        await writer.write(RunStarted("p", "d", "lab", True, 0, {}, (), ""))

        async def produce() -> None:
            for number in range(3000):
                await writer.write(Noted(f"note {number}", "protocol"))
                await anyio.lowlevel.checkpoint()

        async def reconnect() -> None:
            for _ in range(100):
                position = chance.randint(-1, writer.state.position)
                for _ in range(chance.randint(1, 4)):
                    for event in writer.after(position, chance.randint(1, 2 * RECENT)):
                        assert event.position == position + 1
                        assert seen.setdefault(event.position, event) == event
                        position = event.position
                    await anyio.lowlevel.checkpoint()
                assert position <= writer.state.position

        async with anyio.create_task_group() as group:
            group.start_soon(produce)
            for _ in range(10):
                group.start_soon(reconnect)
        assert [seen.get(event.position, event) for event in journal.read(limit=5000)] == journal.read(
            limit=5000
        )
        commits.close()

    run_loop(job, mode="real" if in_thread else "virtual")
    journal.close()


class SlowDisk:
    """Commits that take until `spin` is set; says which kinds came this way and how often something rode past it."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal
        self.spin = anyio.Event()
        self.waited_for: list[str] = []
        self.rides = 0

    async def append(self, events: Sequence[Event]) -> None:
        self.waited_for += [event.kind for event in events]
        await self.spin.wait()
        self._journal.append(events)

    def rode(self) -> None:
        self.rides += 1


def test_only_what_must_be_on_disk_waits_for_it_and_nothing_overtakes() -> None:
    journal = MemoryJournal()

    async def job() -> None:
        disk = SlowDisk(journal)
        writer = Writer(journal, SimulatedWallClock(), began=anyio.current_time(), commits=disk)
        async with anyio.create_task_group() as group:
            group.start_soon(writer.write, RunStarted("p", "d", "lab", True, 0, {}, (), ""))
            await anyio.sleep(1)
            group.start_soon(writer.write, SEEN)  # while a commit is under way even a reading waits its turn
            await anyio.sleep(1)
            assert list(journal.read()) == []
            disk.spin.set()
        await writer.write(SEEN)
        assert disk.waited_for == ["run_started", "observed"]
        assert disk.rides == 1
        assert [event.kind for event in journal.read()] == ["run_started", "observed", "observed"]

    run_virtual(job)


def test_a_stream_of_readings_leaves_others_their_turn() -> None:
    async def job() -> None:
        journal, stopped = MemoryJournal(), anyio.Event()
        disk = SlowDisk(journal)
        disk.spin.set()
        writer = Writer(journal, SimulatedWallClock(), began=anyio.current_time(), commits=disk)
        await writer.write(RunStarted("p", "d", "lab", True, 0, {}, (), ""))

        async def stop() -> None:
            stopped.set()

        async with anyio.create_task_group() as group:
            group.start_soon(stop)
            while not stopped.is_set():
                await writer.write(SEEN)
                assert writer.state.position < 100

    run_virtual(job)


def test_an_event_that_does_not_fit_is_its_writers_trouble_alone(tmp_path: Path) -> None:
    """Three tasks share one commit; the one in the middle writes what cannot be."""
    journal = SqliteJournal(tmp_path / "journal.sqlite")
    ends: dict[str, str] = {}

    async def job() -> None:
        commits = CommitThread(journal.append, journal.sync)
        writer = Writer(journal, SimulatedWallClock(), began=anyio.current_time(), commits=commits)
        await writer.write(RunStarted("p", "d", "lab", True, 0, {}, (), ""))

        async def write(name: str, body: Body) -> None:
            try:
                ends[name] = str((await writer.write(body)).position)
            except IllegalEvent as error:
                ends[name] = str(error)

        async with anyio.create_task_group() as group:
            group.start_soon(write, "first", Noted("a", "me"))
            group.start_soon(write, "wrong", Settled("act-9", "done"))
            group.start_soon(write, "wrong too", Settled("act-8", "done"))
            group.start_soon(write, "last", Noted("b", "me"))
        commits.close()

    run_loop(job)
    assert {ends["first"], ends["last"]} == {"1", "2"}
    assert ends["wrong"] == "act act-9 was settled without an intent"
    assert ends["wrong too"] == "act act-8 was settled without an intent"
    assert [event.kind for event in journal.read()] == ["run_started", "noted", "noted"]
    journal.close()
