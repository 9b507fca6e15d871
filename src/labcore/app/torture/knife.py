"""The knife: kills its own process at one point, and keeps a mark of everything it saw go by.

`SIGKILL`, or TerminateProcess on Windows: nothing is cleaned up, nothing is flushed, no handler runs. Marks are written
without a buffer, so they outlive the process: what a mark says was committed must be in the journal afterwards.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from labcore.adapters.journal_around import JournalAround
from labcore.app.torture.point import Point
from labcore.model.event import Event, Intended, Settled
from labcore.ports import ByteStream, Journal, LineSettings, Link


def strike() -> NoReturn:
    """End this process at once."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows: SIGTERM is TerminateProcess
    raise AssertionError("a killed process does not go on")


@dataclass(slots=True)
class Knife:
    """`labcore.app.faults.Faults` that kills at `point` (None: never). `marks` is its file, `world` the world's record."""

    point: Point | None
    marks: Path
    data: Path
    _file: int = -1
    _commits: int = 0
    _writes: dict[str, int] = field(default_factory=dict)
    _reads: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._file = os.open(self.marks, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0))
        self.mark(began=time.monotonic(), world=self.world())

    def journal(self, journal: Journal) -> Journal:
        """Return the journal that can die."""
        return KnifeJournal(journal, self)

    def link(self, device: str, link: Link) -> Link:
        """Return the link whose streams can die."""
        return KnifeLink(device, link, self)

    def mark(self, **what: Any) -> None:
        """Write one line."""
        os.write(self._file, (json.dumps(what, separators=(",", ":")) + "\n").encode())

    def world(self) -> int:
        """Return how long the world's record is, bytes."""
        found = next(self.data.glob("runs/*/world/acts.jsonl"), None)
        return found.stat().st_size if found is not None else 0

    # ------------------------------------------------------------------------------------------ what goes by
    def committing(self, events: Sequence[Event]) -> bool:
        """Say whether this is the commit to die at; die if it is to be before it."""
        number, self._commits = self._commits, self._commits + 1
        point = self.point
        if point is None or point.kind != "commit":
            return False
        here = number == point.number if point.relative else any(e.position == point.number for e in events)
        if here and not point.after:
            strike()
        return here

    def committed(self, events: Sequence[Event], here: bool) -> None:
        """Mark a commit; die if it was the one."""
        opened = {e.body.act: e.device or "" for e in events if isinstance(e.body, Intended)}
        closed = [e.body.act for e in events if isinstance(e.body, Settled)]
        kinds = [e.kind for e in events]
        self.mark(
            commit=[events[0].position, events[-1].position], kinds=kinds, opened=opened, closed=closed,
            world=self.world() if opened or closed else None, t=time.monotonic(),
        )  # fmt: skip
        if here:
            strike()

    async def writing(self, device: str, stream: ByteStream, data: bytes) -> None:
        """Send; die after the chosen number of bytes."""
        number = self._writes[device] = self._writes.get(device, 0) + 1
        point = self.point
        if point is not None and (point.kind, point.device, point.number) == ("write", device, number):
            if point.size:
                await stream.send(data[: point.size])
            strike()
        self.mark(write=device, number=number, size=len(data))
        await stream.send(data)

    def read(self, device: str) -> None:
        """Mark an answer; die if it was the one."""
        number = self._reads[device] = self._reads.get(device, 0) + 1
        self.mark(read=device, number=number)
        point = self.point
        if point is not None and (point.kind, point.device, point.number) == ("read", device, number):
            strike()


class KnifeJournal(JournalAround):
    """`ports.Journal`."""

    def __init__(self, journal: Journal, knife: Knife) -> None:
        super().__init__(journal)
        self._knife = knife

    def append(self, events: Sequence[Event]) -> None:
        """Commit, or die before or after it."""
        here = self._knife.committing(events)
        super().append(events)
        self._knife.committed(events, here)


class KnifeLink:
    """`ports.Link`."""

    def __init__(self, device: str, link: Link, knife: Knife) -> None:
        self._device, self._link, self._knife = device, link, knife

    @property
    def name(self) -> str:
        """Say where this leads."""
        return self._link.name

    async def open(self, line: LineSettings) -> ByteStream:
        """Open."""
        return KnifeStream(self._device, await self._link.open(line), self._knife)


class KnifeStream:
    """`ports.ByteStream`."""

    def __init__(self, device: str, stream: ByteStream, knife: Knife) -> None:
        self._device, self._stream, self._knife = device, stream, knife

    async def send(self, data: bytes) -> None:
        """Send, or die on the way."""
        await self._knife.writing(self._device, self._stream, data)

    async def receive(self, limit: int = 4096) -> bytes:
        """Receive; die after it."""
        data = await self._stream.receive(limit)
        self._knife.read(self._device)
        return data

    async def aclose(self) -> None:
        """Close."""
        await self._stream.aclose()

    def urgent(self, data: bytes) -> None:
        """Write now; the knife waits for acts, and this is none."""
        self._stream.urgent(data)


@dataclass(frozen=True, slots=True)
class Marks:
    """What the marks of one process say. `world` are sizes of the world's record, bytes."""

    lines: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, path: Path) -> Marks:
        """Return the marks in a file; a torn last line is no mark."""
        if not path.exists():
            return cls(())
        raw = path.read_bytes()
        return cls(tuple(json.loads(line) for line in raw[: raw.rfind(b"\n") + 1].splitlines()))

    @property
    def acknowledged(self) -> int:
        """The last position whose commit returned, -1 if there is none."""
        return max((line["commit"][1] for line in self.lines if "commit" in line), default=-1)

    @property
    def world_at_start(self) -> int:
        """The size of the world's record when the process began."""
        return int(self.lines[0]["world"]) if self.lines else 0

    def sizes(self, which: str) -> dict[str, int]:
        """Return the size of the world's record when each act was "opened" or "closed"."""
        return {act: line["world"] for line in self.lines if "commit" in line for act in line[which]}

    def seconds_to(self, *kinds: str) -> float | None:
        """Return the s from the beginning of the process to the first event of these kinds."""
        for line in self.lines:
            if "commit" in line and set(kinds) & set(line["kinds"]):
                return float(line["t"]) - float(self.lines[0]["began"])
        return None
