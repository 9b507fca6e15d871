"""A wire on which scripted things go wrong."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

import anyio

from labcore.ports import ByteStream, LineSettings, Link
from labcore.testing.faults.fault import REPLIES, Fault
from labcore.wire.inbox import gone

PULLED = "the cable was pulled out"


class FaultyLink:
    """`ports.Link` through which faults are met in the order of the messages, over all its connections.

    `reboot` switches the device off and on; without it the port is opened a second time, which resets many boards.
    Lifetime: as long as the script. Concurrency: everything on the loop's thread.
    """

    def __init__(
        self, link: Link, script: Sequence[Fault], *, reboot: Callable[[], None] | None = None
    ) -> None:
        self._link = link
        self._reboot = reboot
        self._left = [(fault, [0]) for fault in script]
        self._line = LineSettings()
        self._stream: FaultyStream | None = None
        self._silent_until = self._back_at = -math.inf
        self.met: list[tuple[float, Fault]] = []

    @property
    def name(self) -> str:
        """Say where this leads."""
        return self._link.name

    @property
    def silent(self) -> bool:
        """Say whether nothing passes now."""
        return self.silent_at(anyio.current_time())

    def silent_at(self, now: float) -> bool:
        """Say whether nothing passes at a time (loop clock, s)."""
        return now < self._silent_until

    async def open(self, line: LineSettings) -> ByteStream:
        """Open the connection; LinkLost while the cable is out."""
        if anyio.current_time() < self._back_at:
            raise gone(self.name, PULLED)
        self._line = line
        self._stream = FaultyStream(self, await self._link.open(line))
        return self._stream

    def next_fault(self, message: bytes) -> Fault | None:
        """Count a message and return the fault that it meets."""
        for entry in list(self._left):
            fault, count = entry
            count[0] += fault.concerns(message)
            if count[0] >= fault.on:
                self._left.remove(entry)
                self.met.append((anyio.current_time(), fault))
                return fault
        return None

    def fall_silent(self, seconds: float) -> None:
        """Let nothing pass for a while."""
        self._silent_until = anyio.current_time() + seconds

    def unplug(self, seconds: float) -> None:
        """Take the connection away for a while."""
        self._back_at = anyio.current_time() + seconds
        if self._stream is not None:
            self._stream.lose()

    async def reboot(self) -> None:
        """Switch the device off and on."""
        if self._reboot is not None:
            self._reboot()
        else:
            await self._link.open(self._line)


class FaultyStream:
    """`ports.ByteStream` of a `FaultyLink`. One reader at a time."""

    def __init__(self, link: FaultyLink, inner: ByteStream) -> None:
        self._link = link
        self._inner = inner
        self._now = asyncio.get_running_loop().time  # another thread has no other way to it
        self._lost = False
        self._waiting: anyio.CancelScope | None = None
        self._ready = b""
        self._line = b""  # of a reply to which something is going to happen
        self._late: list[tuple[float, bytes]] = []
        self._swapped: list[tuple[float, bytes]] = []
        self._to_reply: list[Fault] = []

    async def send(self, data: bytes) -> None:
        """Send, unless a fault is met."""
        self._check()
        fault = self._link.next_fault(data)
        kind = fault.kind if fault is not None else ""
        if fault is not None and kind == "unplug":
            self._link.unplug(fault.seconds)
            self._check()
        elif fault is not None and kind == "silence":
            self._link.fall_silent(fault.seconds)
        elif fault is not None and kind == "lie":
            self._hear(fault.reply)
        elif fault is not None and kind in REPLIES:
            self._to_reply.append(fault)
        elif kind == "reboot":
            await self._link.reboot()
        if kind not in ("lose_request", "lie") and not self._link.silent:
            await self._inner.send(data)

    async def receive(self, limit: int = 4096) -> bytes:
        """Return what came through, in the order in which the faults let it."""
        while True:
            self._check()
            self._take_due()
            if self._ready:
                data, self._ready = self._ready[:limit], self._ready[limit:]
                return data
            with anyio.CancelScope(deadline=self._next_due()) as scope:
                self._waiting = scope
                self._hear_device(await self._inner.receive(limit))
            self._waiting = None

    async def aclose(self) -> None:
        """Close."""
        await self._inner.aclose()

    def urgent(self, data: bytes) -> None:
        """Write now, from any thread; what passes nothing passes nothing urgent either."""
        self._check()
        if not self._link.silent_at(self._now()):
            self._inner.urgent(data)

    def lose(self) -> None:
        """Be without a connection from now on."""
        self._lost = True
        self._wake()

    def _check(self) -> None:
        if self._lost:
            raise gone(self._link.name, PULLED)

    def _hear(self, data: bytes) -> None:
        self._ready += data
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()

    def _hear_device(self, data: bytes) -> None:
        if self._link.silent:
            return
        while data and (self._to_reply or self._swapped or self._line):
            line, end, data = data.partition(b"\n")
            self._line += line + end
            if end:
                whole, self._line = self._line, b""
                self._pass_on(whole)
        self._ready += data

    def _pass_on(self, line: bytes) -> None:
        """Let one whole line meet the fault that waits for it."""
        now = anyio.current_time()
        if not self._to_reply:
            swapped, self._swapped = self._swapped, []
            self._ready += line + b"".join(held for _, held in swapped)
            return
        fault = self._to_reply.pop(0)
        match fault.kind:
            case "late_reply":
                self._late.append((now + fault.seconds, line))
            case "duplicate_reply":
                self._ready += line + line
            case "swap_replies":
                self._swapped.append((now + fault.seconds, line))
            case "cut_reply":
                self._ready += line[: max(1, len(line) // 2)]
            case "garble_reply":
                self._ready += bytes((line[0] ^ 0x15,)) + line[1:]

    def _take_due(self) -> None:
        now = anyio.current_time()
        for held in (self._late, self._swapped):
            for one in [one for one in held if one[0] <= now]:
                held.remove(one)
                self._ready += one[1]

    def _next_due(self) -> float:
        return min((at for at, _ in (*self._late, *self._swapped)), default=math.inf)
