"""The death of a process, without a process.

A real SIGKILL leaves on disk what was written and on a device what was sent, and nothing follows. Here the same holds
because everything that leaves the process asks its `Life` first: after the death every write and every byte raises
`Dead` instead, which nothing in labcore catches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from labcore.adapters.journal_around import JournalAround
from labcore.model.event import Event
from labcore.ports import ByteStream, Journal, LineSettings, Link


class Dead(BaseException):
    """The process is dead. Not an Exception: no handler of the dead process may go on with its work."""


class Life:
    """One process's life. `at_death` is called once, at the moment of death: what is on disk now is what stays."""

    def __init__(self, at_death: Callable[[], None] | None = None) -> None:
        self._at_death = at_death
        self.over = False

    def end(self) -> Dead:
        """Die, and return what to raise."""
        if not self.over:
            self.over = True
            if self._at_death is not None:
                self._at_death()
        return Dead()

    def check(self) -> None:
        """Raise Dead after the death."""
        if self.over:
            raise Dead

    def journal(self, journal: Journal) -> Journal:
        """Return a journal that can only be written to while this lives."""
        return _MortalJournal(self, journal)

    def link(self, link: Link) -> Link:
        """Return a link over which bytes only go while this lives."""
        return _MortalLink(self, link)


class _MortalJournal(JournalAround):
    def __init__(self, life: Life, journal: Journal) -> None:
        super().__init__(journal)
        self._life = life

    def append(self, events: Sequence[Event]) -> None:
        self._life.check()
        super().append(events)


class _MortalLink:
    def __init__(self, life: Life, link: Link) -> None:
        self._life = life
        self._link = link

    @property
    def name(self) -> str:
        return self._link.name

    async def open(self, line: LineSettings) -> ByteStream:
        self._life.check()
        return _MortalStream(self._life, await self._link.open(line))


class _MortalStream:
    def __init__(self, life: Life, stream: ByteStream) -> None:
        self._life = life
        self._stream = stream

    async def send(self, data: bytes) -> None:
        self._life.check()
        await self._stream.send(data)

    async def receive(self, limit: int = 4096) -> bytes:
        self._life.check()
        data = await self._stream.receive(limit)
        self._life.check()
        return data

    async def aclose(self) -> None:
        await self._stream.aclose()

    def urgent(self, data: bytes) -> None:
        self._life.check()
        self._stream.urgent(data)
