"""Runs and folders that are not as they should be: each gets one located message, no traceback, and stays as it is."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.model.event import SCHEMA_VERSION
from labcore.model.event_json import as_line, from_dict

Call = Callable[..., Any]
HISTORIES = Path(__file__).parents[1] / "histories"
LOOKING = (("runs",), ("show", "last"), ("events", "last"), ("notebook", "last"))
ROOT_WRITES_ANYWHERE = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="this user may write everywhere"
)


@pytest.fixture
def run(data: Path) -> Path:
    """The folder of the recorded run."""
    return next((data / "runs").iterdir())


def plain(result: Any) -> str:
    """Return what was said; there must be no traceback in it."""
    said = result.out + result.err
    assert "Traceback" not in said
    return str(said)


def test_an_old_journal_opens_and_stays_as_it_is(tmp_path: Path) -> None:
    for path in sorted(HISTORIES.glob("journal-v*.db")):
        copy = Path(shutil.copy(path, tmp_path))
        before = copy.read_bytes()
        journal = SqliteJournal(copy, read_only=True)
        lines = [as_line(event) for event in journal.read(-1, 10_000)]
        journal.close()
        told = path.with_name(path.stem.removeprefix("journal-") + ".jsonl")
        wanted = (HISTORIES / f"stopped-{told.stem}.jsonl").read_text(encoding="utf-8").splitlines()
        assert lines == [as_line(from_dict(json.loads(line))) for line in wanted]
        assert copy.read_bytes() == before
    assert (HISTORIES / "journal-v1.db").exists()


@pytest.mark.parametrize("command", LOOKING[1:], ids=" ".join)
def test_a_newer_journal_is_refused_and_left_alone(call: Call, run: Path, command: tuple[str, ...]) -> None:
    journal = run / "journal.db"
    with sqlite3.connect(journal) as db:
        db.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    db.close()
    before = journal.read_bytes()
    result = call(*command)
    assert result.code == 2
    assert "newer labcore" in plain(result)
    assert "journal.db" in plain(result).replace("\n", "")
    assert journal.read_bytes() == before


@pytest.mark.parametrize("name", ["header.json", "plan.json"])
def test_a_damaged_file_of_a_run_is_named(call: Call, run: Path, name: str) -> None:
    path = run / name
    path.write_text(path.read_text(encoding="utf-8")[:40], encoding="utf-8")
    results = [call(*command) for command in LOOKING]
    said = [plain(result) for result in results]
    blamed = [text for result, text in zip(results, said, strict=True) if result.code == 2]
    assert blamed, f"nobody says that {name} is damaged"
    assert all(name in text.replace("\n", "") and "damaged" in text for text in blamed)


def test_a_damaged_journal_is_named(call: Call, run: Path) -> None:
    journal = run / "journal.db"
    journal.write_bytes(b"this is no database" * 300)
    for command in LOOKING[1:]:
        result = call(*command)
        assert result.code != 0
        assert "journal.db" in plain(result).replace("\n", "")


def test_a_run_without_its_pictures_can_be_read(call: Call, run: Path) -> None:
    shutil.rmtree(run / "blobs", ignore_errors=True)
    for command in LOOKING:
        assert call(*command).code == 0, command


def test_a_folder_that_is_not_there_is_named(call: Call, tmp_path: Path) -> None:
    for command in LOOKING[1:]:
        result = call(*command, "--data", tmp_path / "nowhere")
        assert result.code == 2
        assert "nowhere" in plain(result).replace("\n", "")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    mode = folder.stat().st_mode
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(mode)


@ROOT_WRITES_ANYWHERE
def test_a_folder_that_cannot_be_written_is_named_before_anything_moves(
    call: Call, protocol: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    with read_only(folder):
        result = call("simulate", protocol, "--data", folder)
    assert result.code != 0
    assert "full" in plain(result).replace("\n", "")


def test_a_data_folder_that_is_a_file_is_named(call: Call, protocol: Path, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("a file", encoding="utf-8")
    result = call("simulate", protocol, "--data", tmp_path / "full")
    assert result.code != 0
    assert "full" in plain(result).replace("\n", "")


def test_a_lock_that_a_dead_process_left_is_nobodys(call: Call, run: Path) -> None:
    """The system frees the lock with its process; the file that stays means nothing."""
    (run / "run.lock").touch()
    (run.parent.parent / "under-way").mkdir(exist_ok=True)
    (run.parent.parent / "under-way" / run.name).touch()
    result = call("recover", run.name, "--policy", "close")
    assert "has ended" in plain(result)
    assert call("runs").code == 0
