"""Puts lines together from bytes that arrive in any chunks."""

from __future__ import annotations

from typing import Any


class LineReader:
    """Splits at CR or LF; a line longer than `limit` characters is dropped whole, as after an overrun."""

    def __init__(self, limit: int, *, mask: int = 0xFF) -> None:
        self.limit, self.mask = limit, mask
        self._line = ""
        self._overrun = False

    def feed(self, data: bytes) -> list[str]:
        """Return the non-empty lines that `data` completes, blanks at both ends removed."""
        lines = []
        for byte in data:
            char = chr(byte & self.mask)
            if char in "\r\n":
                line = "" if self._overrun else self._line.strip(" \t\x00")
                self._line, self._overrun = "", False
                if line:
                    lines.append(line)
            elif len(self._line) >= self.limit:
                self._overrun = True
            else:
                self._line += char
        return lines

    def clear(self) -> None:
        """Forget the line begun."""
        self._line, self._overrun = "", False

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {"line": self._line, "overrun": self._overrun}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self._line, self._overrun = state["line"], state["overrun"]
