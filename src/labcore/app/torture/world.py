"""What really happened: the simulated world's own record, written by the simulators when they act, never by labcore.

A line is an act with its `act` and `vessel`: `draw` (`got_ml`), `pour` (`accepted_ml`), `lift`, `put` (`place`), and for
stations `stir` (`rpm`) and `heat` (`target_c`). A simulator that keeps none of its acts here cannot be judged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labcore.plugin.catalog import Catalog

RECORD = "acts.jsonl"
MATTER = ("draw", "pour", "lift", "put")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the record; `offset` is where it begins, bytes."""

    offset: int
    act: str
    data: Mapping[str, Any]

    @property
    def vessel(self) -> str:
        """The vessel it is about."""
        return str(self.data.get("vessel", ""))


def facts(folder: Path) -> list[Fact]:
    """Return the whole lines of a world's record."""
    path = folder / RECORD
    raw = path.read_bytes() if path.exists() else b""
    found, offset = [], 0
    for line in raw[: raw.rfind(b"\n") + 1].splitlines(keepends=True):
        data = json.loads(line)
        found.append(Fact(offset, str(data.get("act", "")), data))
        offset += len(line)
    return found


def left_on(record: list[Fact]) -> dict[tuple[str, str], float]:
    """Return the outputs that are on in the end, as {(place, output): value}."""
    on: dict[tuple[str, str], float] = {}
    for fact in record:
        if fact.act not in ("stir", "heat"):
            continue
        output, value = (
            ("speed", fact.data.get("rpm"))
            if fact.act == "stir"
            else ("temperature", fact.data.get("target_c"))
        )
        name = (str(fact.data.get("place", "")), output)
        if value:
            on[name] = float(value)
        else:
            on.pop(name, None)
    return on


@dataclass(frozen=True, slots=True)
class Truth:
    """What is really in a vessel (mL) and where it stands."""

    volume: float
    place: str | None


def truths(
    folder: Path, lab: Mapping[str, Any], seed: int, catalog: Catalog, vessels: list[str]
) -> dict[str, Truth]:
    """Ask the world itself, at its last instant, about vessels; those it does not know are left out."""
    if not (folder / RECORD).exists():
        return {}
    world = catalog.load("worlds", "bench")(lab, seed=seed, folder=folder, now=0.0)
    found: dict[str, Truth] = {}
    for name in vessels:
        try:
            said = world.truth(name, 0.0)
        except ValueError:  # the world has no such vessel: the ledger knows it from the protocol only
            continue
        found[name] = Truth(float(said["volume_ml"]), said.get("place"))
    return found
