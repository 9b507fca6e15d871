"""`--simulate` never opens a real port: no device file, no socket, whatever the lab file says."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

PROGRAM = """
    import sys

    opened = []

    def watch(event, args):
        if event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
            opened.append((event, str(args[1:])))
        if event == "open" and isinstance(args[0], str) and (args[0].startswith("/dev/tty") or args[0].startswith("/dev/video")):
            opened.append((event, args[0]))

    sys.addaudithook(watch)
    from labcore.cli.main import app
    try:
        app(sys.argv[1:])
    except SystemExit as end:
        code = end.code
    assert not opened, opened
    sys.exit(code or 0)
"""


def test_a_lab_of_real_ports_is_simulated_without_touching_one(protocols: Path, tmp_path: Path) -> None:
    lab = (protocols / "polyamic_acid" / "robot.yaml").read_text(encoding="utf-8")
    real = (
        lab.replace("sim://gantry", "/dev/ttyUSB0")
        .replace("sim://ika-rct", "socket://127.0.0.1:9")
        .replace('"sim://camera"', "0")
    )
    assert "sim://" not in real
    (tmp_path / "real.yaml").write_text(real, encoding="utf-8")
    command = [
        sys.executable, "-c", textwrap.dedent(PROGRAM), "run", str(protocols / "polyamic_acid" / "protocol.yaml"),
        "--lab", str(tmp_path / "real.yaml"), "--simulate", "--seed", "3", "--set", "watch=60 s", "--quiet",
    ]  # fmt: skip
    env = {**os.environ, "LABCORE_STATE": str(tmp_path / "state")}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "state" / "locks").exists() is False  # simulated devices take no lock
