"""Corrections of the lab's state by people, over the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from labcore.app import lab_state
from labcore.errors import DecisionNeeded
from labcore.model.event import VesselStated
from labcore.model.interval import Interval
from labcore.model.vessel import VesselState
from labcore.state.ledger import Ledger
from labcore.state.run_state import RunState


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path))
    ledger = Ledger({"vial": VesselState("vial-50ml", "rack", {"water": Interval(9, 10, 11)})})
    lab_state.remember_end("my lab", tmp_path / "run-1", RunState(ledger=ledger))
    return "my lab"


@pytest.fixture
def call() -> Callable[..., Any]:
    from labcore.cli.main import app

    return lambda *args: CliRunner().invoke(app, ["lab", *args])


def test_what_is_remembered_is_shown(lab: str, call: Callable[..., Any]) -> None:
    shown = call("show", lab)
    assert shown.exit_code == 0
    assert "vial at rack: 10 mL water [9 to 11]" in shown.output
    assert "nothing is remembered" in call("show", "another lab").output


def test_a_correction_has_an_author_and_wins(lab: str, call: Callable[..., Any]) -> None:
    done = call("set", lab, "vial", "--place", "plate", "--holds", "acetone=5 mL", "--by", "the operator")
    assert done.exit_code == 0, done.output
    remembered = lab_state.recall(lab)
    assert remembered is not None
    vial = remembered.ledger.vessel("vial")
    assert vial.place == "plate"
    assert list(vial.contents) == ["acetone"]
    assert vial.contents["acetone"].contains(5.0)


def test_reset_forgets(lab: str, call: Callable[..., Any]) -> None:
    assert call("reset", lab, "--yes").exit_code == 0
    assert lab_state.recall(lab) is None


def test_an_unknown_place_refuses_a_real_run() -> None:
    bench = (VesselStated("vial", "vial-50ml", None, {}, "run 1"),)
    with pytest.raises(DecisionNeeded, match="where vial stands"):
        lab_state.refuse_unknown(bench, None)
