"""Who may import whom (the contracts are in pyproject.toml)."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

NEEDED = {
    "One direction", "The core cannot do I/O", "Simulators know neither drivers nor engine", "Plugins stay outside",
    "Nothing inside labcore knows a plugin", "Built-in verbs import what a plugin may",
}  # fmt: skip


def test_every_contract_is_kept(root: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, timeout=100)
    assert done.returncode == 0, done.stdout[done.stdout.find("Contracts") :] + done.stderr


def test_no_contract_was_dropped(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert {one["name"] for one in settings["contracts"]} >= NEEDED
    plugins = {path.name.replace("-", "_") for path in (root / "plugins").glob("labcore-*")}
    assert plugins | {"labcore", "labcore_simulators"} <= set(settings["root_packages"]), (
        "a plugin is outside the contracts"
    )
    stay_outside = next(one for one in settings["contracts"] if one["name"] == "Plugins stay outside")
    assert plugins <= set(stay_outside["source_modules"])
