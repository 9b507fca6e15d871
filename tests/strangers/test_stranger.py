"""The package of docs/tutorials/your-own-driver.md, taken from the page, built, installed and run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorials" / "your-own-driver.md"
BLOCK = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
CODE = (".py", ".toml")
Environment = Callable[..., tuple[Path, dict[str, str]]]


def files() -> dict[str, str]:
    """Return the files that the page shows."""
    return dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's package as a folder."""
    folder = tmp_path_factory.mktemp("labcore-lamp")
    for name, text in files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "labcore_lamp" / "__init__.py").touch()
    return folder


@pytest.fixture(scope="module")
def lab(
    package: Path, environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Any]:
    """A function that runs labcore in an environment that has the stranger's package."""
    out = tmp_path_factory.mktemp("stranger")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(package)]
    subprocess.run(build, check=True, capture_output=True)
    bin_, variables = environment(next(out.glob("*.whl")))

    def labcore(*arguments: str) -> Any:
        command = [str(bin_ / "labcore"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=variables, cwd=package, timeout=60)

    return labcore


def test_it_is_under_eighty_lines_of_code() -> None:
    lines = [line for name, text in files().items() if name.endswith(CODE) for line in text.splitlines()]
    code = [line for line in lines if line.strip()]
    assert {name for name in files() if name.endswith(CODE)} >= {
        "pyproject.toml", "labcore_lamp/driver.py", "labcore_lamp/simulator.py", "labcore_lamp/verb.py",
    }  # fmt: skip
    assert len(code) < 80, f"{len(code)} lines"
    assert f"as a package: {len(code)} lines" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_three_parts_are_found(lab: Callable[..., Any]) -> None:
    listed = json.loads(lab("plugins", "--json").stdout)
    mine = {(one["kind"], one["name"]) for one in listed if one["distribution"] == "labcore-lamp"}
    assert mine == {("drivers", "dimmer"), ("simulators", "dimmer"), ("verbs", "illuminate")}
    assert not [one for one in listed if one["failure"]]
    others = {one["distribution"] for one in listed}
    assert others == {"labcore", "labcore-simulators", "labcore-lamp"}, "the environment is not clean"


def test_check_knows_the_new_verb_and_its_units(lab: Callable[..., Any], package: Path) -> None:
    done = lab("check", "protocol.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = package / "wrong.yaml"
    wrong.write_text((package / "protocol.yaml").read_text().replace("60 %", "60 rpm"), encoding="utf-8")
    refused = lab("check", "wrong.yaml", "--lab", "lab.yaml")
    assert refused.returncode == 1
    assert "wrong.yaml:8" in refused.stdout + refused.stderr


def test_it_runs_and_every_byte_was_intended_before(lab: Callable[..., Any]) -> None:
    done = lab("simulate", "protocol.yaml", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(line) for line in lab("events", "last", "--json").stdout.splitlines()]
    acts = [one for one in events if one["kind"] in ("intended", "settled", "stop_settled")]
    told = [(one["kind"], one["data"].get("status") or one["data"]["frames"]) for one in acts]
    assert told == [
        ("intended", ["P 60"]), ("settled", "done"), ("intended", ["P 0"]), ("settled", "done"), ("stop_settled", "halted"),
    ]  # fmt: skip
    assert {event["source"] for event in events if event["device"]} == {"simulated"}
    assert events[-1]["data"]["outcome"] == "done"
    shown = lab("events", "last").stdout.splitlines()
    promised = re.findall(r"^ +\d+ +\d:\d\d:\d\d .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert promised
    assert [line for line in promised if line not in shown] == [], (
        "the run does not print what the page shows"
    )


def test_the_stop_verb_finds_what_switches_the_lamp_off(lab: Callable[..., Any], package: Path) -> None:
    text = (package / "protocol.yaml").read_text(encoding="utf-8")
    (package / "stopped.yaml").write_text(text + "  - stop: lamp\n  - wait: 1 min\n", encoding="utf-8")
    done = lab("simulate", "stopped.yaml", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(line) for line in lab("events", "last", "--json").stdout.splitlines()]
    off = [(one["step"], one["data"]["frames"]) for one in events if one["kind"] == "intended"]
    assert off == [("1", ["P 60"]), ("3", ["P 0"])], "nothing is left to switch off at the end"


def test_past_its_limit_nothing_is_sent(lab: Callable[..., Any], package: Path) -> None:
    limited = package / "limited.yaml"
    limited.write_text(
        (package / "lab.yaml").read_text() + "limits:\n  lamp: {power: {max: 50 %}}\n", encoding="utf-8"
    )
    refused = lab("check", "protocol.yaml", "--lab", "limited.yaml")
    assert refused.returncode == 1
    assert "50 %" in refused.stdout + refused.stderr
