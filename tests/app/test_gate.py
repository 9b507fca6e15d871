"""The gate of a real run: devices answered, nothing moved, one confirmation; a refused run is on record as stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import labcore
from labcore.app.gate import Gate
from labcore.errors import DecisionNeeded

LAB = """
lab: gated bench
devices:
  stirrer: {driver: ika-namur, port: "sim://ika-rct", watchdog: null}
  dispenser: {driver: gantry-dispenser, port: "sim://gantry", syringe: 25 mL}
positions:
  stirrer: {fits: vial-50ml, station: stirrer}
stock:
  water: {in: bottle/1, volume: 250 mL}
vessels:
  vial: {at: stirrer, labware: vial-50ml, empty: true}
limits: {stirrer: {speed: {max: 800 rpm}}}
"""
PROTOCOL = """
labcore: 1
name: Gated
steps:
  - note: begun
  - when: "1 > 2"
    then:
      - stir: {vessel: vial, speed: 300 rpm}
      - dispense: {material: water, into: vial, volume: 5 mL}
finally:
  - note: clean
"""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    (tmp_path / "protocol.yaml").write_text(PROTOCOL, encoding="utf-8")
    return tmp_path


def journal(bench: Path, invoke: Callable[..., Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in invoke("events", "last", "--json").stdout.splitlines()]


@pytest.fixture
def invoke(bench: Path) -> Callable[..., Any]:
    from labcore.cli.main import app

    def call(*args: str, stdin: str = "") -> Any:
        return CliRunner().invoke(app, list(args), input=stdin)

    return call


def test_a_program_is_told_everything_before_anything_moves(bench: Path) -> None:
    seen: list[Gate] = []

    def confirm(gate: Gate) -> bool:
        seen.append(gate)
        return True

    run = labcore.run("protocol.yaml", lab="lab.yaml", confirm=confirm)
    assert run.word == "done"
    gate = seen[0]
    assert len(seen) == 1
    assert (gate.protocol, gate.lab, gate.rehearsal) == ("Gated", "gated bench", True)
    devices = {device.name: device for device in gate.devices}
    assert devices["stirrer"].identity == "IKA RCT digital"
    assert "Grbl" in devices["dispenser"].identity or "GRBL" in devices["dispenser"].identity
    assert devices["stirrer"].limits[0] == "speed at least 0 rpm, at most 800 rpm"
    assert [(one.vessel, one.place, one.by) for one in gate.bench if one.vessel == "vial"] == [
        ("vial", "stirrer", "lab file")
    ]
    assert any("no watchdog" in hazard for hazard in gate.hazards)
    assert ["stir" in step or "dispense" in step for step in gate.first] == [True, True]


def test_a_refusal_ends_the_run_as_stopped_without_its_clean_up(bench: Path, invoke: Any) -> None:
    with pytest.raises(DecisionNeeded, match="not confirmed; nothing was moved"):
        labcore.run("protocol.yaml", lab="lab.yaml", confirm=lambda gate: False)
    events = journal(bench, invoke)
    kinds = [event["kind"] for event in events]
    assert kinds.count("device_connected") == 2
    assert not {"step_started", "intended", "noted"} & set(kinds)
    ended = events[-1]
    assert (ended["kind"], ended["data"]["outcome"]) == ("run_ended", "stopped")
    assert "interrupted" not in invoke("runs").stdout


def test_the_gate_is_not_asked_in_a_simulation(bench: Path) -> None:
    def never(gate: Gate) -> bool:
        raise AssertionError

    assert labcore.simulate("protocol.yaml", lab="lab.yaml", confirm=never).word == "done"


def test_what_stands_where_survives_a_refused_run(bench: Path, invoke: Any) -> None:
    assert invoke(
        "lab", "set", "gated bench", "vial", "--place", "stirrer", "--holds", "water=7 mL", "--by", "Ada"
    )
    labcore.run("protocol.yaml", lab="lab.yaml")
    invoke("lab", "set", "gated bench", "vial", "--place", "stirrer", "--holds", "water=9 mL", "--by", "Ada")
    seen: list[Gate] = []
    for _ in range(2):
        with pytest.raises(DecisionNeeded):
            labcore.run("protocol.yaml", lab="lab.yaml", confirm=lambda gate: bool(seen.append(gate)))
    vials = [one for gate in seen for one in gate.bench if one.vessel == "vial"]
    assert [round(one.contents["water"].mid, 3) for one in vials] == [9.0, 9.0]
    assert vials[0].by == "Ada"


@pytest.mark.parametrize(
    ("options", "stdin", "code"), [((), "", 5), ((), "n\n", 5), ((), "y\n", 0), (("--yes",), "", 0)]
)
def test_the_command_shows_who_answered_and_asks_once(
    bench: Path, invoke: Any, options: tuple[str, ...], stdin: str, code: int
) -> None:
    done = invoke("run", "protocol.yaml", "--lab", "lab.yaml", *options, stdin=stdin)
    shown = done.output
    assert "A rehearsal of 'Gated' in: gated bench" in shown
    assert (
        "device stirrer: ika-namur at sim://ika-rct (simulated): IKA RCT digital, serial number not told"
        in shown
    )
    assert "speed at least 0 rpm, at most 800 rpm" in shown
    assert "vial at stirrer" in shown
    assert "(by lab file)" in shown
    assert shown.count("may it begin?") == (0 if options else 1)
    assert (done.exit_code if not isinstance(done.exception, DecisionNeeded) else 5) == code


def test_what_is_unknown_refuses_even_yes_before_a_device_is_touched(bench: Path, invoke: Any) -> None:
    (bench / "lab.yaml").write_text(LAB.replace("at: stirrer, labware", "labware"), encoding="utf-8")
    done = invoke("run", "protocol.yaml", "--lab", "lab.yaml", "--yes")
    assert done.exit_code != 0
    assert not list(bench.glob("runs/*"))
