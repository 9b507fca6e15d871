"""The peers' environment: made once beside this file, made anew when `peers.txt` changes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE / ".peers"
PINS = HERE / "peers.txt"


def peers_python(base: Path) -> Path:
    """Return the interpreter that has the peers, installing them with `base` if need be; CalledProcessError if not."""
    python, stamp = FOLDER / "bin" / "python", FOLDER / "peers.txt"
    pins = PINS.read_text()
    if stamp.exists() and stamp.read_text() == pins:
        return python
    print("installing the peers (once)", file=sys.stderr)
    shutil.rmtree(FOLDER, ignore_errors=True)
    _install(base, python)
    stamp.write_text(pins)
    return python


def _install(base: Path, python: Path) -> None:
    made = subprocess.run([base, "-m", "venv", FOLDER], capture_output=True)
    if made.returncode:  # a Python without ensurepip: another pip serves the new environment
        subprocess.run([base, "-m", "venv", "--clear", "--without-pip", FOLDER], check=True)
        pip = ["python3", "-m", "pip", "--python", str(python)]
    else:
        pip = [str(python), "-m", "pip"]
    command = [*pip, "install", "-qq", "--disable-pip-version-check", "--requirement", str(PINS)]
    subprocess.run(command, check=True, stdout=sys.stderr)
