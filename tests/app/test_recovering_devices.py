"""A real run taken over: its device on a line, what goes over that, and what the lab remembers of it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import labcore
from labcore.adapters.device_lock import DeviceLock
from labcore.adapters.latch import Latch
from labcore.adapters.loop import run_loop
from labcore.app.interrupted import read_interrupted
from labcore.app.places import lab_folder
from labcore.app.recovering import Takeover, recover
from labcore.app.run_lock import hold_run
from labcore.app.running import Options
from labcore.errors import DecisionNeeded, UsageError
from labcore.model.event import ControlAsked, Noted, RecoveryBegun, RecoveryDecided, StopSettled
from labcore.records.run_folder import HEADER, JOURNAL, interrupted_runs

PROTOCOL = """
labcore: 1
name: stirs
devices: {stirrer: [stirring]}
steps:
  - stir: {device: stirrer, speed: 300 rpm}
  - note: one
  - note: two
finally:
  - note: cleaned up
"""
LAB = """
lab: small
devices: {stirrer: {driver: plate, port: "PORT"}}
"""
DEAD = 2**22 + 1  # no process has this number


@dataclass
class Died:
    """A run whose process died while its device stirred; `plate` is the device."""

    folder: Path
    plate: Any
    catalog: Any
    data: Path

    def recover(self, decision: Any = "resume", **how: Any) -> Any:
        return labcore.recover(
            "last", data=self.data, decision=decision, catalog=self.catalog, by="Ann", **how
        )

    def touched(self) -> bool:
        """Say whether anybody took it over."""
        return read_interrupted(self.folder).state.recoveries > 0


@pytest.fixture
def died(tmp_path: Path, state: Path, plate: Any, catalog_with: Any) -> Callable[..., Died]:
    """Run for real, cut the record after the first note, and let the device stir as it did then."""

    def make(ago: float = 0.0) -> Died:
        one, catalog, data = plate(), catalog_with(), tmp_path / "data"
        (tmp_path / "p.yaml").write_text(PROTOCOL, encoding="utf-8")
        (tmp_path / "lab.yaml").write_text(LAB.replace("PORT", one.port), encoding="utf-8")
        done = labcore.run(
            tmp_path / "p.yaml", lab=tmp_path / "lab.yaml", data=data, catalog=catalog, by="Ann"
        )
        noted = next(event.position for event in done.events() if event.kind == "noted")
        done.record.close()
        with sqlite3.connect(done.folder / JOURNAL) as db:
            db.execute("DELETE FROM events WHERE position > ?", (noted,))
        db.close()
        cut_wire(done.folder / "wire" / "stirrer.jsonl")
        if ago:
            date(done.folder, noted, ago)
        header = json.loads((done.folder / HEADER).read_text(encoding="utf-8"))
        (done.folder / HEADER).write_text(json.dumps({**header, "pid": DEAD}), encoding="utf-8")
        (data / "under-way" / done.folder.name).touch()
        one.forget()
        one.speed = "300"
        return Died(done.folder, one, catalog, data)

    return make


def cut_wire(log: Path) -> None:
    """Leave of a wire log what had been sent by the time of the first note: the first act's bytes."""
    lines = log.read_text(encoding="utf-8").splitlines()
    later = next(n for n, line in enumerate(lines) if json.loads(line).get("act") == "act-2")
    log.write_text("".join(f"{line}\n" for line in lines[:later]), encoding="utf-8")


