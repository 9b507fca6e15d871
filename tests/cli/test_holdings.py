"""What is uncertain is said: while one looks, and at the end of a run that did not go as planned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from labcore.cli.holdings import uncertain, vessel_text
from labcore.cli.main import app
from labcore.model.interval import Interval
from labcore.model.vessel import VesselState

PROTOCOL = """
labcore: 1
name: cut
vessels: {reactor: {labware: vial-50ml}}
materials: {acetone: {}}
devices: {dispenser: [dosing]}
steps:
  - dispense: {material: acetone, into: reactor, volume: 20 mL}
    timeout: 60 s
  - wait: 1 h
  - dispense: {material: acetone, into: reactor, volume: 20 mL}
    timeout: 12 s
"""
LAB = """
lab: cutting bench
devices: {dispenser: {driver: gantry-dispenser, port: "sim://gantry", syringe: 25 mL}}
positions: {rack/A1: {fits: vial-50ml}}
stock: {acetone: {in: bottle/1, volume: 400 mL, solvent: acetone}}
vessels: {reactor: {at: rack/A1, labware: vial-50ml}}
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))
    (tmp_path / "protocol.yaml").write_text(PROTOCOL, encoding="utf-8")
    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    return tmp_path


def test_a_run_that_was_cut_ends_with_what_is_uncertain(files: Path) -> None:
    ended = CliRunner().invoke(app, ["simulate", "protocol.yaml", "--quiet"])
    lines = [line for line in ended.output.splitlines() if line.startswith("uncertain: ")]
    assert len(lines) == 1, ended.output
    assert lines[0].startswith("uncertain: reactor at rack/A1: ")
    assert "may have evaporated" in lines[0]


def test_show_gives_low_middle_and_high_of_every_vessel(files: Path) -> None:
    CliRunner().invoke(app, ["simulate", "protocol.yaml", "--quiet"])
    found = json.loads(CliRunner().invoke(app, ["show", "last", "--json"]).output)
    held = found["vessels"]["reactor"]
    assert held["volume"]["low"] < held["volume"]["mid"] < held["volume"]["high"]
    assert held["evaporated"] == pytest.approx(4.78, rel=0.02)  # an hour of an open vial of acetone
    assert held["contents"]["acetone"] == held["volume"]
    assert "reactor at rack/A1: " in CliRunner().invoke(app, ["show", "last"]).output


def test_the_sum_of_a_mixture_stands_before_its_parts() -> None:
    parts = {"water": Interval(9, 10, 11), "acetone": Interval(4, 5, 6)}
    mixed = VesselState("vial-50ml", "rack", parts, total=Interval(14.9, 15, 15.1))
    assert vessel_text("vial", mixed).startswith(
        "vial at rack: 15 mL [14.9 to 15.1]: 10 mL water [9 to 11], "
    )


def test_what_is_known_well_enough_is_not_called_uncertain() -> None:
    sure = VesselState("vial-50ml", "rack", {"water": Interval(19.8, 20, 20.2)})
    lost = VesselState("vial-50ml", None, {"water": Interval(19.8, 20, 20.2)})
    vague = VesselState("vial-50ml", "rack", {"water": Interval(0, 10, 20)})
    drop = VesselState("vial-50ml", "rack", {"water": Interval(0.0, 0.02, 0.05)})
    assert [line.split()[0] for line in uncertain({"a": sure, "b": lost, "c": vague, "d": drop})] == [
        "b",
        "c",
    ]
