"""What the wire logs of a run say was sent for which act: evidence that does not depend on the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labcore.records.run_folder import WIRE


@dataclass(frozen=True, slots=True)
class SentAct:
    """An act that a device was sent, with its frames in order."""

    act: str
    device: str
    frames: tuple[str, ...]


def sent_acts(folder: Path) -> list[SentAct]:
    """Return the acts that went over the wires of a run, in the order of their first frames on each."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted((folder / WIRE).glob("*.jsonl")):
        for act, frame in _frames(path):
            found.setdefault((act, path.stem), []).append(frame)
    return [SentAct(act, device, tuple(frames)) for (act, device), frames in found.items()]


def _frames(path: Path) -> Iterator[tuple[str, str]]:
    """Yield act and text of what was sent for acts; a line that cannot be read (a kill in the middle of it) tells nothing."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if '"act"' not in line:
                continue
            try:
                entry = json.loads(line)
                yield str(entry["act"]), str(entry["text"])
            except (ValueError, KeyError, TypeError):
                continue
