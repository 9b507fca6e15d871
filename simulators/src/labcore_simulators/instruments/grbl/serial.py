"""GRBL's receive buffer and line assembly: realtime characters never come here.

Source: gnea/grbl, doc/markdown/interface.md: 128 bytes of buffer, 80 characters a line, comments and blanks
dropped.
"""

from __future__ import annotations

from typing import Any

RX_SIZE = 128
LINE_SIZE = 80
OVERFLOW = "\x00overflow"


class Receiver:
    """A ring of 128 bytes and the line put together from it; what does not fit into the ring is lost."""

    def __init__(self) -> None:
        self.ring = bytearray()
        self.line = ""
        self.skips = ""
        self.lost = 0

    @property
    def free(self) -> int:
        """Bytes that still fit into the ring."""
        return RX_SIZE - len(self.ring)

    def put(self, byte: int) -> None:
        """Take one byte from the wire."""
        if len(self.ring) < RX_SIZE:
            self.ring.append(byte)
        else:
            self.lost += 1

    def clear(self) -> None:
        """Forget everything, as after a reset."""
        self.ring.clear()
        self.line = self.skips = ""

    def next_line(self) -> str | None:
        """Return the next complete line (upper case, without blanks and comments), OVERFLOW, or None."""
        while self.ring:
            byte = self.ring.pop(0)
            if byte in b"\r\n":
                line = OVERFLOW if self.skips == "overflow" else self.line
                self.line = self.skips = ""
                return line
            self._character(chr(byte))
        return None

    def _character(self, char: str) -> None:
        if self.skips:
            if char == ")" and self.skips == "(":
                self.skips = ""
        elif char <= " " or char == "/":
            return
        elif char in "(;":
            self.skips = char
        elif len(self.line) >= LINE_SIZE - 1:
            self.skips = "overflow"
        else:
            # Only a..z have an upper case for the firmware; upper() can turn one character into two.
            self.line += char.upper() if "a" <= char <= "z" else char

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {
            "ring": self.ring.decode("latin-1"),
            "line": self.line,
            "skips": self.skips,
            "lost": self.lost,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self.ring = bytearray(state["ring"].encode("latin-1"))
        self.line, self.skips, self.lost = state["line"], state["skips"], state["lost"]
