"""A run whose journal is gone did not do nothing: whatever else it has left says so, and stays as it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labcore.errors import DamagedRecord

Call = Callable[..., Any]
DEAD = 2**22 + 1  # no process has this number


@pytest.fixture
def run(data: Path) -> Path:
    """The folder of the recorded run; it has wire logs, its report is one that somebody cares for."""
    folder = next((data / "runs").iterdir())
    assert any(path.stat().st_size for path in (folder / "wire").glob("*.jsonl"))
    (folder / "report").mkdir(exist_ok=True)
    (folder / "report" / "notebook.html").write_text("what was done", encoding="utf-8")
    header = json.loads((folder / "header.json").read_text(encoding="utf-8"))
    (folder / "header.json").write_text(json.dumps({**header, "pid": DEAD}), encoding="utf-8")
    return folder


def lose(run: Path, how: str) -> None:
    for path in run.glob("journal.db*"):
        path.unlink()
    if how == "empty":
        (run / "journal.db").touch()


def flat(result: Any) -> str:
    said = result.out + result.err
    assert "Traceback" not in said
    return " ".join(str(said).split())


@pytest.mark.parametrize("how", ["missing", "empty"])
@pytest.mark.parametrize("command", ["show", "notebook", "recover", "events"])
def test_it_is_damaged_and_nothing_is_written(call: Call, run: Path, how: str, command: str) -> None:
    lose(run, how)
    result = call(command, "last")
    assert result.code == 2
    said = flat(result)
    assert "journal.db is missing" in said if how == "missing" else "journal.db holds no event" in said
    assert "wire logs (" in said
    assert "a report" in said
    assert "never began" not in said
    assert "believe the bench" in said
    assert (run / "report" / "notebook.html").read_text(encoding="utf-8") == "what was done"


@pytest.mark.parametrize("left", ["wire", "blobs", "report", "nothing, but it was not cut off"])
def test_each_thing_that_is_left_tells(call: Call, run: Path, left: str) -> None:
    lose(run, "missing")
    (run / "blobs").mkdir(exist_ok=True)
    (run / "blobs" / "picture").write_bytes(b"p")
    for name in {"wire", "blobs", "report"} - {left}:
        shutil.rmtree(run / name)
    if left in ("wire", "blobs", "report"):
        mark(run)
    assert "damaged" in call("runs").out
    assert call("show", "last").code == 2


def mark(run: Path) -> None:
    under_way = run.parent.parent / "under-way"
    under_way.mkdir(exist_ok=True)
    (under_way / run.name).touch()


def test_one_that_was_cut_off_before_its_first_event_never_began(call: Call, run: Path) -> None:
    lose(run, "empty")
    for path in (run / "wire").glob("*.jsonl"):
        path.write_bytes(b"")
    shutil.rmtree(run / "report")
    shutil.rmtree(run / "blobs", ignore_errors=True)
    mark(run)
    assert "never began" in call("show", "last").out
    assert "never began" in call("runs").out
    assert "never began: nothing was moved" in call("recover", "last", "--policy", "close").err


# ------------------------------------------------------------------------------------------------ the list of runs
@pytest.fixture
def two(run: Path) -> Path:
    """A second run, after the first."""
    other = shutil.copytree(run, run.with_name("29991231-235959-abcdef"))
    header = json.loads((other / "header.json").read_text(encoding="utf-8"))
    header["started_ns"] += 10**9
    (other / "header.json").write_text(json.dumps(header), encoding="utf-8")
    return other


def broken_header(run: Path) -> None:
    (run / "header.json").write_text('{"run": ', encoding="utf-8")


def no_header(run: Path) -> None:
    (run / "header.json").unlink()


def no_mapping(run: Path) -> None:
    (run / "header.json").write_text("7", encoding="utf-8")


def no_database(run: Path) -> None:
    (run / "journal.db").write_bytes(b"this is no database" * 300)


def no_journal(run: Path) -> None:
    lose(run, "missing")


DAMAGES = [broken_header, no_header, no_mapping, no_database, no_journal]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
def test_one_that_is_damaged_hides_no_other(
    call: Call, run: Path, two: Path, damage: Callable[..., None]
) -> None:
    damage(run)
    mark(run)
    listed = call("runs")
    assert listed.code == 0
    assert f"{two.name}  done" in listed.out
    assert f"{run.name}  damaged" in listed.out
    found = {one["id"]: one for one in call("runs", "--json").json()}
    assert found[two.name]["state"] == "done"
    assert found[two.name]["problem"] == ""
    assert found[run.name]["state"] == "damaged"
    assert run.name in found[run.name]["problem"]
    assert call("show", "last").code == 0, "the sound one is the newest"
    shown = call("show", run.name)
    assert shown.code == 2
    assert f"the record of run {run.name} is damaged. Type: labcore show {run.name}" in flat(shown)


def test_one_of_a_newer_labcore_hides_no_other(call: Call, run: Path, two: Path) -> None:
    import sqlite3

    with sqlite3.connect(run / "journal.db") as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    found = {one["id"]: one for one in call("runs", "--json").json()}
    assert found[run.name]["state"] == "unreadable"
    assert "newer labcore" in found[run.name]["problem"]
    assert found[two.name]["state"] == "done"


# ------------------------------------------------------------------------------------------------ the lab
def test_what_a_lab_remembers_is_not_taken_from_a_lost_journal(call: Call, run: Path, tmp_path: Path) -> None:
    from labcore.app import lab_state

    kept = lab_state.lab_folder("bench") / "lab.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps({"last_run": str(run), "places": []}), encoding="utf-8")
    remembered = lab_state.recall("bench")
    assert remembered is not None
    assert remembered.ledger.vessels
    lose(run, "empty")
    with pytest.raises(DamagedRecord, match="nobody knows how the last run left the lab") as caught:
        lab_state.recall("bench")
    assert 'labcore lab reset "bench"' in caught.value.remedy
    stated = {"labware": "vial-50ml", "place": "rack/A1", "contents": {}}
    ended = {
        "last_run": str(run),
        "places": [],
        "ended": "2026-01-01T09:00:00Z",
        "vessels": {"reactor": stated},
    }
    kept.write_text(json.dumps(ended), encoding="utf-8")
    remembered = lab_state.recall("bench")
    assert remembered is not None
    assert remembered.ledger.vessels["reactor"].place == "rack/A1"
