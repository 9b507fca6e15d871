"""The wire logs are evidence of their own: an act that went over a wire and is not in the journal is not done again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labcore.records.wire_acts import sent_acts

Call = Callable[..., Any]


@pytest.fixture
def run(data: Path) -> Path:
    """The folder of the recorded run, as if its process had died."""
    folder = next((data / "runs").iterdir())
    header = json.loads((folder / "header.json").read_text(encoding="utf-8"))
    (folder / "header.json").write_text(json.dumps({**header, "pid": 2**22 + 1}), encoding="utf-8")
    return folder


def lose(run: Path, kind: str) -> int:
    """Let the journal end before the last event of a kind; return its new last position."""
    with sqlite3.connect(run / "journal.db") as db:
        (first,) = db.execute("SELECT max(position) FROM events WHERE kind = ?", (kind,)).fetchone()
        db.execute("DELETE FROM events WHERE position >= ?", (first,))
    db.close()
    return int(first) - 1


def flat(result: Any) -> str:
    said = result.out + result.err
    assert "Traceback" not in said
    return " ".join(str(said).split())


def test_each_act_is_on_the_wire_under_its_name(call: Call, run: Path) -> None:
    events = [json.loads(line) for line in call("events", "last", "--json").out.splitlines()]
    intents = {one["data"]["act"]: one for one in events if one["kind"] == "intended"}
    sent = sent_acts(run)
    assert {one.act for one in sent} == set(intents)
    for one in sent:
        assert intents[one.act]["device"] == one.device
        assert one.frames
    assert call("show", "last").code == 0


@pytest.mark.parametrize(
    "command",
    [("show",), ("recover", "--policy", "resume"), ("recover", "--policy", "close"), ("recover", "--json")],
)
def test_an_act_that_only_the_wire_knows_is_named_and_not_done_again(
    call: Call, run: Path, command: tuple[str, ...]
) -> None:
    kept = lose(run, "intended")
    lost = max(sent_acts(run), key=lambda one: int(one.act.removeprefix("act-")))
    before = (run / "journal.db").read_bytes()
    result = call(command[0], "last", *command[1:])
    assert result.code == 2
    said = flat(result)
    assert f"ends at position {kept}" in said
    assert f"{lost.device} was sent {lost.act}: " in said
    assert f"> {lost.frames[-1]}" in said
    assert "labcore estop" in said
    assert (run / "journal.db").read_bytes() == before


def test_it_is_listed_as_damaged_and_its_events_are_printed(call: Call, run: Path) -> None:
    kept = lose(run, "intended")
    assert f"{run.name}  damaged" in call("runs").out
    events = call("events", "last", "--json")
    assert events.code == 2
    assert len(events.out.splitlines()) == kept + 1


def test_a_settlement_that_is_lost_leaves_its_act_open(call: Call, run: Path) -> None:
    """What may ride along was never waited for: nobody knows what became of the act, and that is asked."""
    lose(run, "settled")
    waiting = call("recover", "last", "--json")
    assert waiting.code == 5
    assert len(waiting.json()["unsettled"]) == 1


def test_a_wire_log_that_was_torn_or_has_no_names_tells_what_it_can(run: Path) -> None:
    path = run / "wire" / "dispenser.jsonl"
    acts = sent_acts(run)
    with path.open("a", encoding="utf-8") as log:
        log.write('{"t": 1.0, "dir": "out", "act": "act-99", "te\n7\n{"act": 1}\n')
    assert sent_acts(run) == acts
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:-3]]
    old = [json.dumps({name: value for name, value in one.items() if name != "act"}) for one in entries]
    path.write_text("\n".join(old), encoding="utf-8")
    assert "dispenser" not in {one.device for one in sent_acts(run)}
