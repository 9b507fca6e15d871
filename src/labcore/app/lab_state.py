"""What a lab looks like between real runs: which run was last, and corrections by people.

The state itself is never stored twice: it is the fold of the last run's journal, so it is right even after a crash.
A small file names that run; a snapshot beside it serves when the run's folder has been moved away.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app.places import lab_folder
from labcore.errors import DecisionNeeded
from labcore.model.effect import vessels_of
from labcore.model.event import VesselStated
from labcore.model.interval import Interval
from labcore.model.plan import Plan
from labcore.model.vessel import VesselState
from labcore.records.run_folder import JOURNAL, read_json
from labcore.state.ledger import Ledger
from labcore.state.reduce import fold
from labcore.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the lab remembers.

    `unsettled` names acts whose end nobody knows, with the vessels they touched: an act is settled when a person has
    said how all of them are now. `authors` says who corrected which vessel.
    """

    ledger: Ledger
    run: str
    unsettled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    authors: Mapping[str, str] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """The id of the run that left the lab like this."""
        return Path(self.run).name


def remember_run(lab: str, run: Path) -> None:
    """Note that a real run begins: from now on its journal says what stands where."""
    _write(lab, {"last_run": str(run.resolve())})


def remember_end(lab: str, run: Path, state: RunState) -> None:
    """Keep a snapshot of how a run left the lab."""
    vessels = {name: asdict(vessel) for name, vessel in state.ledger.vessels.items()}
    _write(lab, {"last_run": str(run.resolve()), "vessels": vessels})


def recall(lab: str) -> Remembered | None:
    """Return what is remembered of a lab; None if it was never used for real or was reset."""
    data = read_json(lab_folder(lab) / "lab.json")
    if not data:
        return None
    corrections = {name: _vessel(name, entry) for name, entry in data.get("corrections", {}).items()}
    journal = Path(data["last_run"]) / JOURNAL if "last_run" in data else None
    if journal is not None and journal.exists():
        return _corrected(_from_journal(journal), corrections)
    vessels = {name: _vessel(name, entry) for name, entry in data.get("vessels", {}).items()}
    return _corrected(Remembered(_ledger(vessels), str(data.get("last_run", ""))), corrections)


def correct(lab: str, stated: VesselStated) -> None:
    """Keep a person's correction; it becomes an event of the next run, with its author."""
    data = read_json(lab_folder(lab) / "lab.json")
    data.setdefault("corrections", {})[stated.vessel] = asdict(stated)
    _write(lab, data)


def reset(lab: str) -> None:
    """Forget everything: the next run begins from the lab file."""
    shutil.rmtree(lab_folder(lab) / "world", ignore_errors=True)  # in-process simulators begin anew, too
    (lab_folder(lab) / "lab.json").unlink(missing_ok=True)


def _from_journal(path: Path) -> Remembered:
    journal = SqliteJournal(path, read_only=True)
    try:
        state = fold(journal.read(-1, 10_000_000))
    finally:
        journal.close()
    unsettled = {
        f"{intent.method} ({act})": vessels_of(intent.effects) for act, intent in state.intents.items()
    }
    return Remembered(state.ledger, str(path.parent), unsettled)


def _corrected(remembered: Remembered, corrections: dict[str, VesselStated]) -> Remembered:
    ledger = remembered.ledger
    for name, stated in corrections.items():
        ledger = ledger.stated(name, _as_state(stated))
    authors = {name: stated.by for name, stated in corrections.items()}
    open_ = {
        act: vessels
        for act, vessels in remembered.unsettled.items()
        if not vessels or vessels - authors.keys()
    }
    return Remembered(ledger, remembered.run, open_, authors)


def _ledger(vessels: dict[str, VesselStated]) -> Ledger:
    return Ledger({name: _as_state(stated) for name, stated in vessels.items()})


def _as_state(stated: VesselStated) -> VesselState:
    return VesselState(stated.labware, stated.place, stated.contents, stated.closed)


def _vessel(name: str, entry: dict[str, Any]) -> VesselStated:
    contents = {
        material: Interval(i["low"], i["mid"], i["high"]) for material, i in entry.get("contents", {}).items()
    }
    return VesselStated(
        name,
        entry["labware"],
        entry.get("place"),
        contents,
        entry.get("by", "previous run"),
        bool(entry.get("closed")),
    )


def _write(lab: str, data: dict[str, Any]) -> None:
    folder = lab_folder(lab)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / "lab.json.part"
    temporary.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    temporary.replace(folder / "lab.json")


def bench_for(plan: Plan) -> tuple[tuple[VesselStated, ...], Remembered | None]:
    """Return what a real run begins with: what is remembered where there is something, else what the lab file says."""
    remembered = recall(plan.lab.lab)
    if remembered is None:
        return plan.bench, None
    bench = []
    for stated in plan.bench:
        vessel = remembered.ledger.vessels.get(stated.vessel)
        if vessel is None:
            bench.append(stated)
            continue
        by = remembered.authors.get(stated.vessel) or f"run {remembered.run_id}"
        bench.append(
            VesselStated(
                stated.vessel, vessel.labware, vessel.place, dict(vessel.contents), by, vessel.closed
            )
        )
    return tuple(bench), remembered


def refuse_unknown(bench: Iterable[VesselStated], remembered: Remembered | None) -> None:
    """DecisionNeeded if nobody knows where a vessel stands or what became of an act: nothing real may move then."""
    unknown = [f"where {one.vessel} stands" for one in bench if one.place is None]
    unknown += [f"what became of {act}" for act in (remembered.unsettled if remembered is not None else ())]
    if unknown:
        raise DecisionNeeded(
            f"nobody knows {', '.join(unknown)}",
            remedy="Look, then say so with `labcore lab set LAB VESSEL --place ... --holds ...`, or `labcore lab reset`.",
        )
