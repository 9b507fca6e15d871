"""Measure whole processes from start to exit: CPU time, wall time and the most memory, as the kernel counted them."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from timing import yardstick

LIMIT = 600.0  # s for one subject
HEAVY = ("numpy", "cv2", "pint", "ortools")  # what an import of labcore must not load
PROBE = """
import json, sys
sys.argv = ["labcore", *sys.argv[1:]]
try:
    {code}
finally:
    print(json.dumps([name for name in {heavy!r} if name in sys.modules]), file=sys.stderr)
"""


class NotMeasured(Exception):
    """A process that was to be measured failed."""


def whole(
    metric: str, command: Sequence[str | Path], environment: dict[str, str], code: int = 0
) -> dict[str, Any]:
    """Run a command and return its figures; NotMeasured if it ends otherwise than with `code`."""
    with tempfile.TemporaryFile() as said:
        before, start = yardstick(), time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall, unit = time.perf_counter() - start, (before + yardstick()) / 2
        if process.returncode != code:
            said.seek(0)
            raise NotMeasured(
                f"{metric}: exit {process.returncode}: {said.read().decode(errors='replace')[-500:]}"
            )
    cpu = used.ru_utime + used.ru_stime
    return {
        "metric": metric, "count": 1, "cpu_us": cpu * 1e6, "wall_us": wall * 1e6, "yu": cpu / unit,
        "mib": used.ru_maxrss / 1024,
    }  # fmt: skip


def figures(command: Sequence[str | Path], environment: dict[str, str]) -> list[dict[str, Any]]:
    """Run a script that measures itself and return the lines it prints; NotMeasured if it fails."""
    name = " ".join(Path(part).name for part in command[1:])
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, env=environment)
    except subprocess.TimeoutExpired:
        raise NotMeasured(f"{name}: no end within {LIMIT:g} s") from None
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode:
        raise NotMeasured(f"{name}: exit {done.returncode}: {done.stderr.strip()[-500:]}")
    return rows


def heavy_modules(python: Path, environment: dict[str, str]) -> list[str]:
    """Return which heavy modules are loaded by importing labcore or by `labcore --help`."""
    found: set[str] = set()
    for code in ("import labcore", "import labcore.app.api", "from labcore.cli.main import main; main()"):
        probe = PROBE.format(code=code, heavy=HEAVY)
        done = subprocess.run(
            [python, "-c", probe, "--help"], capture_output=True, text=True, env=environment
        )
        if done.returncode or not done.stderr.strip():
            raise NotMeasured(f"{code}: exit {done.returncode}: {done.stderr[-500:]}")
        found |= set(json.loads(done.stderr.splitlines()[-1]))
    return sorted(found)
