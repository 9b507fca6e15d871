"""`--simulate` never opens a real port: no device file, no socket, whatever the lab file says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

REAL = {
    "dispenser": ("port", "/dev/ttyUSB97"),
    "stirrer": ("port", "socket://127.0.0.1:9"),
    "camera": ("source", "/dev/video97"),
}
DOORS = (
    "serial",
    "labcore.wire.serial_link",
    "labcore.wire.tcp_link",
    "labcore_camera.capture",
    "labcore_camera.connect",
)
# OpenCV opens cameras without Python noticing, so the modules that lead to the outside are looked at, too.
PROGRAM = f"""
    import json, sys

    opened = []

    def watch(event, args):
        if event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
            opened.append(f"{{event}} {{args[1:]}}")
        if event == "open" and str(args[0]).startswith(("/dev/tty", "/dev/video")):
            opened.append(f"{{event}} {{args[0]}}")

    sys.addaudithook(watch)
    from labcore.cli.main import main
    sys.argv[0] = "labcore"
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    else:
        code = 0
    doors = [name for name in {DOORS} if name in sys.modules]
    print(json.dumps({{"code": code, "opened": opened, "doors": doors}}), file=sys.__stderr__)
"""


def lab_with(protocols: Path, folder: Path, *real: str) -> Path:
    """Write the robot lab with some of its devices at real addresses where there is nothing."""
    lab = yaml.safe_load((protocols / "polyamic_acid" / "robot.yaml").read_text(encoding="utf-8"))
    for name in real:
        key, address = REAL[name]
        assert lab["devices"][name][key].startswith("sim://")
        lab["devices"][name][key] = address
    path = folder / "lab.yaml"
    path.write_text(yaml.safe_dump(lab), encoding="utf-8")
    return path


def watched(protocols: Path, folder: Path, lab: Path, *more: str) -> dict[str, Any]:
    """Run the protocol; return its exit code, what it opened, and which modules that open something it loaded."""
    protocol = protocols / "polyamic_acid" / "protocol.yaml"
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), "run", str(protocol), "--lab", str(lab)]
    env = {**os.environ, "LABCORE_STATE": str(folder / "state")}
    done = subprocess.run(
        [*command, "--set", "watch=60 s", "--quiet", *more],
        capture_output=True, text=True, cwd=folder, env=env, timeout=100, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return dict(json.loads(done.stderr.splitlines()[-1]))


def test_a_lab_of_real_ports_is_simulated_without_touching_one(protocols: Path, tmp_path: Path) -> None:
    lab = lab_with(protocols, tmp_path, *REAL)
    assert "sim://" not in lab.read_text(encoding="utf-8")
    seen = watched(protocols, tmp_path, lab, "--simulate", "--seed", "3")
    assert seen == {"code": 0, "opened": [], "doors": []}
    assert (tmp_path / "state" / "locks").exists() is False  # simulated devices take no lock


@pytest.mark.skipif(os.name == "nt", reason="ports are named the POSIX way")
@pytest.mark.parametrize(
    ("device", "opened", "doors"),
    [
        ("dispenser", ["open /dev/ttyUSB97"], {"serial", "labcore.wire.serial_link"}),
        ("stirrer", ["socket.connect (('127.0.0.1', 9),)"], {"labcore.wire.tcp_link"}),
        ("camera", [], {"labcore_camera.capture", "labcore_camera.connect"}),
    ],
)
def test_a_real_run_would_be_noticed(
    protocols: Path, tmp_path: Path, device: str, opened: list[str], doors: set[str]
) -> None:
    seen = watched(protocols, tmp_path, lab_with(protocols, tmp_path, device), "--yes")
    assert seen["code"] == 4
    assert set(opened) <= set(seen["opened"])
    assert set(seen["doors"]) == doors
    assert any((tmp_path / "state" / "locks").iterdir())
