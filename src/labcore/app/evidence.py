"""Whether all that was kept of a run is there: what is missing or changed is said, never taken for a run that did less."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from labcore.adapters.sqlite_journal import IN_USE, LOG, SqliteJournal, beside
from labcore.adapters.write_ahead_log import HEADER_SIZE, what_is_lost
from labcore.app.run_lock import is_held
from labcore.errors import DamagedRecord
from labcore.model.durability import RIDES_ALONG
from labcore.model.event import Intended
from labcore.records.run_folder import (
    BLOBS,
    HEADER,
    JOURNAL,
    REPORT,
    WIRE,
    is_marked,
    read_json,
)
from labcore.records.wire_acts import sent_acts

SHOWN = 12  # events or acts that a message names
FRAMES = 4  # ... and frames of each act
TRUST_THE_BENCH = (
    "Keep a copy of the folder, and take what is missing from a backup. Until then believe the bench, not this record: "
    "`labcore estop` makes the devices safe; the wire logs, pictures and report in the folder show what was done."
)


def refuse_damaged(folder: Path) -> None:
    """DamagedRecord if not all of a run's record is there; silent while a process writes it."""
    damage = damage_of(folder)
    if damage is not None:
        raise damage


def damage_of(folder: Path) -> DamagedRecord | None:
    """Return what is wrong with a run's record. None, too, while a process writes it: what looks wrong is under way then."""
    if look(folder) is None or is_held(folder):
        return None
    return look(folder)  # it may have been let go, and be whole, since the first look


def look(folder: Path) -> DamagedRecord | None:
    """Return what is wrong with a run's record, as it is now."""
    try:
        _look_at_header(folder / HEADER)
        _look_at_journal(folder)
    except DamagedRecord as damage:
        return damage
    return None


def _look_at_header(path: Path) -> None:
    if not path.exists():
        raise DamagedRecord(
            f"{path} is missing: which process, versions and texts the run had is lost",
            remedy=TRUST_THE_BENCH,
        )
    read_json(path)


def _look_at_journal(folder: Path) -> None:
    path = folder / JOURNAL
    if not path.exists():
        _refuse_traces(folder, "is missing")
        return
    journal = SqliteJournal(path, read_only=True)
    try:
        kept = journal.last_position()
        _refuse_lost_commits(path, kept)
        if kept < 0:
            _refuse_traces(folder, "holds no event")
        if journal.last("run_ended") is None:
            _refuse_unknown_acts(folder, journal)
    finally:
        journal.close()


def _refuse_unknown_acts(folder: Path, journal: SqliteJournal) -> None:
    """DamagedRecord if a wire has what the journal knows nothing of: the journal has every intent before its first byte goes."""
    sent = sent_acts(folder)
    intended = journal.read(-1, sys.maxsize, ("intended",)) if sent else ()
    known = {event.body.act for event in intended if isinstance(event.body, Intended)}
    unknown = [one for one in sent if one.act not in known]
    if unknown:
        what = "; ".join(f"{one.device} was sent {one.act}: {_shown(one.frames)}" for one in unknown[:SHOWN])
        more = f"; and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
        raise DamagedRecord(
            f"the journal {folder / JOURNAL} ends at position {journal.last_position()} and does not know what its devices were "
            f"sent after it ({what}{more}): what followed is lost from it",
            remedy=TRUST_THE_BENCH,
        )


def _shown(frames: Sequence[str]) -> str:
    """Return the last frames of an act."""
    return " | ".join((["..."] if len(frames) > FRAMES else []) + [f"> {one}" for one in frames[-FRAMES:]])


def _refuse_lost_commits(journal: Path, kept: int) -> None:
    """DamagedRecord if commits that were on disk are not read any more: a log is gone, or damaged where it is not its tail."""
    log = beside(journal, LOG)
    size = log.stat().st_size if log.exists() else 0
    if size < HEADER_SIZE and beside(journal, IN_USE).exists():
        raise DamagedRecord(
            f"the write-ahead log {log} is {'empty' if log.exists() else 'missing'}, although its process died while it was "
            f"in use: every event after position {kept} is lost",
            remedy=TRUST_THE_BENCH,
        )
    lost = what_is_lost(log, kept) if size >= HEADER_SIZE else None
    if lost is not None:
        weighty = {position: kind for position, kind in lost.events.items() if kind not in RIDES_ALONG}
        named = sorted((weighty or lost.events).items())[:SHOWN]
        events = ", ".join(f"{position} {kind}" for position, kind in named)
        more = len(lost.events) - len(named)
        raise DamagedRecord(
            f"the write-ahead log {log} is damaged at byte {lost.offset}: {lost.frames} sound frames with {lost.commits} commits "
            f"stand behind it and cannot be used, so that every event after position {kept} is lost"
            + (f" ({events}{f' and {more} more' if more > 0 else ''})" if events else ""),
            remedy=TRUST_THE_BENCH,
        )


def _refuse_traces(folder: Path, how: str) -> None:
    """DamagedRecord if a run without events has left something that only a run that began leaves."""
    left = list(traces(folder))
    if left:
        raise DamagedRecord(
            f"the journal {folder / JOURNAL} {how}, although the run has left {', '.join(left)}: what it did is lost",
            remedy=TRUST_THE_BENCH,
        )


def traces(folder: Path) -> Iterator[str]:
    """Yield what shows that a run began: its journal is made before any of it."""
    wires = [path.stem for path in sorted((folder / WIRE).glob("*.jsonl")) if path.stat().st_size]
    if wires:
        yield f"wire logs ({', '.join(wires)})"
    if any(path.is_file() for path in (folder / BLOBS).rglob("*")):
        yield "pictures"
    if any((folder / REPORT).glob("*")):
        yield "a report"
    if not is_marked(folder):
        yield "no mark of having been cut off"
