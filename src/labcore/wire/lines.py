"""A conversation in lines over any byte stream."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import anyio

from labcore.errors import DeviceRefused
from labcore.ports import ByteStream
from labcore.wire.codec import LineCodec


class LineChannel:
    """Send and receive lines.

    Whoever wants an answer holds `exchange()` from the question to the answer; `send_realtime` needs no
    lock and breaks in. `gap` is the least time (s) between the ends of two sends, for devices that choke
    on bursts.
    """

    def __init__(self, stream: ByteStream, codec: LineCodec, *, gap: float = 0.0) -> None:
        self._stream = stream
        self._codec = codec
        self._gap = gap
        self._free_at = float("-inf")
        self._lock = anyio.Lock(fast_acquire=True)  # a free line needs no turn of the loop

    def exchange(self) -> AbstractAsyncContextManager[None]:
        """Keep the line for one exchange."""
        return self._lock

    async def send_line(self, line: str) -> None:
        """Send one line, not before the gap is over. ValueError, with nothing sent, if it is not one line."""
        data = self._codec.encode(line)
        if self._gap:
            await anyio.sleep_until(self._free_at)
        await self._stream.send(data)
        if self._gap:
            self._free_at = anyio.current_time() + self._gap

    async def send_realtime(self, data: bytes) -> None:
        """Send bytes that the device takes at any time, without lock and without gap."""
        await self._stream.send(data)

    async def receive_line(self) -> str:
        """Return the next line, waiting for it under the caller's deadline."""
        while (line := self._codec.next_line()) is None:
            self._codec.feed(await self._stream.receive())
        return line

    async def receive_within(self, seconds: float) -> str | None:
        """Return the next line or, if none comes in `seconds`, None. Half a line stays for the next call."""
        with anyio.move_on_after(seconds):
            return await self.receive_line()
        return None

    async def drop_stale(self) -> list[str]:
        """Throw away what arrived unasked, half a line included, and return the whole lines of it.

        Without waiting: what is still under way is not stale but late.
        """
        with anyio.move_on_after(0):
            while True:
                self._codec.feed(await self._stream.receive())
        lines = []
        while True:
            try:
                line = self._codec.next_line()
            except DeviceRefused:
                continue
            if line is None:
                break
            lines.append(line)
        self._codec.reset()
        return lines

    async def aclose(self) -> None:
        """Close the stream."""
        await self._stream.aclose()
