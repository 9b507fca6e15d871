"""A record of every chunk on every served line, one JSON object a line."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class WireLog:
    """Appends to `path`; each entry is flushed to the system before the bytes go on. None: keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._file = None if path is None else path.open("a", encoding="utf-8")

    def write(self, t: float, device: str, event: str, **more: Any) -> None:
        """Add an entry: `t` s since the start, `event`: opened line control in out closed refused."""
        if self._file is None:
            return
        wall = datetime.now(UTC).isoformat(timespec="microseconds")
        entry = {"t": round(t, 6), "at": wall, "device": device, "event": event, **more}
        with self._lock:
            if not self._file.closed:
                self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
                self._file.flush()

    def chunk(
        self, t: float, device: str, direction: str, data: bytes, line: str | None, passed: bytes
    ) -> None:
        """Add bytes as sent (`data`) under the client's line settings, and as heard if that differs."""
        garbled = {} if data == passed else {"garbled": passed.hex(" ")}
        text = data.decode("latin-1")
        self.write(t, device, direction, text=text, hex=data.hex(" "), line=line, **garbled)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
