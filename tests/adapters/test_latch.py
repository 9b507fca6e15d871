"""The latch of a lab: whole, first come first kept, and set in doubt."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from labcore.adapters.latch import Latch, Latched


def test_who_pressed_first_stays_on_record(tmp_path: Path) -> None:
    latch = Latch(tmp_path / "lab")
    assert (latch.is_set(), latch.read()) == (False, None)
    assert latch.set("ann", "smoke").by == "ann"
    assert latch.set("bob").by == "ann"
    assert str(Latch(tmp_path / "lab").read()).startswith("by ann at 20")
    latch.reset("bob", "looked")
    assert not latch.is_set()
    lines = (tmp_path / "lab" / "estop-history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [(json.loads(one)["what"], json.loads(one)["by"]) for one in lines] == [
        ("set", "ann"), ("set", "bob"), ("reset", "bob"),
    ]  # fmt: skip
    assert [path.name for path in (tmp_path / "lab").iterdir()] == ["estop-history.jsonl"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"by": "x"}', "null"])
def test_a_file_that_cannot_be_read_is_a_latch_all_the_same(tmp_path: Path, text: str) -> None:
    (tmp_path / "estop.json").write_text(text, encoding="utf-8")
    latched = Latch(tmp_path).read()
    assert latched is not None
    assert "cannot be read" in latched.why


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that may not be looked into")
def test_what_cannot_be_looked_at_counts_as_latched(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        assert Latch(tmp_path).is_set()
    finally:
        tmp_path.chmod(0o700)


def test_a_name_that_no_system_takes_counts_as_latched_too(tmp_path: Path) -> None:
    latch = Latch(tmp_path / ("long" * 100))
    assert latch.is_set()
    assert latch.read() == Latched("somebody", "an unknown time", "estop.json cannot be read")


def test_a_latch_that_is_reset_while_it_is_read_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    latch, looks = Latch(tmp_path), iter([True, False])
    monkeypatch.setattr(latch, "is_set", lambda: next(looks))
    assert latch.read() is None


@pytest.mark.parametrize(("system", "synced"), [("posix", 2), ("nt", 1)])
def test_the_file_is_on_disk_and_its_folder_where_a_folder_can_be_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, synced: int
) -> None:
    latch, calls = Latch(tmp_path), []
    monkeypatch.setattr("labcore.adapters.latch.os.fsync", calls.append)
    monkeypatch.setattr("labcore.adapters.latch.os.name", system)
    latched = latch.set("ann", "smoke")
    monkeypatch.undo()
    assert len(calls) == synced
    assert latched == latch.read() == Latched("ann", latched.at, "smoke")
    assert datetime.fromisoformat(latched.at).utcoffset() == timedelta(0)
    assert str(latched) == f"by ann at {latched.at}: smoke"
    assert str(Latched("ann", "noon")) == "by ann at noon"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(OSError):
        Latch(tmp_path / "lab").set("ann")
