"""Measure labcore and its peers in turn, A B C A B C ..., so that a drifting machine hits all alike; print one table."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from environment import HERE, peers_python
from kills import experiment, holds, kill_table
from kills import subjects as killed
from processes import NotMeasured, figures, heavy_modules, whole
from table import as_json, as_table, rows
from texts import day_lab, day_protocol

Figures = list[dict[str, Any]]
OPERATIONS = "144"  # 24 x 6: what the peers do in the time of P9


def subjects(
    labcore: Path, peers: Path, scratch: Path, environment: dict[str, str]
) -> list[Callable[[], Figures]]:
    """Return every measurement, in the order of one round."""

    def script(python: Path, name: str) -> Callable[[], Figures]:
        return lambda: figures([python, HERE / name], environment)

    def process(metric: str, *command: str | Path, code: int = 0) -> Callable[[], Figures]:
        return lambda: [whole(metric, command, environment, code)]

    day, lab, observed = _day(scratch)
    made = _interrupted(labcore, scratch, environment)
    run = (labcore.with_name("labcore"), "run", day, "--simulate", "--quiet", "--data", scratch, "--lab")
    return [
        script(labcore, "subject_runtime.py"),
        script(labcore, "subject_readers.py"),
        script(peers, "peer_bluesky.py"),
        script(peers, "peer_dbos.py"),
        script(peers, "peer_pylabrobot.py"),
        script(labcore, "subject_text.py"),
        script(peers, "peer_text.py"),
        process("labcore.import", labcore, "-c", "import labcore"),
        process("labcore.import.app", labcore, "-c", "import labcore.app.api"),
        process("labcore.help", labcore.with_name("labcore"), "--help"),
        process("bluesky.import", peers, "-c", "import bluesky"),
        process("pylabrobot.import", peers, "-c", "import pylabrobot.liquid_handling"),
        process("labcore.day", *run, lab),
        process("bluesky.whole", peers, HERE / "peer_bluesky.py", OPERATIONS),
        process("pylabrobot.whole", peers, HERE / "peer_pylabrobot.py", OPERATIONS),
        process("labcore.day.notebook", *run, observed),
        process(
            "labcore.restart.json",
            labcore.with_name("labcore"),
            "recover",
            "last",
            "--json",
            "--data",
            made,
            code=5,
        ),
        lambda: [_first_question(labcore, made, environment)],
        process("dbos.start", peers, HERE / "peer_dbos.py", scratch, "0", "start"),
    ]


def _interrupted(labcore: Path, scratch: Path, environment: dict[str, str]) -> Path:
    """Make a run with a journal of 10,000 events that ends in the middle of an act."""
    folder = scratch / "interrupted"
    folder.mkdir()
    whole("making an interrupted run", [labcore, HERE / "subject_restart.py", folder, "make"], environment)
    return folder


def _first_question(labcore: Path, made: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Measure from start to the first question, on a copy: asking leaves its traces in the journal."""
    with tempfile.TemporaryDirectory() as name:
        copy = shutil.copytree(made, Path(name) / "copy")
        return whole(
            "labcore.restart.question", [labcore, HERE / "subject_restart.py", copy, "question"], environment
        )


def _day(scratch: Path) -> tuple[Path, Path, Path]:
    """Write P9's protocol and its labs, without and with an observer."""
    texts = {"day.yaml": day_protocol(), "lab.yaml": day_lab(), "observed.yaml": day_lab("notebook")}
    for name, text in texts.items():
        (scratch / name).write_text(text)
    protocol, lab, observed = (scratch / name for name in texts)
    return protocol, lab, observed


def measure_all(
    rounds: int, jobs: list[Callable[[], Figures]], failures: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield every figure of every round; a job that failed is not tried again."""
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}", file=sys.stderr)
        for job in list(jobs):
            try:
                yield from job()
            except NotMeasured as failure:
                jobs.remove(job)
                failures.append(str(failure))
                print(failure, file=sys.stderr)


def kill_all(
    labcore: Path, peers: Path, environment: dict[str, str], failures: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield the counts of the kill experiment, one subject after the other."""
    for subject in killed(labcore, peers):
        print(f"killing {subject.name}", file=sys.stderr)
        try:
            yield experiment(subject, environment)
        except NotMeasured as failure:
            failures.append(str(failure))
            print(failure, file=sys.stderr)


def main() -> int:
    """Return 0, 1 if something could not be measured or (with --strict) a gate does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--json", action="store_true", help="print a JSON line for each row and each peer's figure"
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 if a gate does not hold")
    given = parser.parse_args()
    labcore = Path(os.environ.get("LABCORE_PYTHON", sys.executable)).absolute()
    rounds = int(os.environ.get("BENCH_REPEAT", "5"))
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**os.environ, "LABCORE_STATE": f"{scratch}/state"}
        try:
            peers = peers_python(labcore)
            heavy = heavy_modules(labcore, environment)
            jobs = subjects(labcore, peers, Path(scratch), environment)
        except (NotMeasured, subprocess.CalledProcessError) as failure:
            print(failure, file=sys.stderr)
            return 1
        found = list(measure_all(rounds, jobs, failures))
        counts = list(kill_all(labcore, peers, environment, failures))
    table = rows(found, heavy)
    if given.json:
        print(as_json(table, found, counts))
    else:
        print(f"{as_table(table)}\n\n{kill_table(counts)}")
    kept = all(row.holds for row in table) and all(holds(one) for one in counts)
    return 1 if failures or (given.strict and not kept) else 0


if __name__ == "__main__":
    sys.exit(main())
