"""Bytes that arrived before somebody asked for them."""

from __future__ import annotations

import anyio

from labcore.errors import LinkLost

HIGH = 64 * 1024  # bytes; from here on a transport should stop reading


class Inbox:
    """Buffer between a transport that delivers and one reader. Everything on the loop's thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._data = bytearray()
        self._lost: str | None = None
        self._news = anyio.Event()

    @property
    def full(self) -> bool:
        """Say that the transport should wait for the reader."""
        return len(self._data) >= HIGH

    def push(self, data: bytes) -> None:
        """Take bytes that arrived."""
        self._data += data
        self._news.set()

    def end(self, reason: str) -> None:
        """Say that nothing more will come; what came before can still be read. The first reason counts."""
        if self._lost is None:
            self._lost = reason
        self._news.set()

    @property
    def lost(self) -> str | None:
        """Why nothing more will come."""
        return self._lost

    async def take(self, limit: int) -> bytes:
        """Return 1..limit bytes at once if they are there, else wait.

        LinkLost when nothing more will come.
        """
        while not self._data:
            if self._lost is not None:
                raise gone(self._name, self._lost)
            self._news = anyio.Event()
            await self._news.wait()
        data = bytes(self._data[:limit])
        del self._data[:limit]
        return data


def gone(name: str, reason: str) -> LinkLost:
    """Return the error for a connection that is gone."""
    return LinkLost(
        f"{name}: {reason}.", remedy="Check cable and power, and that no other program uses the port."
    )
