"""A journal after a cut, a flipped byte, a power failure: it opens, and what it holds is a beginning of what was written."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest

from labcore.adapters.sqlite_journal import IN_ROOM, ROOM, SqliteJournal
from labcore.adapters.write_ahead_log import what_is_lost
from labcore.app.evidence import damage_of
from labcore.app.interrupted import read_interrupted
from labcore.app.story import headline
from labcore.errors import DamagedRecord
from labcore.model.durability import rides_along
from labcore.model.event import Event, Noted
from labcore.model.event_json import from_dict
from labcore.state.reduce import fold

HISTORY = Path(__file__).parents[1] / "histories" / "robot-v1.jsonl"
PLACES = 200
BLOCK = 4096  # bytes


@pytest.fixture(scope="module")
def events() -> list[Event]:
    lines = HISTORY.read_text(encoding="utf-8").splitlines()[:-1]  # without its end
    return [from_dict(json.loads(line)) for line in lines]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> Path:
    """A run's folder as a SIGKILL leaves it: everything is in the write-ahead log."""
    living = tmp_path_factory.mktemp("living")
    journal = SqliteJournal(living / "journal.db", durable=False)
    for event in events:
        journal.append([event])
    folder = tmp_path_factory.mktemp("killed")
    for path in living.iterdir():
        shutil.copy(path, folder)
    journal.close()
    (folder / "header.json").write_text("{}", encoding="utf-8")
    return folder


