"""The latch of a lab's emergency stop: a file that holds every run and every act until somebody removes it on purpose."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Latched:
    """Who pressed the emergency stop, when (ISO 8601, UTC) and why."""

    by: str
    at: str
    why: str = ""

    def __str__(self) -> str:
        return f"by {self.by} at {self.at}" + (f": {self.why}" if self.why else "")


class Latch:
    """The latch of one lab, in the lab's state folder; any process may set it, read it and reset it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "estop.json"
        self._history = folder / "estop-history.jsonl"

    def set(self, by: str, why: str = "") -> Latched:
        """Latch, on disk when this returns; who latched first stays on record. OSError if it cannot be written."""
        asked = Latched(by, _now(), why)
        if not self.is_set():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(self._path, json.dumps(asdict(asked)).encode())
        self.note("set", by=by, why=why)
        return self.read() or asked

    def reset(self, by: str, why: str = "") -> None:
        """Unlatch, and put on record who did it."""
        self.note("reset", by=by, why=why)
        self._path.unlink(missing_ok=True)

    def note(self, what: str, **details: str) -> None:
        """Keep a line of history; that it cannot be kept must not keep the latch from being set."""
        line = {"at": _now(), "what": what, **details}
        with suppress(OSError), self._history.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def is_set(self) -> bool:
        """Say whether it is latched; a look at the folder, no more. What cannot be looked at counts as latched."""
        try:
            os.stat(self._path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return True

    def read(self) -> Latched | None:
        """Return who latched, None if nobody; a file that cannot be read is a latch all the same."""
        if not self.is_set():
            return None
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            return Latched(str(data["by"]), str(data["at"]), str(data.get("why", "")))
        except (OSError, ValueError, KeyError, TypeError):
            return (
                Latched("somebody", "an unknown time", f"{self._path.name} cannot be read")
                if self.is_set()
                else None
            )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    if os.name == "posix":  # elsewhere a folder cannot be synced, and need not be
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
