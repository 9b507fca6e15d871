"""One instrument behind a TCP port: RFC 2217 (line settings travel with the bytes) or bare bytes."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from dataclasses import replace
from typing import Any, Literal, cast

from serial import rfc2217

from ..instruments.contract import BUFFER_LIMIT, Instrument, LineSettings
from .framing import heard_by_client, heard_by_device
from .stage import Stage
from .wirelog import WireLog

Transport = Literal["rfc2217", "socket"]
LISTEN_SLICE = 0.2
"""s; how long a waiting line may not notice that it is to close (only Linux wakes it by itself)."""
_BROKEN = (OSError, struct.error, KeyError, TypeError, ValueError)
"""What a broken connection or malformed negotiation raises in a socket or in pyserial's half of RFC 2217."""


class SerialLine:
    """Serves one instrument to one client at a time, as a serial port does; others are turned away."""

    def __init__(
        self,
        stage: Stage,
        name: str,
        instrument: Instrument,
        log: WireLog,
        *,
        host: str,
        transport: Transport,
    ) -> None:
        self.stage, self.name, self.log, self.transport = stage, name, log, transport
        self.device = instrument.line or LineSettings()
        self._listener = socket.create_server((host, 0))
        self._listener.settimeout(LISTEN_SLICE)
        self._ending = threading.Event()
        self.url = f"{transport}://{host}:{self._listener.getsockname()[1]}"
        self._client: _Client | None = None
        self._thread = threading.Thread(target=self._accept, name=f"line {name}", daemon=True)
        stage.add(name, instrument, self._deliver)

    def start(self) -> None:
        """Wait for clients."""
        self._thread.start()

    def close(self) -> None:
        """Hang up: first no new client, then the one there is."""
        self._ending.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._listener.close()
        client = self._client
        if client is not None:
            client.hang_up()
            client.thread.join(timeout=5)

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self._busy():
                self.log.write(self.stage.now(), self.name, "refused", why="the port is in use")
                connection.close()
                continue
            self._client = _Client(self, connection)
            self._client.thread.start()

    def _busy(self) -> bool:
        """Whether the port is in use; a client that is just hanging up is given a moment for it."""
        if self._client is not None:
            self._client.thread.join(timeout=0.3)
        return self._client is not None and self._client.thread.is_alive()

    def _deliver(self, data: bytes) -> None:
        client = self._client
        if client is not None:
            client.send(data)


class _Client:
    """One connection."""

    def __init__(self, line: SerialLine, connection: socket.socket) -> None:
        self.line, self.connection = line, connection
        self.write_lock = threading.Lock()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = _Port(self) if line.transport == "rfc2217" else None
        self.manager: Any = None
        self.thread = threading.Thread(target=self._serve, name=f"client of {line.name}", daemon=True)

    def hang_up(self) -> None:
        """Cut the connection."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def write(self, data: bytes) -> None:
        """Send raw bytes (called by the RFC 2217 negotiation, too).

        TimeoutError if the client has not read what it got: the stage never waits for it, and a serial line
        keeps nothing either.
        """
        with self.write_lock:
            if not select.select([], [self.connection], [], 0)[1]:
                raise TimeoutError("the client does not read")
            self.connection.sendall(data)

    def send(self, data: bytes) -> None:
        """Send what the instrument said, as this client's line settings let it hear it."""
        if self.port is not None and self.manager is None:
            return
        passed = data if self.port is None else heard_by_client(data, self.line.device, self.port.settings)
        self._log("out", data, passed)
        escaped = passed if self.manager is None else b"".join(self.manager.escape(passed))
        with contextlib.suppress(OSError, ValueError):  # a closed socket is no number for select
            self.write(escaped)

    def _log(self, direction: str, data: bytes, passed: bytes) -> None:
        settings = None if self.port is None else str(self.port.settings)
        self.line.log.chunk(self.line.stage.now(), self.line.name, direction, data, settings, passed)

    def note(self, event: str, **more: Any) -> None:
        """Put an entry into the wire log."""
        self.line.log.write(self.line.stage.now(), self.line.name, event, **more)

    def _serve(self) -> None:
        self.note("opened", transport=self.line.transport)
        with self.connection, contextlib.suppress(*_BROKEN):
            if self.port is None:
                self.line.stage.opened(self.line.name)
            else:
                self.manager = rfc2217.PortManager(cast(Any, self.port), cast(Any, self))
            while data := self.connection.recv(4096):
                self._take(data)
        self.note("closed")

    def _take(self, data: bytes) -> None:
        if self.port is None:
            self._hear(data, data)
            return
        sent, heard = bytearray(), bytearray()
        for byte in self.manager.filter(data):
            sent += byte
            heard += heard_by_device(byte, self.port.settings, self.line.device)
        if len(self.manager.suboption or b"") > BUFFER_LIMIT:
            raise ValueError("endless negotiation")
        if sent:
            self._hear(bytes(sent), bytes(heard))

    def _hear(self, sent: bytes, heard: bytes) -> None:
        self._log("in", sent, heard)
        if heard:
            self.line.stage.feed(self.line.name, heard)


class _Port:
    """The serial port that pyserial's server half of RFC 2217 believes to steer."""

    cts = dsr = cd = True
    ri = xonxoff = rtscts = rts = break_condition = False

    def __init__(self, client: _Client) -> None:
        self._client = client
        self.settings = LineSettings()
        self._dtr = False

    def _set(self, **changed: Any) -> None:
        self.settings = replace(self.settings, **changed)
        expected = self._client.line.device
        self._client.note(
            "line", line=str(self.settings), matches=self.settings == expected, expected=str(expected)
        )

    @property
    def baudrate(self) -> int:
        return self.settings.baud

    @baudrate.setter
    def baudrate(self, baud: int) -> None:
        self._set(baud=baud)

    @property
    def bytesize(self) -> int:
        return self.settings.bytesize

    @bytesize.setter
    def bytesize(self, bits: int) -> None:
        if not 5 <= bits <= 8:
            raise ValueError(f"{bits} data bits; a character has 5 to 8")
        self._set(bytesize=bits)

    @property
    def parity(self) -> str:
        return self.settings.parity

    @parity.setter
    def parity(self, parity: str) -> None:
        self._set(parity=parity)

    @property
    def stopbits(self) -> float:
        return self.settings.stopbits

    @stopbits.setter
    def stopbits(self, bits: float) -> None:
        self._set(stopbits=bits)

    @property
    def dtr(self) -> bool:
        return self._dtr

    @dtr.setter
    def dtr(self, on: bool) -> None:
        rises, self._dtr = on and not self._dtr, on
        self._client.note("control", dtr=on)
        if rises:
            self._client.line.stage.opened(self._client.line.name)

    def reset_input_buffer(self) -> None:
        """Nothing waits here: bytes go on as soon as they are said."""

    def reset_output_buffer(self) -> None:
        """Nothing waits here."""