def damaged(killed: Path, folder: Path, *, cut: int | None = None, flip: int | None = None) -> Path:
    """Copy a run and damage its write-ahead log at a byte."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(killed, folder)
    log = folder / "journal.db-wal"
    data = bytearray(log.read_bytes())
    if flip is not None:
        data[flip] ^= 0x40
    log.write_bytes(data if cut is None else data[:cut])
    return folder


def is_a_beginning(folder: Path, events: Sequence[Event], *, damage: DamagedRecord | None = None) -> int:
    """Check what is left and, unless it is damaged, that it can be gone on with; return how much is left."""
    reader = SqliteJournal(folder / "journal.db", read_only=True)
    left = reader.read(-1, 100_000)
    reader.close()
    assert left == events[: len(left)]
    if damage is not None:
        return len(left)
    if left and left[0].kind == "run_started":
        run = read_interrupted(folder)
        assert run.events[-1] == left[-1]
        assert left[-1].wall in headline(run), "recovery says which event is the last"
    if len(left) < len(events):
        writer = SqliteJournal(folder / "journal.db", durable=False)
        writer.append([events[len(left)]])
        assert list(writer.read(len(left) - 1)) == [events[len(left)]]
        writer.close()
    return len(left)


def test_a_log_that_is_cut_anywhere_is_a_beginning(killed: Path, events: list[Event], tmp_path: Path) -> None:
    size = (killed / "journal.db-wal").stat().st_size
    rng = random.Random("cuts")
    left = []
    for cut in sorted(rng.randrange(size) for _ in range(PLACES)):
        left.append(is_a_beginning(damaged(killed, tmp_path / "run", cut=cut), events))
    assert left == sorted(left)
    assert left[-1] > 0.9 * len(events)
    assert len(set(left)) > PLACES / 4


def test_a_log_with_a_flipped_bit_is_a_beginning(killed: Path, events: list[Event], tmp_path: Path) -> None:
    size = (killed / "journal.db-wal").stat().st_size
    rng = random.Random("flips")
    left = []
    quiet = 0
    for _ in range(PLACES):
        place = rng.randrange(size)
        folder = damaged(killed, tmp_path / "run", flip=place)
        damage = damage_of(folder)
        left.append(is_a_beginning(folder, events, damage=damage))
        if damage is None:
            quiet += 1
            assert rides_along(events[left[-1] :]) or left[-1] == len(events) - 1, "more than a tail was lost"
        else:
            assert f"at byte {start_of(place)}:" in damage.message
            assert f"after position {left[-1] - 1} is lost" in damage.message
    assert len(set(left)) > PLACES / 4
    assert max(left) < len(events), "a flip cannot go unnoticed: every frame has its checksum"
    assert quiet < PLACES / 10, "all but the last moment of this log was once on disk"


def start_of(place: int) -> int:
    """Return where the frame begins that holds a byte of the log, 0 for its header."""
    return 32 + (place - 32) // 4120 * 4120 if place >= 32 else 0


@pytest.mark.parametrize("what", ["page", "frame", "checksum", "salt"])
def test_a_log_with_a_hole_is_damaged(killed: Path, events: list[Event], tmp_path: Path, what: str) -> None:
    """Whatever part of a frame is gone, and with whatever in its place, what follows it tells."""
    place, length = {"page": (24, 4096), "frame": (0, 4120), "checksum": (16, 8), "salt": (8, 8)}[what]
    for filling in (b"\0", b"\xff", b"j"):
        folder = damaged(killed, tmp_path / "run")
        data = bytearray((folder / "journal.db-wal").read_bytes())
        at = start_of(40_000) + place
        data[at : at + length] = filling * length
        (folder / "journal.db-wal").write_bytes(data)
        with pytest.raises(DamagedRecord, match=f"at byte {start_of(40_000)}: .* intended") as caught:
            read_interrupted(folder)
        assert "Keep a copy of the folder" in caught.value.remedy


@pytest.mark.parametrize("beginning", [32, 5000])
def test_a_log_that_was_written_over_and_has_lost_its_beginning_is_damaged(
    tmp_path: Path, beginning: int
) -> None:
    """Frames of earlier uses and room for later ones stand behind those that count."""
    journal, log = SqliteJournal(tmp_path / "journal.db", durable=True), tmp_path / "journal.db-wal"
    for number in range(IN_ROOM + 40):
        journal.append([Event(number, 0.0, "", "labcore", Noted(f"note {number}", "Ann"))])
    data = log.read_bytes()
    journal.close()
    log.write_bytes(data)
    assert what_is_lost(log, IN_ROOM + 39) is None
    log.write_bytes(bytes(beginning) + data[beginning:])
    lost = what_is_lost(log, IN_ROOM - 1)
    assert lost is not None
    assert lost.offset == 0
    assert lost.events == dict.fromkeys(range(IN_ROOM, IN_ROOM + 40), "noted")


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_a_log_that_is_gone_is_missed(killed: Path, tmp_path: Path, how: str) -> None:
    folder = damaged(killed, tmp_path / "run")
    (folder / "journal.db-wal").unlink()
    if how == "emptied":
        (folder / "journal.db-wal").touch()
    with pytest.raises(DamagedRecord, match="every event after position -1 is lost"):
        read_interrupted(folder)


def test_a_journal_that_was_closed_needs_no_log(killed: Path, events: list[Event], tmp_path: Path) -> None:
    folder = damaged(killed, tmp_path / "run")
    SqliteJournal(folder / "journal.db", durable=False).close()
    assert not (folder / "journal.db-wal").exists()
    assert read_interrupted(folder).events == events


def test_a_log_that_is_used_again_holds_old_frames_that_mean_nothing(
    events: list[Event], tmp_path: Path
) -> None:
    journal = SqliteJournal(tmp_path / "journal.db", durable=False)
    for event in events[:100]:
        journal.append([event])
    journal._db.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    for number, event in enumerate(events[100:130]):
        journal.append([event])
        assert what_is_lost(tmp_path / "journal.db-wal", 100 + number) is None
    lost = what_is_lost(tmp_path / "journal.db-wal", 99)
    assert lost is None, "nothing is wrong with the log itself"
    journal.close()


# ------------------------------------------------------------------------------------------- power failures
class Disk:
    """What a file system owes: everything up to the last sync, of the rest any part, in any state."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "journal.db-wal"
        self.synced = b""
        self.journal = SqliteJournal(folder / "journal.db", durable=True)

    def append(self, event: Event) -> None:
        self.journal.append([event])
        if self.journal._db.execute("PRAGMA synchronous").fetchone()[0] == 2:  # FULL: this commit was synced
            self.synced = self.log.read_bytes()

    def lose_power(self, to: Path, rng: random.Random) -> Path:
        """Copy what is left on the platters."""
        to.mkdir()
        shutil.copy(self.log.with_name("journal.db"), to)
        old, new = self.synced.ljust(ROOM, b"\0"), self.log.read_bytes()
        assert len(new) == ROOM, "the log had to grow"
        begin = first_difference(old, new)
        tail = bytearray(new[begin:].rstrip(b"\0"))  # was written and not waited for
        if tail and rng.random() < 0.5:
            tail = tail[: rng.randrange(len(tail))]
        for _ in range(min(3, len(tail))):
            tail[rng.randrange(len(tail))] = rng.randrange(256)
        (to / "journal.db-wal").write_bytes(new[:begin] + bytes(tail) + old[begin + len(tail) :])
        return to


