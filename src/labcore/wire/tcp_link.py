"""A link over plain TCP (`tcp://`, `socket://`): bytes only, no line settings."""

from __future__ import annotations

import asyncio
import os

import anyio

from labcore.errors import LinkLost
from labcore.ports import LineSettings
from labcore.wire.inbox import Inbox, gone
from labcore.wire.outlet import Outlet

CONNECT_WITHIN = 5.0  # s
SEND_WITHIN = 5.0  # s; a peer that stops reading for this long is gone
URGENT_WITHIN = 2.0  # s


class TcpLink:
    """`ports.Link` to a host and port."""

    def __init__(self, host: str, port: int, *, name: str = "") -> None:
        self._host = host
        self._port = port
        self._name = name or f"tcp://{host}:{port}"

    @property
    def name(self) -> str:
        """Say where this leads."""
        return self._name

    async def open(self, line: LineSettings) -> TcpStream:
        """Connect; `line` has no meaning here. LinkLost if nobody answers in 5 s."""
        loop = asyncio.get_running_loop()
        wire = _Wire(self._name)
        try:
            with anyio.fail_after(CONNECT_WITHIN):
                await loop.create_connection(lambda: wire, self._host, self._port)
        except TimeoutError as error:
            raise gone(self._name, f"no connection within {CONNECT_WITHIN:g} s") from error
        except OSError as error:
            why = os.strerror(error.errno) if error.errno is not None else str(error)
            raise gone(self._name, f"cannot connect ({why})") from error
        assert wire.transport is not None
        return TcpStream(wire, Outlet(wire.transport.get_extra_info("socket").dup, self._name))


class _Wire(asyncio.Protocol):
    """What the event loop calls; kept apart so that a reader finds bytes that came before it asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inbox = Inbox(name)
        self.transport: asyncio.Transport | None = None
        self.closed = anyio.Event()
        self.reading = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.inbox.push(data)
        if self.inbox.full and self.reading and self.transport is not None:
            self.transport.pause_reading()
            self.reading = False

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.inbox.end(f"the connection was lost ({exc})" if exc else "the other side closed the connection")
        self.closed.set()


class TcpStream:
    """`ports.ByteStream` over one TCP connection."""

    def __init__(self, wire: _Wire, outlet: Outlet) -> None:
        self._wire = wire
        self._outlet = outlet
        self._sending = anyio.Lock()

    async def send(self, data: bytes) -> None:
        """Write all of `data`; what a cancelled sender leaves goes out before anything else."""
        wire = self._wire
        async with self._sending:
            self._check(wire)
            gone_out = self._outlet.push(data)
            try:
                with anyio.fail_after(SEND_WITHIN):
                    while not gone_out:
                        await anyio.wait_writable(self._outlet.quick)
                        gone_out = self._outlet.push()
            except TimeoutError as error:
                raise gone(wire.name, f"the other side takes no bytes since {SEND_WITHIN:g} s") from error

    def urgent(self, data: bytes) -> None:
        """Write now, from any thread."""
        self._outlet.urgent(data, URGENT_WITHIN)

    async def receive(self, limit: int = 4096) -> bytes:
        """Return what arrived."""
        data = await self._wire.inbox.take(limit)
        wire = self._wire
        if (
            not wire.reading
            and not wire.inbox.full
            and wire.transport is not None
            and not wire.closed.is_set()
        ):
            wire.reading = True
            wire.transport.resume_reading()
        return data

    async def aclose(self) -> None:
        """Close; bytes already written are sent first, for at most a second."""
        wire = self._wire
        if wire.transport is None or wire.closed.is_set():
            self._outlet.close()
            return
        await self._finish()
        wire.inbox.end("the connection is closed")
        self._outlet.close()
        wire.transport.close()
        with anyio.move_on_after(1, shield=True):
            await wire.closed.wait()
        if not wire.closed.is_set():
            wire.transport.abort()

    async def _finish(self) -> None:
        """Send what a cancelled sender left."""
        try:
            with anyio.move_on_after(1, shield=True):
                while not self._outlet.push():
                    await anyio.wait_writable(self._outlet.quick)
        except LinkLost:
            return

    @staticmethod
    def _check(wire: _Wire) -> None:
        if wire.inbox.lost is not None:
            raise gone(wire.name, wire.inbox.lost)
