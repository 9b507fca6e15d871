"""The world's record of acts: one JSON line each, handed to the system before the caller gets its answer."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .errors import WorldError


class ActLog:
    """Acts in memory and, with a folder, in `acts.jsonl`; a file `clock` beside it holds the time in s."""

    def __init__(self, folder: Path | None) -> None:
        self.acts: list[dict[str, Any]] = []
        self._file = self._clock = -1
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(folder / "acts.jsonl", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._clock = os.open(folder / "clock", os.O_RDWR | os.O_CREAT, 0o644)
        self._load(folder / "acts.jsonl")

    def _load(self, path: Path) -> None:
        raw = path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        if len(whole) < len(raw):  # a kill in the middle of a line: that act was never answered for
            os.ftruncate(self._file, len(whole))
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                self.acts.append(json.loads(line))
            except ValueError as error:
                raise WorldError(
                    f"{path}:{number}: not an act ({error}); the world's record is damaged"
                ) from error

    def append(self, act: dict[str, Any]) -> None:
        """Keep one act for good."""
        self.acts.append(act)
        if self._file >= 0:
            line = json.dumps(act, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n"
            os.write(self._file, line.encode())

    def keep_time(self, t: float) -> None:
        """Remember the world's time."""
        if self._clock >= 0:
            os.lseek(self._clock, 0, os.SEEK_SET)
            os.write(self._clock, f"{t:24.6f}\n".encode())

    def last_time(self) -> float:
        """Return the latest time that the record knows, 0 for a new world."""
        last = self.acts[-1]["t"] if self.acts else 0.0
        if self._clock < 0:
            return float(last)
        os.lseek(self._clock, 0, os.SEEK_SET)
        kept = os.read(self._clock, 32).strip()
        return max(float(last), float(kept) if kept else 0.0)

    def close(self) -> None:
        """Give the files back."""
        for handle in (self._file, self._clock):
            if handle >= 0:
                os.close(handle)
        self._file = self._clock = -1

    def __del__(self) -> None:
        self.close()
