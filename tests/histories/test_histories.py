"""Recorded journals must fold for ever. They are never edited; a new journal version adds new files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labcore.model.event_json import as_dict, from_dict
from labcore.state.reduce import fold

HISTORIES = sorted(Path(__file__).parent.glob("*.jsonl"))
ENDS = {"robot-v1": "done", "person-v1": "done", "stopped-v1": "stopped"}


def test_every_history_has_its_end_written_down() -> None:
    assert {path.stem for path in HISTORIES} == set(ENDS)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_it_folds_to_its_end(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    events = [from_dict(json.loads(line)) for line in lines]
    state = fold(events)
    assert state.outcome == ENDS[path.stem]
    assert state.outputs == {}
    assert state.intents == {}
    assert all(_holds(as_dict(event), json.loads(line)) for event, line in zip(events, lines, strict=True))


def _holds(now: object, then: object) -> bool:
    """Say whether everything that was written is still there; what came later has its default."""
    if isinstance(now, dict) and isinstance(then, dict):
        return all(name in now and _holds(now[name], value) for name, value in then.items())
    return now == then


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_it_folds_from_any_position(path: Path) -> None:
    events = [from_dict(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    whole = fold(events)
    for cut in range(0, len(events), 7):
        assert fold(events[cut:], fold(events[:cut])) == whole
