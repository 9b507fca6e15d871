"""Measure CPU time and print it as JSON lines, each figure beside a yardstick taken at the same moment.

Imported by every subject, ours and the peers', so that all are measured alike. CPU time counts, not wall time: machines
are shared. One *yardstick unit* (yu) is one pass of a fixed loop of pure Python (a small dict, an f-string, a SHA-256),
about 0.5 us of CPU on the machine of the published anchors; figures of two machines are compared in yu.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from typing import Any

PASSES = 20_000
REFERENCE_YU = 0.5e-6  # s of CPU for one yu on the machine that gates in seconds were set on


def scaled(count: int, least: int = 1) -> int:
    """Return `count` times BENCH_SCALE (default 1)."""
    return max(least, int(count * float(os.environ.get("BENCH_SCALE", "1"))))


def yardstick() -> float:
    """Return the CPU seconds that one unit takes now."""
    table: dict[int, bytes] = {}
    start = time.process_time()
    for number in range(PASSES):
        table[number & 255] = hashlib.sha256(f"{number}:{len(table)}".encode()).digest()
    return (time.process_time() - start) / PASSES


def emit(metric: str, **figures: Any) -> None:
    """Print one figure."""
    print(json.dumps({"metric": metric, **figures}), flush=True)


def measure(metric: str, ready: Callable[[int], Callable[[], object]], count: int) -> None:
    """Run the job that `ready(count)` returns once, after a warm-up a tenth as long.

    Prints CPU and wall us per operation and yu per operation; what `ready` does itself is not measured.
    """
    ready(max(1, count // 10))()
    job = ready(count)
    before = yardstick()
    wall, cpu = time.perf_counter(), time.process_time()
    job()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    unit = (before + yardstick()) / 2
    emit(metric, count=count, cpu_us=cpu / count * 1e6, wall_us=wall / count * 1e6, yu=cpu / count / unit)
