"""The kill experiment: SIGKILL while a pump gives a dose, start again as documented, until the doses are through.

The pump is in this process and counts; it knows nothing of anybody's record. Whoever drives it is killed at a random
moment of a dose or shortly after it (a dose takes ACT_S, the moment lies within 1.5 times that), and started again.
Afterwards the pump's counts are compared with what the record claims.
"""

from __future__ import annotations

import json
import os
import queue
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environment import HERE
from processes import NotMeasured
from pump import ACT_S, Pump
from texts import DOSES
from timing import scaled

KILLS = 50
LIMIT = 60.0  # s for one process between two kills


@dataclass(frozen=True)
class Subject:
    """Who is killed: what starts it, what starts it again, what tells its record."""

    name: str
    script: tuple[Path, Path]
    first: str
    again: str
    gated: bool = False


def subjects(labcore: Path, peers: Path) -> tuple[Subject, ...]:
    """Return who takes part."""
    ours, theirs = (labcore, HERE / "subject_kill.py"), (peers, HERE / "peer_dbos.py")
    return (
        Subject("labcore, nobody asked (--policy resume)", ours, "begin", "policy", gated=True),
        Subject("labcore, a person reads the pump's counter", ours, "begin", "person", gated=True),
        Subject("DBOS on SQLite, recovers by itself", theirs, "go", "go"),
    )


def experiment(subject: Subject, environment: Mapping[str, str], kills: int | None = None) -> dict[str, Any]:
    """Kill it so often and return the counts; NotMeasured if a process hangs or fails by itself."""
    rng, left, total = random.Random(3), kills or scaled(KILLS, least=3), _Counts()
    while left > 0:
        with tempfile.TemporaryDirectory() as name, Pump() as pump:
            one = _Life(subject, Path(name), pump, {**environment, "LABCORE_STATE": f"{name}/state"})
            killed = one.until_done(rng, left)
            left -= killed
            total.add(killed, one.report(), pump.given)
    return {"subject": subject.name, "gated": subject.gated, **vars(total)}


@dataclass
class _Counts:
    """What came of it, in doses. `untold`: given or not given contrary to the record, and the record does not say so."""

    runs: int = 0
    kills: int = 0
    doses: int = 0
    twice: int = 0
    untold: int = 0
    unknown: int = 0

    def add(self, kills: int, record: Mapping[int, str], given: Mapping[int, int]) -> None:
        """Count one run that came to its end."""
        self.runs += 1
        self.kills += kills
        self.doses += DOSES
        for number in range(1, DOSES + 1):
            claim, times = record.get(number, ""), given.get(number, 0)
            self.twice += max(0, times - 1)
            self.unknown += claim == "unknown"
            self.untold += claim != "unknown" and (claim == "done") != (times > 0)


@dataclass
class _Life:
    """One run of a subject, through all its processes."""

    subject: Subject
    folder: Path
    pump: Pump
    environment: Mapping[str, str]

    def until_done(self, rng: random.Random, most: int) -> int:
        """Start it until its doses are through; return how often it was killed (at most `most` times)."""
        kills, what = 0, self.subject.first
        while True:
            self.pump.forget_arrivals()
            process = self._start(what)
            try:
                if kills < most and self._dose_begins(process, rng.randint(1, 2)):
                    time.sleep(rng.uniform(0, 1.5 * ACT_S))
                if kills >= most or process.poll() is not None:
                    self._ends(process)
                    return kills
            finally:
                process.kill()
                process.wait()
            kills, what = kills + 1, self.subject.again

    def report(self) -> dict[int, str]:
        """Return what the record claims of every dose."""
        said = self._start("report", subprocess.PIPE)
        out, _ = said.communicate(timeout=LIMIT)
        record = json.loads(out)
        if record["ended"] != "done":
            raise NotMeasured(f"{self.subject.name}: the run ended as {record['ended']}")
        return {int(number): claim for number, claim in record["claimed"].items()}

    def _start(self, what: str, out: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        python, script = self.subject.script
        command = [python, script, self.folder, str(self.pump.port), what]
        return subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env=self.environment)

    def _dose_begins(self, process: subprocess.Popen[bytes], number: int) -> bool:
        """Wait for the dose number `number` of this process; False if it ends before."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            try:
                self.pump.arrivals.get(timeout=0.05)
            except queue.Empty:
                if process.poll() is not None:
                    return False
                continue
            number -= 1
            if not number:
                return True
        raise NotMeasured(f"{self.subject.name}: no dose within {LIMIT:g} s")

    def _ends(self, process: subprocess.Popen[bytes]) -> None:
        try:
            code = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            raise NotMeasured(f"{self.subject.name}: no end within {LIMIT:g} s") from None
        if code:
            raise NotMeasured(f"{self.subject.name}: exit {code}")


def kill_table(found: list[dict[str, Any]]) -> str:
    """Return the counts as a Markdown table."""
    head = ("subject", "kills", "doses", "given twice", "other than recorded", "declared unknown", "verdict")
    lines = [head, *(_cells(one) for one in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    shown = [
        "| " + " | ".join(t.ljust(w) for t, w in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    shown.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(shown)


def holds(one: Mapping[str, Any]) -> bool:
    """Say whether what labcore promises was kept: no dose twice, none other than recorded."""
    return not one["gated"] or not (one["twice"] or one["untold"])


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    verdict = "information" if not one["gated"] else "holds" if holds(one) else "misses"
    counts = (str(one[key]) for key in ("kills", "doses", "twice", "untold", "unknown"))
    return (one["subject"], *counts, verdict)


def main() -> None:
    """Run the experiment alone: kills.py PEERS_PYTHON [KILLS]."""
    kills = int(sys.argv[2]) if sys.argv[2:] else None
    taking_part = subjects(Path(sys.executable), Path(sys.argv[1]))
    print(kill_table([experiment(one, os.environ, kills) for one in taking_part]))


if __name__ == "__main__":
    main()