def date(folder: Path, position: int, ago: float) -> None:
    """Have the last sign of life lie some seconds back."""
    then = (
        (datetime.now(UTC) - timedelta(seconds=ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
    with sqlite3.connect(folder / JOURNAL) as db:
        db.execute("UPDATE events SET wall = ? WHERE position = ?", (then, position))
    db.close()


def bodies(run: Any, kind: type) -> list[Any]:
    return [event.body for event in run.events() if isinstance(event.body, kind)]


def remembered() -> Any:
    return json.loads((lab_folder("small") / "lab.json").read_text(encoding="utf-8"))


def test_its_device_is_switched_off_and_on_again_as_it_was(died: Any) -> None:
    run = died()
    assert interrupted_runs(run.data) == [run.folder]
    done = run.recover()
    assert done.word == "done"
    assert run.plate.heard == ["NAME", "HALT", "STIR 300", "HALT"]
    assert [body.text for body in bodies(done, Noted)] == ["one", "two", "cleaned up"]
    assert bodies(done, RecoveryDecided) == [
        RecoveryDecided("resume", "Ann", "", (("stirrer", "speed"),), False)
    ]
    assert [body.suspends for body in bodies(done, StopSettled)] == [True, False]
    assert interrupted_runs(run.data) == []
    found = remembered()
    assert found["last_run"] == str(run.folder.resolve())
    assert "ended" in found
    header = json.loads((run.folder / HEADER).read_text(encoding="utf-8"))
    assert header["pid"] == os.getpid(), "who took it over signed on"


@pytest.mark.parametrize(("decision", "notes"), [("finish", ["one", "cleaned up"]), ("close", ["one"])])
def test_one_that_does_not_go_on_leaves_its_device_off(died: Any, decision: str, notes: list[str]) -> None:
    run = died()
    done = run.recover(decision, why="enough")
    assert run.plate.heard == ["NAME", "HALT"]
    assert [body.text for body in bodies(done, Noted)] == notes
    assert bodies(done, RecoveryDecided) == [RecoveryDecided(decision, "Ann", "enough", (), False)]


def test_how_long_it_lay_about_is_on_record(died: Any) -> None:
    [begun] = bodies(died(ago=3600.0).recover(), RecoveryBegun)
    assert begun.away == pytest.approx(3600.0, abs=30.0)
    assert (begun.by, begun.attempt) == ("Ann", 1)


@pytest.mark.parametrize(
    ("ago", "away", "recorded"), [(-3600.0, None, 0.0), (60.0, -5.0, 0.0), (60.0, 7.0, 7.0)]
)
def test_nobody_was_away_for_less_than_nothing(died: Any, ago: float, away: Any, recorded: float) -> None:
    """A clock that was put back says otherwise; whoever knows better may say so."""
    run = died(ago)
    how = Takeover(decision="resume", ask=False, away=away)
    options = Options(run.data, False, False, by="Ann")
    run_loop(partial(recover, read_interrupted(run.folder), run.catalog, options, how))
    done = labcore.open_run("last", data=run.data)
    assert [begun.away for begun in bodies(done, RecoveryBegun)] == [recorded]
    done.record.close()


def test_nothing_is_touched_while_the_emergency_stop_is_set(died: Any) -> None:
    run = died()
    latched = Latch(lab_folder("small")).set("Bob", "smoke")
    with pytest.raises(DecisionNeeded) as caught:
        run.recover()
    assert caught.value.message == f"the emergency stop of 'small' is set {latched}"
    assert (run.plate.heard, run.touched()) == ([], False)
    assert interrupted_runs(run.data) == [run.folder]


def test_nothing_is_touched_while_another_program_holds_its_device(died: Any, state: Path) -> None:
    run = died()
    with DeviceLock(state / "locks", run.plate.port, "run-7"), pytest.raises(UsageError) as caught:
        run.recover()
    assert caught.value.message == f"{run.plate.port} is in use by process {os.getpid()} (run run-7)"
    assert (run.plate.heard, run.touched()) == ([], False)


def test_nothing_is_touched_while_somebody_else_writes_it(died: Any) -> None:
    run = died()
    with hold_run(run.folder), pytest.raises(UsageError) as caught:
        run.recover()
    assert caught.value.message == f"run {run.folder.name} is under way in process {DEAD}"
    assert caught.value.remedy == "Let it end, or stop it there; two programs must not write one journal."
    assert (run.plate.heard, run.touched()) == ([], False)


def test_its_device_is_held_as_the_runs_own_and_let_go_at_the_end(died: Any, state: Path) -> None:
    run, owners, lab = died(), [], []

    async def watch(_: Any) -> None:
        owners.extend(
            json.loads(path.read_text(encoding="utf-8")) for path in (state / "locks").glob("*.json")
        )
        lab.append(remembered())

    run.recover(more={"watch": watch})
    assert owners == [{"pid": os.getpid(), "run": run.folder.name, "port": run.plate.port}]
    assert lab == [{"last_run": str(run.folder.resolve()), "places": []}]
    assert list((state / "locks").glob("*.json")) == []


def test_a_device_that_is_missing_leaves_it_interrupted_unless_it_is_closed(died: Any) -> None:
    run = died()
    run.plate.close()
    with pytest.raises(DecisionNeeded) as caught:
        run.recover()
    assert caught.value.message.startswith(f"stirrer: {run.plate.port}: cannot connect (Connection refused).")
    assert caught.value.message.endswith(f". Nothing was moved. Run {run.folder.name} is still interrupted.")
    assert caught.value.remedy == "Bring the device back and recover again, or close the run: --policy close."
    assert run.touched()
    assert (run.data / "under-way" / run.folder.name).exists(), "it is still to be recovered"
    closed = run.recover("close")
    assert closed.word == "aborted"
    assert [begun.attempt for begun in bodies(closed, RecoveryBegun)] == [1, 2]


def test_it_can_be_aborted_while_it_is_taken_over(died: Any) -> None:
    run = died()

    async def watch(going: Any) -> None:
        going.control.post("abort", "Bob", "no")

    done = run.recover(more={"watch": watch})
    assert done.word == "aborted"
    assert bodies(done, ControlAsked) == [ControlAsked("abort", "Bob", "no")]
    assert "STIR 300" not in run.plate.heard
    assert run.plate.heard[-1] == "HALT"
