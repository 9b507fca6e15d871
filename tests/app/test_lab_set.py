"""What people may say about a vessel, and what they cannot mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from labcore.app import lab_state
from labcore.errors import DecisionNeeded, UsageError
from labcore.model.event import VesselStated
from labcore.model.interval import Interval
from labcore.model.lab import LabFile
from labcore.model.vessel import VesselState
from labcore.state.ledger import Ledger
from labcore.state.run_state import RunState

LAB = LabFile.model_validate(
    {
        "lab": "my lab",
        "positions": {"rack": {}, "plate": {}},
        "stock": {"acetone": {"in": "bottle", "volume": "1 L"}},
    }
)
Call = Callable[..., Any]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Call `labcore lab` in a lab that remembers two vials, one of them with a powder."""
    from labcore.cli.main import app

    monkeypatch.setenv("LABCORE_STATE", str(tmp_path))
    vessels = {
        "vial": VesselState("vial-50ml", "rack", {"water": Interval(9, 10, 11)}, solids={"caffeine": 0.4}),
        "other": VesselState("vial-50ml", "plate"),
        "bottle": VesselState("bottle-1000ml", "bottle", {"acetone": Interval(1000, 1000, 1000)}),
    }
    lab_state.remember_end(LAB, tmp_path / "run-1", RunState(ledger=Ledger(vessels)))
    return lambda *args: CliRunner().invoke(app, ["lab", *args])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ((), "what is to be corrected of vial"),
        (("--place", "plate"), "other stands at plate"),
        (("--place", "rak"), "Did you mean 'rack'"),
        (("--holds", "acetone=60 mL"), "vial-50ml holds 50 mL"),
        (("--holds", "acetone=-5 mL"), "less than nothing"),
        (("--holds", "aceton=5 mL"), "Did you mean 'acetone'"),
        (("--holds", "acetone=5 mL", "--empty"), "not empty"),
    ],
)
def test_what_cannot_be_meant_is_refused(call: Call, said: tuple[str, ...], why: str) -> None:
    refused = call("set", "my lab", "vial", *said)
    assert isinstance(refused.exception, UsageError)
    assert why in str(refused.exception)


def test_a_misspelled_vessel_is_named(call: Call) -> None:
    assert "Did you mean 'vial'" in str(call("set", "my lab", "viall", "--empty").exception)


def test_a_solid_is_shown_remembered_and_taken_away(call: Call) -> None:
    assert "10 mL water [9 to 11], 0.4 g caffeine (put in as a solid)" in call("show", "my lab").output
    assert call("set", "my lab", "vial", "--holds", "water=12 mL").exit_code == 0
    assert "0.4 g caffeine" in call("show", "my lab").output
    assert call("set", "my lab", "vial", "--empty").exit_code == 0
    assert "vial at rack: empty" in call("show", "my lab").output


def test_after_a_crash_recovery_comes_first_and_the_vessels_are_named() -> None:
    bench = (VesselStated("vial", "vial-50ml", "rack", {}, "lab file"),)
    left = lab_state.Remembered(
        Ledger(), "runs/20261127-1", {"dispense (act-7)": frozenset(("vial", "bottle"))}
    )
    with pytest.raises(DecisionNeeded) as refused:
        lab_state.refuse_unknown(bench, left)
    assert "labcore recover 20261127-1" in str(refused.value)
    assert "(of bottle, vial)" in str(refused.value)
