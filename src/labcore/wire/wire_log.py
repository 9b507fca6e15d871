"""Record every byte of a connection, with line settings, times and the act they belong to, as JSON lines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import asdict
from typing import Any

from labcore.ports import ByteStream, LineSettings, Link

Write = Callable[[str], None]
ACT: ContextVar[str] = ContextVar("act", default="")  # the act that is being carried out, "" for none


class LoggedLink:
    """`ports.Link` that hands one JSON line per event to `write`.

    Keys: `t` (loop clock, s), `port`, `dir` ("open", "out", "in", "close"); for "open" the line settings;
    for bytes `hex` and `text` (ASCII with escapes, for people), and `urgent` if they broke in from another thread;
    for bytes sent `act`, the act that they were sent for, if there is one. The journal had its intent before.
    """

    def __init__(self, link: Link, write: Write) -> None:
        self._link = link
        self._write = write

    @property
    def name(self) -> str:
        """Say where this leads."""
        return self._link.name

    async def open(self, line: LineSettings) -> ByteStream:
        """Open and record the settings that were asked for."""
        stream = await self._link.open(line)
        logged = LoggedStream(stream, self._link.name, self._write)
        logged.record("open", **asdict(line))
        return logged


class LoggedStream:
    """`ports.ByteStream` that records.

    Bytes sent are recorded before they go: the record may say more than was heard.
    """

    def __init__(self, stream: ByteStream, name: str, write: Write) -> None:
        self._stream = stream
        self._name = name
        self._write = write
        self._closed = False
        self._now = asyncio.get_running_loop().time

    def record(self, direction: str, data: bytes | None = None, **more: Any) -> None:
        """Write one line."""
        entry: dict[str, Any] = {
            "t": round(self._now(), 6),
            "port": self._name,
            "dir": direction,
            **more,
        }
        if data is not None:
            entry |= {"hex": data.hex(" "), "text": _readable(data)}
        self._write(json.dumps(entry, ensure_ascii=True))

    async def send(self, data: bytes) -> None:
        """Record, then send."""
        act = ACT.get()
        self.record("out", data, **({"act": act} if act else {}))
        await self._stream.send(data)

    async def receive(self, limit: int = 4096) -> bytes:
        """Receive, then record."""
        data = await self._stream.receive(limit)
        self.record("in", data)
        return data

    def urgent(self, data: bytes) -> None:
        """Send, then record: a disk that hesitates must not hold it up."""
        self._stream.urgent(data)
        with suppress(OSError):
            self.record("out", data, urgent=True)

    async def aclose(self) -> None:
        """Close and record it once."""
        if not self._closed:
            self._closed = True
            self.record("close")
        await self._stream.aclose()


def _readable(data: bytes) -> str:
    return data.decode("latin-1").encode("unicode_escape").decode("ascii")
