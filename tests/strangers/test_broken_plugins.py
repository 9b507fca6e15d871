"""A plugin that raises, exits or hangs at import leaves the others working and is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULES = {
    "raises": "raise RuntimeError('no licence file')",
    "leaves": "import sys; sys.exit(3)",
    "hangs": "import threading; threading.Event().wait()",
    "speaks": "class Driver: pass",
}
LOOK = """
import json
from labcore.adapters.entry_points import EntryPointCatalog
from labcore.errors import PluginError
catalog, found = EntryPointCatalog(limit=1.0), {}
for name in ("raises", "leaves", "hangs", "speaks", "ika-namur"):
    try:
        found[name] = catalog.load("drivers", name).__name__
    except PluginError as error:
        found[name] = f"{error.plugin}: {error}"
print(json.dumps(found))
"""
LAB = """lab: One broken driver
devices:
  pump: {{driver: {driver}, port: "sim://pump"}}
"""


@pytest.fixture
def strangers(tmp_path: Path) -> dict[str, str]:
    """Environment variables under which four more distributions are installed, three of them broken."""
    for name, text in MODULES.items():
        (tmp_path / f"stranger_{name}.py").write_text(text, encoding="utf-8")
        about = tmp_path / f"stranger_{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: stranger-{name}\nVersion: 1.0\n", encoding="utf-8"
        )
        (about / "entry_points.txt").write_text(
            f"[labcore.drivers]\n{name} = stranger_{name}:Driver\n", encoding="utf-8"
        )
    inherited = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    return dict(os.environ) | {"PYTHONPATH": os.pathsep.join(inherited)}


def test_each_is_named_and_the_others_load(strangers: dict[str, str]) -> None:
    pytest.importorskip("labcore_namur")
    done = subprocess.run(
        [sys.executable, "-c", LOOK], capture_output=True, text=True, env=strangers, timeout=60
    )
    found = json.loads(done.stdout)
    assert found["raises"].startswith("stranger-raises 1.0: ")
    assert "no licence file" in found["raises"]
    assert "SystemExit" in found["leaves"]
    assert "longer than 1 s" in found["hangs"]
    assert found["speaks"] == "Driver"
    assert found["ika-namur"] == "IkaNamur"


def test_installed_but_unnamed_they_do_no_harm(strangers: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "protocol.yaml").write_text(
        "labcore: 1\nname: Only a wait\nsteps:\n  - wait: 1 min\n", encoding="utf-8"
    )
    (tmp_path / "lab.yaml").write_text("lab: An empty room\n", encoding="utf-8")
    command = [sys.executable, "-m", "labcore.cli.main", "simulate", "protocol.yaml", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, env=strangers, cwd=tmp_path, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_named_in_a_lab_check_says_which_one_and_why(strangers: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "protocol.yaml").write_text(
        "labcore: 1\nname: Only a wait\nsteps:\n  - wait: 1 min\n", encoding="utf-8"
    )
    (tmp_path / "lab.yaml").write_text(LAB.format(driver="raises"), encoding="utf-8")
    command = [sys.executable, "-m", "labcore.cli.main", "check", "protocol.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, env=strangers, cwd=tmp_path, timeout=60)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "E901 lab.yaml:3" in said
    assert "no licence file" in said
    assert "stranger-raises 1.0" in said
