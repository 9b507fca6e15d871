"""What a child does: run the protocol, or take its run over, with the knife in hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labcore.app.api import Checked, check, how_to_run, run_checked
from labcore.app.api import recover as take_over
from labcore.app.interrupted import read_interrupted
from labcore.app.opening import open_run
from labcore.app.story import undecided
from labcore.app.torture.deeds import deeds
from labcore.app.torture.knife import Knife, Marks
from labcore.app.torture.point import Point, parse_point
from labcore.app.torture.witness import witness_says
from labcore.app.torture.world import facts
from labcore.errors import UsageError

BY = "labcore torture"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is tortured: a checked protocol with its lab, parameters and seed."""

    checked: Checked
    protocol: Path
    lab: Path | None
    parameters: Mapping[str, str]
    seed: int

    @classmethod
    def of(cls, protocol: Path, lab: Path | None, parameters: Mapping[str, str], seed: int) -> Subject:
        """Check it."""
        checked = check(protocol, lab=lab, parameters=parameters, simulate=True)
        return cls(checked, protocol, lab, parameters, seed)


def marks_file(data: Path, number: int) -> Path:
    """Return where the `number`-th process of a trial keeps its marks."""
    return data / f"marks-{number}.jsonl"


def run(subject: Subject, data: Path, point: Point | None) -> int:
    """Run the protocol in virtual time, with the process killed at `point`; return 0 if it lived."""
    data.mkdir(parents=True, exist_ok=True)
    knife = Knife(point, marks_file(data, 0), data)
    how = how_to_run(
        subject.checked, simulate=True, speed=None, seed=subject.seed, data=data, more={"faults": knife}
    )
    run_checked(subject.checked, how)
    return 0


def recover(subject: Subject, data: Path, number: int, point: Point | None, way: str) -> int:
    """Take the run over as the `number`-th process of the trial; return 0 if it lived, or there is nothing to recover."""
    folder = run_folder(data)
    knife = Knife(point, marks_file(data, number), data)
    if folder is None:
        return 0
    try:
        found = read_interrupted(folder)
    except UsageError:  # it never began, or it had ended already
        return 0
    said: dict[str, str] = {}
    if way == "witness":
        marks = [Marks.read(marks_file(data, one)) for one in range(number + 1)]
        acts, _ = deeds(found.events, marks, facts(folder / "world"))
        open_ = {one.intent.act for one in undecided(found)}
        said = witness_says([one for one in acts if one.intent.act in open_])
    take_over(
        str(folder), data=data, said=said, decision="resume", by=BY, more={"faults": knife},
        catalog=subject.checked.catalog,
    )  # fmt: skip
    return 0


def run_folder(data: Path) -> Path | None:
    """Return the folder of the trial's only run, None if it came to none."""
    return next(iter(sorted((data / "runs").glob("*/"))), None) if (data / "runs").is_dir() else None


def main(job: Mapping[str, Any]) -> int:
    """Do what a job says, in a process of its own: for systems that cannot fork."""
    lab = Path(job["lab"]) if job["lab"] is not None else None
    subject = Subject.of(Path(job["protocol"]), lab, job["parameters"], job["seed"])
    point = parse_point(job["point"]) if job["point"] else None
    if job["number"] == 0:
        return run(subject, Path(job["data"]), point)
    return recover(subject, Path(job["data"]), job["number"], point, job["way"])


def finished(data: Path) -> Any:
    """Return the run of a trial, to be read."""
    folder = run_folder(data)
    return open_run(str(folder), data=data) if folder is not None else None


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
