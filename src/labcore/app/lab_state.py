"""What a lab looks like between real runs: which run was last, and corrections by people.

The state itself is never stored twice: it is the fold of the last run's journal, so it is right even after a crash.
A small file names that run; a snapshot beside it serves when the run's folder has been moved away.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.adapters.wall_clock import RealWallClock
from labcore.app.evidence import damage_of
from labcore.app.places import lab_folder
from labcore.errors import DamagedRecord, DecisionNeeded
from labcore.model.effect import vessels_of
from labcore.model.evaporation import ROOM
from labcore.model.event import VesselStated
from labcore.model.lab import LabFile
from labcore.model.plan import Plan
from labcore.model.vessel import VesselState
from labcore.records.run_folder import JOURNAL, folded, read_json
from labcore.state.ledger import Ledger
from labcore.state.reduce_acts import as_vessel, seconds_between, with_unknown_ends
from labcore.state.run_state import RunState

COOLING = 7200.0  # s after a run's end until nothing is warm any more


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the lab remembers, as it is `as_of` (wall clock): open vessels have gone on losing liquid since the last run.

    `unsettled` names acts whose end nobody knows, with the vessels they touched: an act is settled when a person has
    said how all of them are now. `authors` says who corrected which vessel. `places` are those of the lab file, as far as
    they are known.
    """

    ledger: Ledger
    run: str
    unsettled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    authors: Mapping[str, str] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    as_of: str = ""

    @property
    def run_id(self) -> str:
        """The id of the run that left the lab like this."""
        return Path(self.run).name


def places_of(lab: LabFile) -> tuple[str, ...]:
    """Return every place of a lab where something can stand."""
    return tuple(dict.fromkeys((*lab.positions, *(entry.place for entry in lab.stock.values()))))


def remember_run(lab: LabFile, run: Path, *, scaled: bool = False) -> None:
    """Note that a real run begins: from now on its journal says what stands where.

    With a `scaled` clock the journal's stamps are not the wall's, so the beginning is noted.
    """
    known = {"last_run": str(run.resolve()), "places": places_of(lab)}
    _write(lab.lab, {**known, "began": RealWallClock().stamp(0.0)} if scaled else known)


def remember_end(lab: LabFile, run: Path, state: RunState) -> None:
    """Keep a snapshot of how a run left the lab."""
    stamp = RealWallClock().stamp(0.0)
    vessels = {name: _plain(_stated(name, one, "previous run", stamp)) for name, one in state.vessels.items()}
    warmth = {"warmth": state.ledger.warmth, "heating": _heating(state)}
    known = {"last_run": str(run.resolve()), "places": places_of(lab), "ended": stamp}
    _write(lab.lab, {**known, "vessels": vessels, **warmth})


def recall(lab: str, now: str = "") -> Remembered | None:
    """Return what is remembered of a lab at a time (wall clock, default: now); None if it was never used for real or was reset."""
    data = read_json(lab_folder(lab) / "lab.json")
    if not data:
        return None
    now = now or RealWallClock().stamp(0.0)
    corrections = {name: _vessel(name, entry) for name, entry in data.get("corrections", {}).items()}
    noted = str(data.get("ended") or data.get("began") or "")
    journal = _journal_of(data, lab)
    found = _from_snapshot(data, now) if journal is None else _from_journal(journal, noted, now)
    return replace(_corrected(found, corrections, now), places=tuple(data.get("places", ())), as_of=now)


def correct(lab: str, stated: VesselStated) -> None:
    """Keep a person's correction; it becomes an event of the next run, with its author."""
    data = read_json(lab_folder(lab) / "lab.json")
    stated = replace(stated, as_of=stated.as_of or RealWallClock().stamp(0.0))
    data.setdefault("corrections", {})[stated.vessel] = _plain(stated)
    _write(lab, data)


def reset(lab: str) -> None:
    """Forget everything: the next run begins from the lab file."""
    shutil.rmtree(lab_folder(lab) / "world", ignore_errors=True)  # in-process simulators begin anew, too
    (lab_folder(lab) / "lab.json").unlink(missing_ok=True)


def _journal_of(data: dict[str, Any], lab: str) -> Path | None:
    """Return the journal that says how the last run left the lab; None if only the snapshot of its end does.

    DamagedRecord if neither does: nobody knows what stands where.
    """
    folder = Path(data["last_run"]) if "last_run" in data else None
    if folder is None or not folder.exists():
        return None
    damage = damage_of(folder)
    if damage is None:
        return folder / JOURNAL if (folder / JOURNAL).exists() else None
    if "ended" in data:
        return None
    raise DamagedRecord(
        f"nobody knows how the last run left the lab: {damage.message}",
        remedy=f'Look at the bench, write what stands where into the lab file, then `labcore lab reset "{lab}"`.',
    )


