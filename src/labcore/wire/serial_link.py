"""A link over a serial port: a device path, COMx, `rfc2217://`, `hwgrep://`, anything pyserial opens.

pyserial blocks, so every open port has two threads: one opens, writes and closes, one reads. They exist
in real time only, and they reach the loop through `_Loop.call` and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel

from labcore.errors import LinkLost
from labcore.ports import LineSettings
from labcore.wire.inbox import Inbox, gone
from labcore.wire.turn import Turn

READ_SLICE = 0.1  # s; how long a reading thread may not notice that the port is to be closed
WRITE_WITHIN = 2.0  # s
URGENT_WITHIN = 2.5  # s; a little more than a write of ours takes at most
SEND_WITHIN = 6.0  # s; more than any port waits by itself
OPEN_WITHIN = 10.0  # s; RFC 2217 negotiates
CLOSE_WITHIN = 10.0  # s; pyserial's RFC 2217 client waits for its own thread


class SerialLink:
    """`ports.Link` to whatever `serial.serial_for_url` opens.

    `dtr` and `rts`: state to put the lines in, None to leave them as they are. A port of this computer is
    opened for us alone, and its DTR is not dropped when it closes, so that boards which restart on DTR do
    so at most once.
    """

    def __init__(self, url: str, *, dtr: bool | None = None, rts: bool | None = None) -> None:
        self._url = url
        self._dtr = dtr
        self._rts = rts

    @property
    def name(self) -> str:
        """Say where this leads."""
        return self._url

    async def open(self, line: LineSettings) -> SerialStream:
        """Open with the given settings. LinkLost with the reason if that fails or takes longer than 10 s."""
        stream = SerialStream(self._url, lambda: _open(self._url, line, self._dtr, self._rts))
        await stream.begin()
        return stream


class _Loop:
    """The named small place where threads reach the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def call(self, function: Callable[..., object], *args: Any) -> None:
        """Call `function` on the loop; nothing happens if the loop has ended."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *args)


class _Order:
    """Something for the port thread to do, and what became of it."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.done = anyio.Event()
        self.error: Exception | None = None

    def settle(self, error: Exception | None) -> None:
        self.error = error
        self.done.set()


