"""A link to a simulated instrument in the same process, on the loop's own clock."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AbstractContextManager, suppress
from typing import Any, Protocol

import anyio
import anyio.lowlevel

from labcore.ports import LineSettings
from labcore.wire.inbox import gone

TICK = 0.001  # s; a device whose due time does not move on is asked again after this


class ByteDevice(Protocol):
    """An instrument without task or clock (the same shape as `labcore.plugin.simulator.ByteDevice`)."""

    def opened(self, now: float) -> None: ...
    def feed(self, data: bytes, now: float) -> None: ...
    def poll(self, now: float) -> bytes: ...
    def due(self) -> float | None: ...


class InProcessLink:
    """`ports.Link` to a `ByteDevice`.

    No thread, no task: the device moves when it is spoken to or listened to.
    """

    def __init__(
        self, device: ByteDevice, name: str = "sim://", *, lock: AbstractContextManager[Any] | None = None
    ) -> None:
        self._device = device
        self._name = name
        self._lock = lock or threading.RLock()

    @property
    def name(self) -> str:
        """Say where this leads."""
        return self._name

    async def open(self, line: LineSettings) -> InProcessStream:
        """Open the simulated port.

        With wrong line settings both sides hear nothing that makes sense, so: nothing.
        """
        await anyio.lowlevel.checkpoint()
        stream = InProcessStream(
            self._device, self._name, self._lock, deaf=not _fits(getattr(self._device, "line", None), line)
        )
        with self._lock:
            self._device.opened(anyio.current_time())
        return stream


class InProcessStream:
    """`ports.ByteStream` over a `ByteDevice`. One reader at a time.

    `lock` is held whenever the device is touched: whoever is urgent touches it from another thread.
    """

    def __init__(
        self, device: ByteDevice, name: str, lock: AbstractContextManager[Any], *, deaf: bool = False
    ) -> None:
        self._device = device
        self._name = name
        self._lock = lock
        self._loop = asyncio.get_running_loop()
        self._deaf = deaf
        self._closed = False
        self._rest = b""
        self._news = anyio.Event()

    async def send(self, data: bytes) -> None:
        """Hand `data` to the device now."""
        await anyio.lowlevel.checkpoint()  # before, not after: what was fed was sent
        self._check_open()
        self._feed(data)
        self._news.set()

    def urgent(self, data: bytes) -> None:
        """Hand `data` to the device now, from any thread."""
        self._check_open()
        self._feed(data)
        with suppress(RuntimeError):  # the loop is closed: nobody waits for an answer
            self._loop.call_soon_threadsafe(lambda: self._news.set())

    def _feed(self, data: bytes) -> None:
        if not self._deaf:
            with self._lock:  # the time is asked under the lock: a device's clock must not go back
                self._device.feed(data, self._loop.time())

    async def receive(self, limit: int = 4096) -> bytes:
        """Return what the device has to say, at once or when it says something."""
        while True:
            self._check_open()
            data = self._rest or self._poll()
            if data:
                self._rest = data[limit:]
                return data[:limit]
            await self._until_something_changes()

    async def aclose(self) -> None:
        """Close; a waiting reader gets LinkLost."""
        self._closed = True
        self._news.set()
        await anyio.lowlevel.cancel_shielded_checkpoint()

    def _poll(self) -> bytes:
        with self._lock:
            said = self._device.poll(self._loop.time())
        return b"" if self._deaf else said

    async def _until_something_changes(self) -> None:
        await anyio.lowlevel.checkpoint_if_cancelled()  # `drop_stale` does not want to wait
        self._news = anyio.Event()
        with self._lock:
            due = self._device.due()
        if due is None:
            await self._news.wait()
            return
        with anyio.CancelScope(deadline=max(due, anyio.current_time() + TICK)):
            await self._news.wait()

    def _check_open(self) -> None:
        if self._closed:
            raise gone(self._name, "the connection is closed")


def _fits(wanted: Any, given: LineSettings) -> bool:
    """Compare what a device's line needs with what was set; None means that it has no serial line."""
    if wanted is None:
        return True
    return all(
        getattr(wanted, key) == getattr(given, key) for key in ("baud", "bytesize", "parity", "stopbits")
    )
