"""Corrections of the lab's state by people, over the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from labcore.app import lab_state
from labcore.errors import DecisionNeeded, UsageError
from labcore.model.evaporation import Loss
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


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path))
    ledger = Ledger({"vial": VesselState("vial-50ml", "rack", {"water": Interval(9, 10, 11)})})
    lab_state.remember_end(LAB, tmp_path / "run-1", RunState(ledger=ledger))
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


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("acetone=10-12 mL", 10.0, 12.0),
        ("acetone=10–12mL", 10.0, 12.0),
        ("acetone = 10 mL to 0.012 L", 10.0, 12.0),
        ("acetone=900 uL - 1.1 mL", 0.9, 1.1),
        ("acetone=20 mL", 19.6, 20.4),
        ("acetone=0 mL", 0.0, 0.0),
    ],
)
def test_a_correction_may_be_an_interval(
    lab: str, call: Callable[..., Any], said: str, low: float, high: float
) -> None:
    done = call("set", lab, "vial", "--holds", said, "--by", "the operator")
    assert done.exit_code == 0, done.output
    remembered = lab_state.recall(lab)
    assert remembered is not None
    volume = remembered.ledger.vessel("vial").volume
    assert (volume.low, volume.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("acetone=12-10 mL", "12 mL is more than 10 mL"),
        ("acetone", "does not say how much"),
        ("acetone=3 g", "is no volume"),
        ("acetone=1-3 g", "is no volume"),
        ("acetone=5", "unit"),
        ("acetone=-5 mL", "less than nothing"),
        ("acetone=lots", "lots"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(
    lab: str, call: Callable[..., Any], said: str, why: str
) -> None:
    refused = call("set", lab, "vial", "--holds", said)
    assert refused.exit_code != 0
    assert why in str(refused.exception)


def test_a_place_that_the_lab_does_not_have_is_refused(lab: str, call: Callable[..., Any]) -> None:
    refused = call("set", lab, "vial", "--place", "plaet")
    assert isinstance(refused.exception, UsageError)
    assert "did you mean 'plate'" in str(refused.exception).lower()
    assert call("set", lab, "vial", "--place", "bottle").exit_code == 0


def test_open_vessels_go_on_losing_liquid_between_runs(lab: str) -> None:
    """Acetone in an open vial: the upper end stays, the lower end sinks by the stated rate."""
    lost = (Loss("acetone", 2.0, ("acetone",)),)
    stated = VesselStated("vial", "vial-50ml", "rack", {"acetone": Interval.exactly(20.0)}, "me", losses=lost)
    lab_state.correct(lab, replace(stated, as_of="2026-01-01T00:00:00Z"))
    later = lab_state.recall(lab, "2026-01-01T03:00:00Z")
    assert later is not None
    assert later.ledger.vessel("vial").volume == Interval(14.0, 20.0, 20.0)
    capped = replace(stated, closed=True, as_of="2026-01-01T00:00:00Z")
    lab_state.correct(lab, capped)
    later = lab_state.recall(lab, "2026-01-01T03:00:00Z")
    assert later is not None
    assert later.ledger.vessel("vial").volume == Interval.exactly(20.0)


def test_the_total_of_a_mixture_is_remembered_with_its_parts(lab: str, tmp_path: Path) -> None:
    parts = {"water": Interval(9, 10, 11), "acetone": Interval(9, 10, 11)}
    mixed = VesselState("vial-50ml", "rack", parts, total=Interval(19.9, 20, 20.1))
    lab_state.remember_end(LAB, tmp_path / "run-2", RunState(ledger=Ledger({"vial": mixed})))
    remembered = lab_state.recall(lab)
    assert remembered is not None
    assert remembered.ledger.vessel("vial").volume == Interval(19.9, 20, 20.1)
