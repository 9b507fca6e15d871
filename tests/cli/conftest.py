"""The command line in this process, in an empty folder, with one short run to look at."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import labcore
from labcore.cli.errors import report
from labcore.cli.main import app

PROTOCOL = """
labcore: 1
name: small
materials: {acetone: {}}
vessels: {reactor: {labware: vial-50ml}}
devices: {dispenser: [dosing], mover: [placing], stirrer: [stirring]}
steps:
  - place_vial: {vessel: reactor, onto: stirrer}
  - dispense: {material: acetone, into: reactor, volume: 5 mL}
"""


@dataclass
class Result:
    """What a command printed and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return what stdout holds, which must be JSON and nothing else."""
        return json.loads(self.out)


Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call `labcore` as its entry point does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))

    def run(*args: str | Path) -> Result:
        with redirect_stderr(io.StringIO()) as err:
            result = CliRunner().invoke(app, [str(one) for one in args])
            failed = isinstance(result.exception, Exception)  # as `main` does; SystemExit has its code
            code = report(result.exception) if failed else result.exit_code  # type: ignore[arg-type]
        return Result(code, result.stdout, result.stderr + err.getvalue())

    return run


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one short simulated run, to be copied."""
    folder = tmp_path_factory.mktemp("recorded")
    protocol = folder / "small.yaml"
    protocol.write_text(PROTOCOL, encoding="utf-8")
    labcore.simulate(protocol, seed=1, data=folder, language="ja").record.close()
    return folder


@pytest.fixture
def data(recorded: Path, tmp_path: Path) -> Path:
    """A data folder of one's own with the short run."""
    return shutil.copytree(recorded, tmp_path / "labcore-data")


@pytest.fixture
def protocol(recorded: Path, tmp_path: Path) -> Path:
    """The protocol of that run."""
    return Path(shutil.copy(recorded / "small.yaml", tmp_path / "small.yaml"))
