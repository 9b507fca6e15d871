"""The thread that waits for the disk: results and errors come back, and what rode along is synced soon."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import anyio
import pytest

from labcore.adapters.commit_thread import SOON, CommitThread
from labcore.adapters.loop import run_loop, run_virtual
from labcore.errors import StorageError
from labcore.model.event import Event, Noted, StepEnded

ACROSS = Event(0, 0.0, "", "labcore", Noted("must be on disk", "me"))
ALONG = Event(0, 0.0, "", "labcore", StepEnded("done"), "1")


class Disk:
    """Counts what it is asked for, in the order in which it was; `full` refuses."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.full = False

    def append(self, events: Sequence[Event]) -> None:
        self.asked.append(list(events))
        if self.full:
            raise StorageError("no space left")

    def sync(self) -> None:
        self.asked.append("sync")
        if self.full:
            raise OSError("no space left")


def test_events_are_there_when_append_returns_and_an_error_is_raised_where_it_is_waited_for() -> None:
    disk = Disk()

    async def job() -> None:
        commits = CommitThread(disk.append, disk.sync)
        await commits.append([ACROSS])
        assert disk.asked == [[ACROSS]]
        disk.full = True
        with pytest.raises(StorageError, match="no space"):
            await commits.append([ACROSS])
        disk.full = False
        await commits.append([ACROSS])
        commits.close()

    run_loop(job)
    assert disk.asked == [[ACROSS]] * 3


def test_what_rode_along_is_synced_once_soon_after() -> None:
    disk = Disk()

    async def job() -> None:
        commits = CommitThread(disk.append, disk.sync)
        for _ in range(3):
            commits.rode()
        await anyio.sleep(SOON / 2)
        assert disk.asked == []
        await anyio.sleep(SOON)
        commits.close()

    run_virtual(job)
    assert disk.asked == ["sync"]


@pytest.mark.parametrize(("event", "after"), [(ACROSS, []), (ALONG, ["sync"])])
def test_a_commit_that_waits_for_the_disk_takes_along_what_rode(event: Event, after: list[str]) -> None:
    disk = Disk()

    async def job() -> None:
        commits = CommitThread(disk.append, disk.sync)
        commits.rode()
        await commits.append([event])
        await anyio.sleep(2 * SOON)
        commits.close()

    run_loop(job)
    assert disk.asked == [[event], *after]


def test_who_closes_has_nothing_synced_afterwards_and_may_close_twice() -> None:
    disk = Disk()

    async def job() -> None:
        commits = CommitThread(disk.append, disk.sync)
        await commits.append([ALONG])
        commits.rode()
        commits.close()
        commits.close()
        await anyio.sleep(2 * SOON)

    run_virtual(job)
    assert disk.asked == [[ALONG]]


def test_who_is_cancelled_while_waiting_is_told_nothing_and_the_next_one_is() -> None:
    disk, free = Disk(), threading.Event()

    def append(events: Sequence[Event]) -> None:
        free.wait(5)
        disk.append(events)

    async def job() -> None:
        commits = CommitThread(append, disk.sync)
        with anyio.move_on_after(0.05) as scope:
            await commits.append([ACROSS])
        assert scope.cancelled_caught
        free.set()
        await commits.append([ALONG])
        commits.close()

    run_loop(job)
    assert disk.asked == [[ACROSS], [ALONG]]


def test_a_sync_that_fails_is_not_the_end_of_the_thread() -> None:
    disk = Disk()

    async def job() -> None:
        commits = CommitThread(disk.append, disk.sync)
        disk.full = True
        commits.rode()
        await anyio.sleep(2 * SOON)
        disk.full = False
        await commits.append([ACROSS])
        commits.close()

    run_loop(job)
    assert disk.asked == ["sync", [ACROSS]]
