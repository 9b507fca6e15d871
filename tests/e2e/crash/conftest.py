"""`labcore torture` in a process of its own, with a stranger's pump installed beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PROTOCOLS = HERE / "protocols"
PUMP = """
lab: Pump bench
devices: {{pump: {{driver: counting-pump, port: "sim://counting-pump", tells: {tells}}}}}
positions: {{bench: {{fits: vial-50ml, reach: [pump]}}}}
stock: {{water: {{in: bottle/1, volume: 200 mL, labware: bottle-500ml, reach: [pump], solvent: water}}}}
vessels: {{a: {{at: bench, labware: vial-50ml, empty: true, closed: true}}}}
world: {{pump: {{bug: "{bug}"}}}}
"""
DOSE = """
labcore: 1
name: One dose
vessels: {a: {labware: vial-50ml}}
materials: {water: {}}
devices: {pump: [dosing]}
steps:
  - note: before
  - dispense: {material: water, into: a, volume: 2 mL}
    MORE
  - note: after
"""


@dataclass
class Tortured:
    """What the command said."""

    code: int
    data: dict[str, Any]
    page: str
    err: str

    @property
    def numbers(self) -> dict[str, Any]:
        return self.data["numbers"]  # type: ignore[no-any-return]

    @property
    def failing(self) -> list[dict[str, Any]]:
        return [one for one in self.data["trials"] if "replay" in one]


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """Environment variables under which the pump is an installed distribution."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "pump.py").write_text((HERE / "pump.py").read_text(encoding="utf-8"), encoding="utf-8")
    about = folder / "pump-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: pump\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(
        "[labcore.drivers]\ncounting-pump = pump:PumpDriver\n\n[labcore.simulators]\ncounting-pump = pump:PumpSimulator\n",
        encoding="utf-8",
    )
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "LABCORE_STATE": str(tmp_path / "state")}


@pytest.fixture
def torture(tmp_path: Path, installed: dict[str, str]) -> Callable[..., Tortured]:
    """Torture a protocol (a file, or one of this folder's by name) and return the report."""

    def call(
        protocol: str | Path, *args: str, lab: Path = PROTOCOLS / "lab.yaml", limit: float = 900
    ) -> Tortured:
        path = PROTOCOLS / f"{protocol}.yaml" if isinstance(protocol, str) else protocol
        out = tmp_path / "torture.html"
        command = [
            sys.executable,
            "-m",
            "labcore.cli.main",
            "torture",
            str(path),
            "--lab",
            str(lab),
            "--json",
        ]
        done = subprocess.run(
            [*command, "--out", str(out), *args],
            capture_output=True,
            text=True,
            env=installed,
            timeout=limit,
            cwd=tmp_path,
        )
        assert done.returncode in (0, 4), f"{done.returncode}: {done.stdout}\n{done.stderr}"
        return Tortured(
            done.returncode, json.loads(done.stdout), out.read_text(encoding="utf-8"), done.stderr
        )

    return call


@pytest.fixture
def one_dose(tmp_path: Path, torture: Callable[..., Tortured]) -> Callable[..., Tortured]:
    """Torture a single dose of the stranger's pump; `more` are the step's modifiers, `tells` that it can be asked."""

    def call(*args: str, more: str = "", tells: bool = False, bug: str = "") -> Tortured:
        protocol, lab = tmp_path / "dose.yaml", tmp_path / "pump.yaml"
        protocol.write_text(DOSE.replace("MORE", more), encoding="utf-8")
        lab.write_text(PUMP.format(tells=str(tells).lower(), bug=bug), encoding="utf-8")
        return torture(protocol, *args, lab=lab)

    return call