class SerialStream:
    """`ports.ByteStream` over one open serial port."""

    def __init__(self, name: str, opener: Callable[[], Any]) -> None:
        self._name = name
        self._opener = opener
        self._loop = _Loop()
        self._inbox = Inbox(name)
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._port: Any = None
        self._turn = Turn()
        self._thread = threading.Thread(target=self._serve, name=f"labcore-serial {name}", daemon=True)
        self._reader: threading.Thread | None = None
        self._stopping = threading.Event()
        self._room = threading.Event()
        self._room.set()
        self._ended = anyio.Event()
        self._closed = False

    async def begin(self) -> None:
        """Start the threads and open the port (called by the link)."""
        self._thread.start()
        try:
            await self._order(self._open, OPEN_WITHIN)
        except BaseException:
            await self.aclose()
            raise

    async def send(self, data: bytes) -> None:
        """Write all of `data`."""
        if self._inbox.lost is not None:
            raise gone(self._name, self._inbox.lost)
        # A write under way cannot be taken back, so a cancelled sender waits for it; it takes 6 s at most.
        with anyio.CancelScope(shield=True):
            await self._order(lambda: self._write(data), SEND_WITHIN)
        await anyio.lowlevel.checkpoint_if_cancelled()

    async def receive(self, limit: int = 4096) -> bytes:
        """Return what arrived."""
        data = await self._inbox.take(limit)
        if not self._inbox.full:
            self._room.set()
        return data

    async def aclose(self) -> None:
        """Close the port and wait for the threads to end."""
        if not self._closed:
            self._closed = True
            self._inbox.end("the connection is closed")
            self._stopping.set()
            self._room.set()
            self._orders.put(None)
        with anyio.move_on_after(CLOSE_WITHIN, shield=True):
            await self._ended.wait()
            self._thread.join(0.5)  # it has nothing left to do but to end

    def urgent(self, data: bytes) -> None:
        """Write now, from any thread: after the write under way, before those that wait."""
        port = self._port
        if port is None or self._closed:
            raise gone(self._name, "the port is not open")
        try:
            with self._turn.urgent(URGENT_WITHIN):
                port.write(data)
        except Exception as error:  # every driver of every platform has its own
            reason = f"{error}".strip().rstrip(".") or type(error).__name__
            raise gone(self._name, reason) from error

    async def _order(self, work: Callable[[], None], within: float) -> None:
        order = _Order(work)
        self._orders.put(order)
        with anyio.move_on_after(within):
            await order.done.wait()
            if order.error is not None:
                raise self._lost(order.error) from order.error
            return
        raise gone(self._name, f"the port did not answer within {within:g} s")

    def _lost(self, error: Exception) -> LinkLost:
        reason = f"{error}".strip().rstrip(".") or type(error).__name__
        self._inbox.end(reason)
        return gone(self._name, reason)

    # ---------------------------------------------------------------------------------- the port's thread
    def _serve(self) -> None:
        """Carry out orders until None comes, then close."""
        while (order := self._orders.get()) is not None:
            try:
                order.work()
            except Exception as error:  # every driver of every platform has its own
                self._loop.call(order.settle, error)
            else:
                self._loop.call(order.settle, None)
        self._shut()
        self._loop.call(self._ended.set)

    def _open(self) -> None:
        self._port = self._opener()
        self._reader = threading.Thread(
            target=self._read, name=f"labcore-serial-read {self._name}", daemon=True
        )
        self._reader.start()

    def _shut(self) -> None:
        if self._port is None:
            return
        _cancel_read(self._port)
        if self._reader is not None:
            self._reader.join(CLOSE_WITHIN)
        with contextlib.suppress(Exception):
            self._port.close()

    def _write(self, data: bytes) -> None:
        with self._turn.usual():
            self._port.write(data)

    # ---------------------------------------------------------------------------------- the reading thread
    def _read(self) -> None:
        port = self._port
        try:
            while not self._stopping.is_set():
                data = port.read(max(1, port.in_waiting))
                if data:
                    self._loop.call(self._arrived, data)
                    self._room.wait()
        except (
            Exception
        ) as error:  # pyserial lets OSError, TypeError and its own through when a port vanishes
            if not self._stopping.is_set():
                self._loop.call(self._inbox.end, f"{error}".strip().rstrip(".") or type(error).__name__)

    def _arrived(self, data: bytes) -> None:
        self._inbox.push(data)
        if self._inbox.full and not self._stopping.is_set():
            self._room.clear()


def _open(url: str, line: LineSettings, dtr: bool | None, rts: bool | None) -> Any:
    """Open a port (blocking).

    SerialException or OSError if that fails, ValueError for settings it does not know.
    """
    serial = importlib.import_module("serial")  # only where a port is opened; it has no types

    port = serial.serial_for_url(
        url, do_not_open=True, baudrate=line.baud, bytesize=line.bytesize, parity=line.parity,
        stopbits=line.stopbits, timeout=READ_SLICE,
    )  # fmt: skip
    if not url.startswith("rfc2217://"):  # it has a limit of its own, 5 s, and refuses another
        port.write_timeout = WRITE_WITHIN
    if dtr is not None:
        port.dtr = dtr
    if rts is not None:
        port.rts = rts
    local = "://" not in url or url.startswith("hwgrep://")
    if local and sys.platform != "win32":
        port.exclusive = True
    port.open()
    if local:
        _keep_dtr(port)
    return port


def _keep_dtr(port: Any) -> None:
    """Ask the system not to drop DTR when the port closes (POSIX), where there is a terminal to ask."""
    try:
        import termios
    except ImportError:
        return
    with contextlib.suppress(OSError, termios.error, AttributeError):
        settings = termios.tcgetattr(port.fd)
        settings[2] &= ~termios.HUPCL
        termios.tcsetattr(port.fd, termios.TCSANOW, settings)


def _cancel_read(port: Any) -> None:
    if hasattr(port, "cancel_read"):
        with contextlib.suppress(Exception):
            port.cancel_read()
