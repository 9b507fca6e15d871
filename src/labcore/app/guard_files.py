"""Where the guards of a lab's runs are found: one file a run in the lab's state folder, readable by its owner only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labcore.adapters.loopback_client import read_address
from labcore.app.places import lab_folder


def guard_file(lab: str, run: str) -> Path:
    """Return where a run says how its guard is reached."""
    return lab_folder(lab) / "guards" / f"{run}.json"


def guards_of(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the guards of runs, under way or dead, that a lab's state folder names."""
    for path in sorted(folder.glob("guards/*.json")):
        address = read_address(path)
        if address is not None:
            yield path, address
