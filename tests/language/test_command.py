"""`labcore check`, `plan` and `schema` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from labcore.cli.main import app
from labcore.errors import UsageError

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "protocols" / "titration" / "protocol.yaml"
WRONG = "labcore: 1\nname: Wrong\nsteps:\n  - wait: 5\n  - stirr: {}\n"


def run(*args: str | Path) -> Any:
    return CliRunner().invoke(app, [str(one) for one in args])


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG, encoding="utf-8")
    return file


def test_what_is_right_ends_with_0_and_says_with_which_lab() -> None:
    done = run("check", EXAMPLE)
    assert done.exit_code == 0
    assert str(EXAMPLE.parent / "lab.yaml") in done.stdout
    assert "no problems" in done.stdout


def test_problems_end_with_1_and_show_line_and_caret(wrong: Path) -> None:
    done = run("check", wrong)
    assert done.exit_code == 1
    lines = done.stderr.split("\n")
    assert lines[0] == f"E301 {wrong}:4:11 wait: duration: '5' has no unit. Write the unit, like 30 s."
    assert lines[1:3] == ["   4 |   - wait: 5", "     |           ^"]
    assert "Did you mean 'stir'?" in done.stderr
    assert "2 errors" in done.stdout
    assert "built-in simulated bench" in done.stdout


def test_machines_read_json(wrong: Path) -> None:
    done = run("check", wrong, "--json")
    assert done.exit_code == 1
    data = json.loads(done.stdout)
    assert data["ok"] is False
    first = data["problems"][0]
    assert (first["code"], first["line"], first["column"], first["end_column"]) == ("E301", 4, 11, 12)
    assert (first["severity"], first["step"], first["file"]) == ("error", "wait", str(wrong))
    assert first["remedy"] == "Write the unit, like 30 s."


def test_strict_lets_warnings_fail(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "labcore: 1\nname: x\ndevices: {stirrer: [heating]}\nsteps:\n"
        "  - heat: {device: stirrer, temperature: 40 °C, reach: true}\n",
        encoding="utf-8",
    )
    assert run("check", file).exit_code == 0
    assert run("check", file, "--strict").exit_code == 1


def test_set_reaches_the_check() -> None:
    assert run("check", EXAMPLE, "--set", "speed=500 rpm").exit_code == 0
    assert run("check", EXAMPLE, "--set", "sped=500 rpm").exit_code == 1


def test_a_problem_in_a_called_file_is_shown_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(WRONG, encoding="utf-8")
    outer = tmp_path / "outer.yaml"
    outer.write_text("labcore: 1\nname: Outer\nsteps:\n  - call: inner.yaml\n", encoding="utf-8")
    done = run("check", outer)
    assert "E301 inner.yaml:4:11" in done.stderr
    assert "   4 |   - wait: 5" in done.stderr


def test_plan_shows_times_and_devices() -> None:
    done = run("plan", EXAMPLE)
    assert done.exit_code == 0
    assert "dispense 10 mL acid into beaker" in done.stdout
    assert "dispense 10 mL acid into beaker  [dispenser]" in done.stdout


def test_plan_says_what_was_worked_out(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    steps = "  - dispense: {material: acetone, into: reactor, to_total: 20 mL}\n"
    file.write_text(f"labcore: 1\nname: x\nsteps:\n{steps}", encoding="utf-8")
    done = run("plan", file)
    assert "dispense up to 20 mL acetone into reactor  [dispenser]" in done.stdout
    file.write_text(
        f"labcore: 1\nname: x\nsteps:\n{steps}{steps.replace('20 mL', '30 mL')}", encoding="utf-8"
    )
    assert "dispense up to 30 mL acetone into reactor  [dispenser, 10 mL]" in run("plan", file).stdout


def test_plan_as_data() -> None:
    data = json.loads(run("plan", EXAMPLE, "--json").stdout)
    assert data["name"].startswith("Titration")
    assert data["timeline"][0]["devices"] == ["dispenser"]
    assert data["timeline"][0]["changes"][0]["volume"]["mid"] == 10.0
    assert data["duration_s"] > 0


def test_plan_refuses_what_is_wrong(wrong: Path) -> None:
    done = run("plan", wrong)
    assert done.exit_code == 1
    assert "E301" in done.stderr


@pytest.mark.parametrize("kind", ["protocol", "lab"])
def test_schema_is_json(kind: str) -> None:
    assert json.loads(run("schema", kind).stdout)["title"] == f"labcore {kind}"


def test_schema_of_something_else() -> None:
    done = run("schema", "robot")
    assert isinstance(done.exception, UsageError)