def first_difference(old: bytes, new: bytes) -> int:
    block = next((at for at in range(0, ROOM, BLOCK) if old[at : at + BLOCK] != new[at : at + BLOCK]), ROOM)
    return next((at for at in range(block, min(block + BLOCK, ROOM)) if old[at] != new[at]), ROOM)


@pytest.mark.parametrize("seed", range(100))
def test_a_power_failure_takes_no_intent(events: list[Event], tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    living = tmp_path / "living"
    living.mkdir()
    disk = Disk(living)
    written = events[: rng.randrange(8, len(events))]
    for event in written:
        disk.append(event)
    dead = disk.lose_power(tmp_path / "dead", rng)
    disk.journal.close()
    reader = SqliteJournal(dead / "journal.db", read_only=True)
    left = reader.read(-1, 100_000)
    reader.close()
    assert left == written[: len(left)]
    assert rides_along(written[len(left) :]), "only what may ride along can be lost"
    acts = {event.body.act for event in written if event.kind == "intended"}  # type: ignore[union-attr]
    known = {event.body.act for event in left if event.kind == "intended"}  # type: ignore[union-attr]
    assert acts == known
    assert what_is_lost(dead / "journal.db-wal", len(left) - 1) is None, "a torn tail is no damage"
    fold(left)


CHILD = """
import os, sys
from pathlib import Path
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.model.event import Event, Intended, StepStarted

journal = SqliteJournal(Path(sys.argv[1]) / "journal.db", durable=True)
for number in range(12):
    body = Intended(f"act-{number}", "dispense", {}, (), (), 1.0) if number % 3 == 2 else StepStarted("wait", "wait")
    journal.append([Event(number, 0.0, "", "labcore", body, "1")])
    if number % 3 == 2:
        os.write(1, b"ACT\\n")
journal.close()
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_the_log_is_synced_between_an_intent_and_its_act(tmp_path: Path) -> None:
    """What SQLite promises for FULL, watched at the system calls: no write to the log is unsynced when an act begins."""
    trace = tmp_path / "trace"
    script = tmp_path / "child.py"
    script.write_text(textwrap.dedent(CHILD), encoding="utf-8")
    command = ["strace", "-f", "-y", "-e", "trace=write,pwrite64,fsync,fdatasync", "-o", str(trace)]
    done = subprocess.run(
        [*command, sys.executable, str(script), str(tmp_path)], capture_output=True, timeout=100, check=False
    )
    if done.returncode != 0 and b"ptrace" in done.stderr:
        pytest.skip("this system does not allow tracing")
    assert done.returncode == 0, done.stderr.decode()
    unsynced, acts = 0, 0
    for line in trace.read_text(errors="replace").splitlines():
        if re.search(r"pwrite64\(\d+<[^>]*-wal>", line):
            unsynced += 1
        elif re.search(r"f(data)?sync\(\d+<[^>]*-wal>", line):
            unsynced = 0
        elif "write(1" in line and '"ACT' in line:
            acts += 1
            assert unsynced == 0, f"act {acts} began with {unsynced} writes that a power failure would take"
    assert acts == 4
