"""Between one process and its disk and devices: the checker looks, faults happen, the process dies on the dot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import anyio

from campaign.scenario import Kill
from campaign.witness import Witness
from labcore.adapters.journal_around import JournalAround
from labcore.errors import StorageError
from labcore.model.event import Event
from labcore.ports import ByteStream, Journal, LineSettings, Link
from labcore.testing.faults import FaultyJournal, FaultyLink, Life


@dataclass
class Between:
    """`labcore.app.faults.Faults` of one life. `wal_size` tells how large the journal's log is now."""

    witness: Witness
    life: Life
    number: int
    wal_size: Callable[[], int]
    torn: tuple[int, int] | None = None
    links: list[FaultyLink] = field(default_factory=list)
    disk: FaultyJournal | None = None

    @property
    def kill(self) -> Kill | None:
        return self.witness.scenario.kill(self.number)

    def journal(self, journal: Journal) -> Journal:
        script = self.witness.scenario.writes if self.number == 0 else None
        self.disk = FaultyJournal(journal, script)
        return _Journal(self, self.life.journal(self.disk))

    def link(self, device: str, link: Link) -> Link:
        bench = self.witness.bench

        def reboot() -> None:
            bench.power_cycle(device, anyio.current_time() + bench.offset)

        faulty = FaultyLink(link, self.witness.scenario.script(self.number, device), reboot=reboot)
        self.links.append(faulty)
        return _Link(self, device, self.life.link(faulty))

    def go_on(self) -> None:
        """Die at once if something is found that must not be: the first finding counts."""
        self.life.check()
        if self.witness.failure is not None:
            raise self.life.end()


class _Journal(JournalAround):
    def __init__(self, between: Between, inner: Journal) -> None:
        super().__init__(inner)
        self._between, self._count = between, 0

    def append(self, events: Sequence[Event]) -> None:
        between = self._between
        between.life.check()
        between.witness.live_is_fold()
        self._count += 1
        kill = between.kill
        what = kill.what if kill is not None and not kill.device and kill.on == self._count else ""
        if what == "before":
            raise between.life.end()
        before = between.wal_size()
        try:
            super().append(events)
        except StorageError:
            between.witness.facts.stalled = True
            raise
        if what == "torn":
            between.torn = before, between.wal_size()
            raise between.life.end()
        for event in events:
            between.witness.committed(event)
        if what == "after":
            raise between.life.end()
        between.go_on()


class _Link:
    def __init__(self, between: Between, device: str, inner: Link) -> None:
        self._between, self._device, self._inner = between, device, inner
        self.counts = {"send": 0, "receive": 0}

    @property
    def name(self) -> str:
        return self._inner.name

    async def open(self, line: LineSettings) -> ByteStream:
        return _Stream(self, await self._inner.open(line))

    def go_on(self) -> None:
        self._between.go_on()

    def look(self, data: bytes) -> None:
        self._between.go_on()
        self._between.witness.sent(self._device, data)
        self._between.go_on()

    def dies(self, what: str) -> Kill | None:
        self.counts[what] += 1
        kill = self._between.kill
        if kill is None or (kill.what, kill.device, kill.on) != (what, self._device, self.counts[what]):
            return None
        return kill

    def end(self) -> BaseException:
        return self._between.life.end()


class _Stream:
    def __init__(self, link: _Link, inner: ByteStream) -> None:
        self._link, self._inner = link, inner

    async def send(self, data: bytes) -> None:
        self._link.look(data)
        kill = self._link.dies("send")
        if kill is not None:
            part = data[: round(len(data) * kill.share)]
            if part:
                await self._inner.send(part)
            raise self._link.end()
        await self._inner.send(data)

    async def receive(self, limit: int = 4096) -> bytes:
        data = await self._inner.receive(limit)
        if self._link.dies("receive") is not None:
            raise self._link.end()
        return data

    async def aclose(self) -> None:
        await self._inner.aclose()

    def urgent(self, data: bytes) -> None:
        self._link.go_on()
        self._inner.urgent(data)  # what stops a device is no act and needs no intent
