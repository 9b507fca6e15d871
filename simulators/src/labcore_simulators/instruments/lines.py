"""Puts lines together from bytes that arrive in any chunks."""

from __future__ import annotations

import re
from typing import Any

_END = re.compile("[\r\n]")


class LineReader:
    """Splits at CR or LF; a line longer than `limit` characters is dropped whole, as after an overrun."""

    def __init__(self, limit: int, *, mask: int = 0xFF) -> None:
        self.limit = limit
        self._masked = bytes(byte & mask for byte in range(256))
        self._line = ""
        self._overrun = False

    def feed(self, data: bytes) -> list[str]:
        """Return the non-empty lines that `data` completes, blanks at both ends removed."""
        *complete, rest = _END.split(data.translate(self._masked).decode("latin-1"))
        lines = [self._ended(part) for part in complete]
        self._grow(rest)
        return [line for line in lines if line]

    def _ended(self, part: str) -> str:
        self._grow(part)
        line = "" if self._overrun else self._line.strip(" \t\x00")
        self.clear()
        return line

    def _grow(self, part: str) -> None:
        self._line += part
        if len(self._line) > self.limit:
            self._line, self._overrun = self._line[: self.limit], True

    def clear(self) -> None:
        """Forget the line begun."""
        self._line, self._overrun = "", False

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {"line": self._line, "overrun": self._overrun}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self._line, self._overrun = state["line"], state["overrun"]
