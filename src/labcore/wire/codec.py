"""Cut a stream of bytes into lines, however the transport split or merged them. No I/O."""

from __future__ import annotations

from collections import deque

from labcore.errors import DeviceRefused

LIMIT = 64 * 1024  # bytes kept of a line that does not end


class LineCodec:
    """Encode lines to bytes and bytes to lines.

    `send_end` goes behind every line sent; a received line ends with `receive_end`, and bytes of `strip`
    around it are not part of it. More than `limit` bytes without an end are thrown away up to the next
    end and reported once by `next_line`. Bytes that are not ASCII are kept as `\\xNN`, so that line noise
    stays visible and never raises.
    """

    def __init__(
        self,
        send_end: bytes = b"\r\n",
        *,
        receive_end: bytes = b"\n",
        strip: bytes = b"\r",
        limit: int = LIMIT,
    ) -> None:
        if not receive_end:
            raise ValueError("receive_end must not be empty")
        self._send_end = send_end
        self._receive_end = receive_end
        self._strip = strip
        self._limit = limit
        self._buffer = bytearray()
        self._lines: deque[str | None] = deque()
        self._skipping = False

    @property
    def pending(self) -> int:
        """Bytes of a line that has not ended yet."""
        return len(self._buffer)

    def encode(self, line: str) -> bytes:
        """Return `line` with its end.

        ValueError if it contains a line end or is not ASCII: it would be another command.
        """
        if "\n" in line or "\r" in line or not line.isascii():
            raise ValueError(f"not one line of ASCII: {line!r}")
        return line.encode("ascii") + self._send_end

    def feed(self, data: bytes) -> None:
        """Take bytes as they came."""
        searched = max(0, len(self._buffer) - len(self._receive_end) + 1)
        self._buffer += data
        if self._buffer.find(self._receive_end, searched) < 0:
            self._bound()
            return
        *complete, rest = bytes(self._buffer).split(self._receive_end)
        for line in complete:
            self._take(line)
        self._buffer = bytearray(rest)
        self._bound()

    def next_line(self) -> str | None:
        """Return the next line, None if there is none yet.

        Raises DeviceRefused where a line was longer than the limit; the call after it goes on behind that
        line.
        """
        if not self._lines:
            return None
        line = self._lines.popleft()
        if line is None:
            raise DeviceRefused(
                f"more than {self._limit} bytes came without a line end",
                remedy="Check baud rate, parity and whether this is the right device.",
            )
        return line

    def reset(self) -> None:
        """Forget everything received."""
        self._buffer.clear()
        self._lines.clear()
        self._skipping = False

    def _bound(self) -> None:
        if len(self._buffer) > self._limit:
            # The last bytes may be the beginning of the end.
            del self._buffer[: len(self._buffer) - len(self._receive_end) + 1]
            if not self._skipping:
                self._lines.append(None)
            self._skipping = True

    def _take(self, line: bytes) -> None:
        if self._skipping:
            self._skipping = False
        elif len(line) > self._limit:
            self._lines.append(None)
        else:
            self._lines.append(line.strip(self._strip).decode("ascii", "backslashreplace"))