def _from_journal(path: Path, ended: str, now: str) -> Remembered:
    journal = SqliteJournal(path, read_only=True)
    try:
        events = journal.read(-1, 10_000_000)
    finally:
        journal.close()
    state = folded(path.parent, events)
    away = seconds_between(ended or events[-1].wall, now) if events else 0.0
    unsettled = {
        f"{intent.method} ({act})": vessels_of(intent.effects) for act, intent in state.intents.items()
    }
    widened = with_unknown_ends(state).ledger
    ledger = _rested(widened.at_time(state.at), state.at, away, heating=_heating(state))
    return Remembered(ledger, str(path.parent), unsettled)


def _from_snapshot(data: Mapping[str, Any], now: str) -> Remembered:
    stated = {name: _vessel(name, entry) for name, entry in data.get("vessels", {}).items()}
    ledger = Ledger({name: as_vessel(one) for name, one in stated.items()}, float(data.get("warmth", ROOM)))
    away = max((seconds_between(one.as_of, now) for one in stated.values()), default=0.0)
    rested = _rested(ledger, 0.0, away, heating=bool(data.get("heating")))
    return Remembered(rested, str(data.get("last_run", "")))


def _rested(ledger: Ledger, at: float, seconds: float, *, heating: bool) -> Ledger:
    """Return a ledger after a lab was left alone: what was hot cools down, unless its heater was left on."""
    hot = seconds if heating else min(seconds, COOLING)
    cool = replace(ledger.at_time(at + hot), warmth=ledger.warmth if heating else ROOM).at_time(at + seconds)
    return Ledger({name: replace(one, since=0.0) for name, one in cool.vessels.items()}, cool.warmth)


def _heating(state: RunState) -> bool:
    return any(output == "temperature" for _, output in state.outputs)


def _corrected(remembered: Remembered, corrections: dict[str, VesselStated], now: str) -> Remembered:
    ledger = remembered.ledger
    for name, stated in corrections.items():
        vessel = as_vessel(stated).aged(seconds_between(stated.as_of, now))
        ledger = ledger.stated(name, replace(vessel, since=0.0))
    authors = {name: stated.by for name, stated in corrections.items()}
    open_ = {
        act: vessels
        for act, vessels in remembered.unsettled.items()
        if not vessels or vessels - authors.keys()
    }
    return replace(remembered, ledger=ledger, unsettled=open_, authors=authors)


def _stated(name: str, vessel: VesselState, by: str, as_of: str) -> VesselStated:
    contents = dict(vessel.contents)
    return VesselStated(
        name, vessel.labware, vessel.place, contents, by, vessel.closed, vessel.losses, vessel.tare, vessel.total, as_of,
        dict(vessel.solids),
    )  # fmt: skip


def _vessel(name: str, entry: dict[str, Any]) -> VesselStated:
    return _STATED.validate_python({"vessel": name, "by": "previous run", **entry})


def _plain(stated: VesselStated) -> dict[str, Any]:
    return _STATED.dump_python(stated, mode="json")  # type: ignore[no-any-return]


_STATED: TypeAdapter[VesselStated] = TypeAdapter(VesselStated)


def _write(lab: str, data: dict[str, Any]) -> None:
    folder = lab_folder(lab)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / "lab.json.part"
    temporary.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    temporary.replace(folder / "lab.json")


def bench_for(plan: Plan, *, simulate: bool = False) -> tuple[tuple[VesselStated, ...], Remembered | None]:
    """Return what a run begins with: what is remembered where there is something, else what the lab file says.

    A real run counts the time until it begins; a simulated one has a clock of its own.
    """
    remembered = recall(plan.lab.lab)
    if remembered is None:
        return plan.bench, None
    as_of = "" if simulate else remembered.as_of
    bench = []
    for said in plan.bench:
        vessel = remembered.ledger.vessels.get(said.vessel)
        if vessel is None:
            bench.append(said)
            continue
        by = remembered.authors.get(said.vessel) or f"run {remembered.run_id}"
        now = replace(vessel, closed=said.closed, losses=said.losses, tare=said.tare)
        bench.append(_stated(said.vessel, now, by, as_of))
    return tuple(bench), remembered


def refuse_unknown(bench: Iterable[VesselStated], remembered: Remembered | None) -> None:
    """DecisionNeeded if nobody knows where a vessel stands or what became of an act: nothing real may move then."""
    bench = tuple(bench)
    unknown = [f"where {one.vessel} stands" for one in bench if one.place is None]
    unknown += [f"what became of {act}" for act in (remembered.unsettled if remembered is not None else ())]
    if unknown:
        raise DecisionNeeded(f"nobody knows {', '.join(unknown)}", remedy=_remedy(bench, remembered))


def _remedy(bench: Iterable[VesselStated], remembered: Remembered | None) -> str:
    """Say what settles it: to take an interrupted run over, or to look at the vessels that nobody knows enough of."""
    unsettled = remembered.unsettled if remembered is not None else {}
    names = {one.vessel for one in bench if one.place is None}.union(*unsettled.values())
    which = f" (of {', '.join(sorted(names))})" if names else ""
    look = f"with `labcore lab set LAB VESSEL --place ... --holds ...`{which}, or `labcore lab reset`"
    if unsettled and remembered is not None:
        return f"Type: labcore recover {remembered.run_id}. If that run cannot be taken over, look, then say how things are {look}."
    return f"Look, then say so {look}."
