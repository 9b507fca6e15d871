"""Events that cannot be read or are missing: what can be read is printed, the rest is named, with its file and position."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


@pytest.fixture
def run(data: Path) -> Path:
    """The folder of the recorded run."""
    return next((data / "runs").iterdir())


def change(run: Path, statement: str, *values: Any) -> None:
    with sqlite3.connect(run / "journal.db") as db:
        db.execute(statement, values)
    db.close()


def flat(result: Any) -> str:
    said = result.out + result.err
    assert "Traceback" not in said
    assert "bug in labcore" not in said
    return " ".join(str(said).split())


DAMAGES = {
    "an event that is no JSON": ("UPDATE events SET body = 'junk' WHERE position = 8", "event 8"),
    "an event of another time": ("UPDATE events SET kind = 'levitated' WHERE position = 8", "levitated"),
    "a gap": ("DELETE FROM events WHERE position = 8", "after position 7 comes 9: 1 event(s) are missing"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_can_be_read_is_printed_and_the_rest_named(call: Call, run: Path, damage: str) -> None:
    statement, named = DAMAGES[damage]
    change(run, statement)
    result = call("events", "last", "--json")
    assert result.code == 2
    assert [json.loads(line)["position"] for line in result.out.splitlines()] == list(range(8))
    said = flat(result)
    assert "journal.db is damaged" in said
    assert named in said
    assert "up to position 7" in said
    assert f"labcore events {run.name} --json" in said
    follows = call("events", "last", "--json", "--after", "8")
    assert json.loads(follows.out.splitlines()[0])["position"] == 9


@pytest.mark.parametrize("command", ["show", "notebook", "recover"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_nothing_is_built_on_it(call: Call, run: Path, damage: str, command: str) -> None:
    change(run, DAMAGES[damage][0])
    result = call(command, "last")
    assert result.code == 2
    assert "journal.db is damaged" in flat(result)
    assert "Copy the folder" in flat(result)


def test_events_that_cannot_follow_each_other_are_named(call: Call, run: Path) -> None:
    change(run, "UPDATE events SET step = 'nowhere' WHERE kind = 'step_ended'")
    result = call("show", "last")
    assert result.code == 2
    assert "(step_ended): step 'nowhere' is not under way" in flat(result)
    assert "journal.db is damaged: event " in flat(result)
    assert call("events", "last", "--json").code == 0
