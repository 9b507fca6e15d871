"""How fast a stop is on the wire: the emergency stop from another process, and a stop inside a run (P12).

Every figure is wall time, because that is what counts here; other work on the machine shows in it. Prints one table; exits
with 1 if a gate does not hold. BENCH_SCALE shortens it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stops_in_run import stop_in_run
from timing import scaled

from labcore.adapters.latch import Latch
from labcore.adapters.loopback_client import ask, read_address
from labcore_simulators.instruments.contract import LineSettings
from labcore_simulators.registration import SIMULATORS
from labcore_simulators.serve.serial_line import SerialLine
from labcore_simulators.serve.stage import Stage
from labcore_simulators.serve.wirelog import WireLog
from labcore_simulators.world import World

HERE = Path(__file__).resolve().parent
TRIALS = 200
GATE_MS = 50.0
FRAME_MS = 9 * 10 / 9600 * 1000  # the frame that may be under way on a real line: STOP_1 CR LF at 9600 baud
LAB = {
    "lab": "measured",
    "devices": {"stirrer": {"driver": "ika-namur", "port": "sim://ika-rct"}},
    "positions": {"stirrer": {"station": "stirrer"}},
}


class Heard:
    """A stirrer on the simulators' own wire that says when its heater was told to go off."""

    def __init__(self) -> None:
        world = World.from_lab(LAB, seed=1)
        self._device: Any = SIMULATORS["ika-rct"](world, device="stirrer", options={}, lab=LAB, seed=1)
        self.line: LineSettings | None = None
        self.stopped = threading.Event()
        self.at = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._device, name)

    def feed(self, data: bytes, now: float) -> None:
        """Take bytes, and the time of the first that switch the heater off."""
        if b"STOP_1" in data and not self.stopped.is_set():
            self.at = time.perf_counter()
            self.stopped.set()
        self._device.feed(data, now)


@dataclass(frozen=True)
class Row:
    """One line of the table, ms."""

    what: str
    trials: int
    p50: float
    p99: float
    most: float
    gate: float | None

    @property
    def verdict(self) -> str:
        """Say whether the gate holds."""
        return "information" if self.gate is None else "holds" if self.p99 <= self.gate else "misses"


def row(what: str, seconds: Sequence[float], gate: float | None) -> Row:
    """Return the figures of several trials."""
    ordered = sorted(one * 1000 for one in seconds)
    p99 = ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]
    return Row(what, len(ordered), statistics.median(ordered), p99, ordered[-1], gate)


@contextmanager
def owner(mode: str, folder: Path) -> Iterator[tuple[Heard, dict[str, Any]]]:
    """Serve a stirrer and let a process of its own hold it."""
    stage, device = Stage(), Heard()
    site = SerialLine(stage, "stirrer", device, WireLog(None), host="127.0.0.1", transport="socket")
    stage.start()
    site.start()
    port = site.url.rpartition(":")[2]
    command = [sys.executable, str(HERE / "stops_owner.py"), port, str(folder), mode]
    environment = {**os.environ, "LABCORE_STATE": str(folder / "state")}
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            try:
                assert process.stdout is not None
                if process.stdout.readline() != "ready\n":
                    raise RuntimeError("the owner did not begin")
                address = read_address(folder / "control.json")
                assert address is not None
                yield device, address
            finally:
                process.kill()
    finally:
        site.close()
        stage.close()


def emergency(mode: str, trials: int) -> list[float]:
    """Press again and again; return s from before the request to the safe frames on the simulator's wire."""
    found = []
    with tempfile.TemporaryDirectory() as name, owner(mode, Path(name)) as (device, address):
        for number in range(trials + 1):
            device.stopped.clear()
            began = time.perf_counter()
            for _ in ask(address, {"ask": "estop", "by": "benchmark"}, first=10, within=30):
                pass
            if not device.stopped.wait(5):
                raise RuntimeError("the frames never came")
            if number:  # the first one warms up
                found.append(device.at - began)
    return found


def latching(trials: int) -> list[float]:
    """Return s that writing the latch takes, whole and on disk."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(trials):
            began = time.perf_counter()
            Latch(Path(name) / str(number)).set("benchmark")
            found.append(time.perf_counter() - began)
    return found


def main() -> int:
    """Measure, print, and return 1 if a gate does not hold."""
    trials = scaled(TRIALS, least=10)
    jobs: list[tuple[str, Callable[[], list[float]], float | None]] = [
        ("estop from another process, loop idle", lambda: emergency("idle", trials), GATE_MS + FRAME_MS),
        ("the same, loop busy in 5 ms slices", lambda: emergency("busy", trials), GATE_MS + FRAME_MS),
        ("the same, loop blocked by a driver", lambda: emergency("blocked", trials), GATE_MS + FRAME_MS),
        ("before that: the latch on disk", lambda: latching(trials), None),
        (
            "P12 stop request to the driver's frames",
            lambda: stop_in_run(scaled(50, least=5), stuck=False),
            GATE_MS,
        ),
        (
            "P12 the same with a stuck subscriber",
            lambda: stop_in_run(scaled(50, least=5), stuck=True),
            GATE_MS,
        ),
    ]
    rows = [row(what, job(), gate) for what, job, gate in jobs]
    print(
        "| what | trials | p50 ms | p99 ms | max ms | gate ms (p99) | verdict |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for one in rows:
        gate = "" if one.gate is None else f"{one.gate:.0f}"
        print(
            f"| {one.what} | {one.trials} | {one.p50:.1f} | {one.p99:.1f} | {one.most:.1f} | {gate} | {one.verdict} |"
        )
    return 1 if any(one.verdict == "misses" for one in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
