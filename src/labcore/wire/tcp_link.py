"""A link over plain TCP (`tcp://`, `socket://`): bytes only, no line settings."""

from __future__ import annotations

import asyncio
import os

import anyio

from labcore.ports import LineSettings
from labcore.wire.inbox import Inbox, gone

CONNECT_WITHIN = 5.0  # s
SEND_WITHIN = 5.0  # s; a peer that stops reading for this long is gone


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
        return TcpStream(wire)


class _Wire(asyncio.Protocol):
    """What the event loop calls; kept apart so that a reader finds bytes that came before it asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inbox = Inbox(name)
        self.transport: asyncio.Transport | None = None
        self.writable = anyio.Event()
        self.writable.set()
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
        self.writable.set()
        self.closed.set()

    def pause_writing(self) -> None:
        self.writable = anyio.Event()

    def resume_writing(self) -> None:
        self.writable.set()


class TcpStream:
    """`ports.ByteStream` over one TCP connection."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    async def send(self, data: bytes) -> None:
        """Write all of `data`."""
        wire = self._wire
        self._check(wire)
        assert wire.transport is not None
        wire.transport.write(data)
        try:
            with anyio.fail_after(SEND_WITHIN):
                await wire.writable.wait()
        except TimeoutError as error:
            raise gone(wire.name, f"the other side takes no bytes since {SEND_WITHIN:g} s") from error
        self._check(wire)

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
            return
        wire.inbox.end("the connection is closed")
        wire.transport.close()
        with anyio.move_on_after(1, shield=True):
            await wire.closed.wait()
        if not wire.closed.is_set():
            wire.transport.abort()

    @staticmethod
    def _check(wire: _Wire) -> None:
        if wire.inbox.lost is not None:
            raise gone(wire.name, wire.inbox.lost)
