"""A line in memory, for tests of what goes over one."""

from __future__ import annotations

import anyio.lowlevel

from labcore.ports import ByteStream, LineSettings


class MemoryLine:
    """A link and its stream: it is always there, and answers everything with one byte. What is sent is for who inherits."""

    name = "a line"

    async def open(self, line: LineSettings) -> ByteStream:
        """Return itself."""
        return self

    async def send(self, data: bytes) -> None:
        """Take bytes."""
        await anyio.lowlevel.checkpoint()
        self.put("send", data)

    async def receive(self, limit: int = 4096) -> bytes:
        """Return a byte."""
        await anyio.lowlevel.checkpoint()
        return b"x"

    async def aclose(self) -> None:
        """Close nothing."""
        await anyio.lowlevel.checkpoint()

    def urgent(self, data: bytes) -> None:
        """Take bytes from another thread."""
        self.put("urgent", data)

    def put(self, how: str, data: bytes) -> None:
        """Keep bytes that were sent, and `how`: send, urgent."""
        raise NotImplementedError
