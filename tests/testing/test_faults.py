"""The fault layer: every fault does what it says, once, and the same every time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.errors import LinkLost, StorageError
from labcore.model.event import Event, Noted
from labcore.ports import ByteStream, LineSettings
from labcore.testing.faults import Dead, FailingWrites, Fault, FaultyJournal, FaultyLink, Life
from labcore.wire.in_process import InProcessLink

Heard = list[tuple[float, bytes]]


class Echo:
    """Answers every line with `re: line`, 0.1 s later."""

    line = None

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.opens = 0
        self._out: list[tuple[float, bytes]] = []

    def opened(self, now: float) -> None:
        self.opens += 1

    def feed(self, data: bytes, now: float) -> None:
        self.got.append(data)
        self._out.append((now + 0.1, b"re: " + data))

    def poll(self, now: float) -> bytes:
        due = [one for one in self._out if one[0] <= now]
        self._out = [one for one in self._out if one[0] > now]
        return b"".join(data for _, data in due)

    def due(self) -> float | None:
        return min((at for at, _ in self._out), default=None)


def talk(*script: Fault, lines: int = 3, pause: float = 1.0) -> tuple[Echo, Heard, list[str]]:
    """Send lines 1, 2, 3 ... a second apart and listen; return the device, what was heard when, and lost sends."""
    device, heard, lost = Echo(), Heard(), list[str]()

    async def listen(stream: ByteStream) -> None:
        while True:
            try:
                data = await stream.receive()
            except LinkLost:
                return
            heard.append((round(anyio.current_time(), 3), data))

    async def job() -> None:
        stream = await FaultyLink(InProcessLink(device), script).open(LineSettings())
        async with anyio.create_task_group() as group:
            group.start_soon(listen, stream)
            for number in range(1, lines + 1):
                try:
                    await stream.send(b"%d\n" % number)
                except LinkLost as error:
                    lost.append(error.message)
                await anyio.sleep(pause)
            await anyio.sleep(100)
            group.cancel_scope.cancel()

    run_virtual(job)
    return device, heard, lost


def test_without_a_fault_everything_passes() -> None:
    device, heard, _ = talk()
    assert device.got == [b"1\n", b"2\n", b"3\n"]
    assert heard == [(0.1, b"re: 1\n"), (1.1, b"re: 2\n"), (2.1, b"re: 3\n")]


@pytest.mark.parametrize(
    ("fault", "got", "heard"),
    [
        (Fault("lose_request", 2), [1, 3], [(0.1, "re: 1\n"), (2.1, "re: 3\n")]),
        (Fault("lose_reply", 2), [1, 2, 3], [(0.1, "re: 1\n"), (2.1, "re: 3\n")]),
        (Fault("late_reply", 2, 3.0), [1, 2, 3], [(0.1, "re: 1\n"), (2.1, "re: 3\n"), (4.1, "re: 2\n")]),
        (Fault("duplicate_reply", 2), [1, 2, 3], [(0.1, "re: 1\n"), (1.1, "re: 2\nre: 2\n"), (2.1, "re: 3\n")]),
        (Fault("swap_replies", 2, 9.0), [1, 2, 3], [(0.1, "re: 1\n"), (2.1, "re: 3\nre: 2\n")]),
        (Fault("swap_replies", 3, 9.0), [1, 2, 3], [(0.1, "re: 1\n"), (1.1, "re: 2\n"), (11.1, "re: 3\n")]),
        (Fault("cut_reply", 2), [1, 2, 3], [(0.1, "re: 1\n"), (1.1, "re:"), (2.1, "re: 3\n")]),
        (Fault("garble_reply", 2), [1, 2, 3], [(0.1, "re: 1\n"), (1.1, "ge: 2\n"), (2.1, "re: 3\n")]),
        (Fault("lie", 2, reply=b"ok\n"), [1, 3], [(0.1, "re: 1\n"), (1.0, "ok\n"), (2.1, "re: 3\n")]),
        (Fault("silence", 2, 0.5), [1, 3], [(0.1, "re: 1\n"), (2.1, "re: 3\n")]),
        (Fault("lose_request", 1, matching="[23]"), [1, 3], [(0.1, "re: 1\n"), (2.1, "re: 3\n")]),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)  # fmt: skip
def test_a_fault_does_what_it_says(fault: Fault, got: list[int], heard: list[tuple[float, str]]) -> None:
    device, really_heard, _ = talk(fault)
    assert device.got == [b"%d\n" % number for number in got]
    assert really_heard == [(at, text.encode()) for at, text in heard]


def test_a_reboot_happens_before_the_message() -> None:
    device, heard, _ = talk(Fault("reboot", 2))
    assert device.opens == 2
    assert len(heard) == 3


def test_an_unplugged_cable_is_lost_and_can_be_put_back() -> None:
    device, heard, lost = talk(Fault("unplug", 2, 5.0))
    assert device.got == [b"1\n"]
    assert heard == [(0.1, b"re: 1\n")]
    assert len(lost) == 2
    assert "pulled out" in lost[0]


def test_an_unplugged_port_opens_again_after_its_time() -> None:
    async def job() -> list[str]:
        link, tries = FaultyLink(InProcessLink(Echo()), [Fault("unplug", 1, 5.0)]), []
        stream = await link.open(LineSettings())
        with pytest.raises(LinkLost):
            await stream.send(b"1\n")
        for _ in range(3):
            try:
                await link.open(LineSettings())
            except LinkLost:
                tries.append("lost")
            else:
                tries.append("open")
            await anyio.sleep(3)
        return tries

    assert run_virtual(job) == ["lost", "lost", "open"]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (lambda: Fault("lie", 1), "needs the reply"),
        (lambda: Fault("lose_reply", 0), "count from 1"),
        (lambda: Fault("explode", 1), "there is no fault"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(how: Callable[[], Fault], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        how()


# ------------------------------------------------------------------------------------------------ disk and death
def note(position: int) -> Event:
    return Event(position, 0.0, "", "labcore", Noted("n", "me"))


@pytest.mark.parametrize(("count", "refused"), [(1, [2]), (2, [2, 3]), (None, [2, 3, 4, 5])])
def test_the_disk_refuses_the_writes_it_was_told_to(
    count: int | None, refused: list[int], tmp_path: Path
) -> None:
    journal = FaultyJournal(SqliteJournal(tmp_path / "j.db"), FailingWrites(2, count, "disk full"))
    failed, position = [], 0
    for number in range(1, 6):
        try:
            journal.append([note(position)])
        except StorageError as error:
            assert "full" in str(error)  # noqa: PT017 - which writes fail is what is looked at
            failed.append(number)
        else:
            position += 1
    assert failed == refused
    assert [event.position for event in journal.read()] == list(range(position))
    journal.close()


def test_after_a_death_nothing_reaches_disk_or_device() -> None:
    told: list[str] = []
    life = Life(lambda: told.append("died"))
    device, memory = Echo(), MemoryJournal()
    journal, link = life.journal(memory), life.link(InProcessLink(device))

    async def dies(doing: Callable[[], Awaitable[object]]) -> None:
        with pytest.raises(Dead):
            await doing()

    async def job() -> None:
        stream = await link.open(LineSettings())
        await stream.send(b"1\n")
        journal.append([note(0)])
        assert isinstance(life.end(), Dead)
        assert isinstance(life.end(), Dead)
        with pytest.raises(Dead):
            journal.append([note(1)])
        await dies(partial(stream.send, b"2\n"))
        await dies(stream.receive)
        await dies(partial(link.open, LineSettings()))

    run_virtual(job)
    assert told == ["died"]
    assert device.got == [b"1\n"]
    assert len(memory.read()) == 1
