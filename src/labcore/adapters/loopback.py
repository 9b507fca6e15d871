"""Requests from other processes of this computer: one line of JSON over a loopback socket, with a secret token.

A thread of its own takes them, so that they are heard while a driver blocks the event loop. A request has at most
`LARGEST` bytes and a second to arrive; callers that do not keep to that are dropped, and more than `MOST` at once push
out the oldest. The socket listens on the loopback address only; the token stands in a file that only its owner reads.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

HOST = "127.0.0.1"
LARGEST = 4096  # bytes of a request
WITHIN = 1.0  # s for a request to arrive whole
MOST = 16  # callers at once
IDLE = 0.2  # s between calls of `idle`


class Reply(Protocol):
    """How a handler answers, from any thread: at once, later, and more than once."""

    def __call__(self, data: Mapping[str, Any], *, last: bool = True) -> None:
        """Send one line; the connection ends with the last."""


Handler = Callable[[Mapping[str, Any], Reply], None]


class Loopback:
    """Listen for requests that carry the token.

    `handle` gets each one on this object's thread and must not block; `idle` is called there every 0.2 s. Lifetime: from
    `start` to `close`.
    """

    def __init__(self, handle: Handler, *, idle: Callable[[], None] = lambda: None) -> None:
        self._handle = handle
        self._idle = idle
        self._token = secrets.token_hex(32)
        self._callers: list[_Caller] = []
        self._waiting: deque[_Caller] = deque(maxlen=4 * MOST)  # for an answer; the oldest are forgotten
        self._selector = selectors.DefaultSelector()
        self._ending = threading.Event()
        self._listener = socket.create_server((HOST, 0), backlog=MOST)
        self._listener.setblocking(False)
        self._thread = threading.Thread(target=self._serve, name="labcore-loopback", daemon=True)

    @property
    def address(self) -> dict[str, Any]:
        """What another process needs to know to ask: port, token and pid."""
        return {"port": self._listener.getsockname()[1], "token": self._token, "pid": os.getpid()}

    def start(self) -> None:
        """Begin to listen."""
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._thread.start()

    def close(self) -> None:
        """Stop; calling it twice is harmless."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(10 * IDLE)
        for caller in (*self._callers, *self._waiting):
            caller.end()
        self._listener.close()
        self._selector.close()

    # ------------------------------------------------------------------------------------- on the thread
    def _serve(self) -> None:
        idle_at = time.monotonic()
        while not self._ending.is_set():
            for key, _ in self._selector.select(IDLE):
                key.data()
            now = time.monotonic()
            for caller in [one for one in self._callers if one.until < now]:
                self._forget(caller)
            if now >= idle_at:
                idle_at = now + IDLE
                self._idle()

    def _accept(self) -> None:
        with suppress(OSError):  # the caller is gone already
            connection, _ = self._listener.accept()
            caller = _Caller(connection)
            if len(self._callers) >= MOST:
                self._forget(self._callers[0])
            self._callers.append(caller)
            self._selector.register(connection, selectors.EVENT_READ, lambda: self._hear(caller))

    def _hear(self, caller: _Caller) -> None:
        line = caller.take() if caller in self._callers else None
        if line is None:
            return
        self._selector.unregister(caller.connection)
        self._callers.remove(caller)
        request = self._understood(line)
        if request is None:
            caller.reply({"refused": "not a request with this run's token"})
            return
        if len(self._waiting) == self._waiting.maxlen:
            self._waiting[0].end()
        self._waiting.append(caller)
        self._handle(request, caller.reply)

    def _understood(self, line: bytes) -> dict[str, Any] | None:
        """Return the request if it is one and carries the token, which is compared in constant time."""
        try:
            request = json.loads(line)
        except ValueError:
            return None
        if not isinstance(request, dict):
            return None
        token = str(request.pop("token", "")).encode("utf-8", "replace")
        return request if hmac.compare_digest(token, self._token.encode()) else None

    def _forget(self, caller: _Caller) -> None:
        self._callers.remove(caller)
        self._selector.unregister(caller.connection)
        caller.end()


class _Caller:
    """One connection: its request as far as it has come, and the way back."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.connection = connection
        self.until = time.monotonic() + WITHIN
        self._heard = b""
        self._lock = threading.Lock()

    def take(self) -> bytes | None:
        """Return the request once it is whole, b"" for what is none, None while more must come."""
        try:
            data = self.connection.recv(LARGEST + 1)
        except BlockingIOError:
            return None
        except OSError:
            return b""
        self._heard += data
        line, end, _ = self._heard.partition(b"\n")
        if end or not data or len(self._heard) > LARGEST:
            return line if end and len(line) <= LARGEST else b""
        return None

    def reply(self, data: Mapping[str, Any], *, last: bool = True) -> None:
        """Send one line; a caller that is gone or does not read misses it."""
        with self._lock, suppress(OSError):
            self.connection.send(json.dumps(data, ensure_ascii=True).encode() + b"\n")
        if last:
            self.end()

    def end(self) -> None:
        """Hang up."""
        with self._lock:
            self.connection.close()
