"""Carry trials out, several at a time: with forks from this process where it may fork, else with new interpreters."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from labcore.app.torture import child
from labcore.app.torture.child import Subject
from labcore.app.torture.point import Point, Trial
from labcore.app.torture.process import TIMED_OUT, Child, can_fork, first_over, fork
from labcore.app.torture.trial import Expected, Result, Spawn, carry_out, read_result, write_result

LOADED = "loaded.json"


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where trials are carried out. `limit` is how long one process may take, s."""

    subject: Subject
    folder: Path
    jobs: int
    limit: float

    def undisturbed(self) -> Path:
        """Run the protocol once, unharmed, in a child; return its data folder. This process then loads what it loaded."""
        data = self.folder / "undisturbed"
        data.mkdir(parents=True)

        def job() -> int:
            before = set(sys.modules)
            code = child.run(self.subject, data, None)
            names = [name for name in sys.modules if name not in before]
            (data / LOADED).write_text(json.dumps(names), encoding="utf-8")
            return code

        if can_fork():
            fork(job, data / "log").wait(self.limit)
            _load(data / LOADED)
        else:
            self._interpreter(data, "unknown")(0, None)
        return data

    def results(self, trials: Sequence[Trial], expected: Expected) -> Iterator[Result]:
        """Yield the results as they come."""
        if can_fork():
            yield from self._forked(trials, expected)
        else:
            yield from self._threaded(trials, expected)

    # -------------------------------------------------------------------------------------- forks
    def _forked(self, trials: Sequence[Trial], expected: Expected) -> Iterator[Result]:
        waiting = list(enumerate(trials))[::-1]
        at_work: dict[int, tuple[Child, Trial, Path]] = {}
        while waiting or at_work:
            while waiting and len(at_work) < self.jobs:
                number, trial = waiting.pop()
                data = self._data(number)
                one = fork(self._trial_job(trial, data, expected), data / "log")
                at_work[one.pid] = (one, trial, data)
            over = first_over([one for one, _, _ in at_work.values()], self.limit)
            if over is None:
                continue
            one, trial, data = at_work.pop(over.pid)
            one.wait(1.0)
            result = read_result(data.with_suffix(".json"), trial)
            data.with_suffix(".json").unlink(missing_ok=True)
            yield result

    def _trial_job(self, trial: Trial, data: Path, expected: Expected) -> Callable[[], int]:
        def job() -> int:
            result = carry_out(self.subject, trial, data, self._forking(data, trial.way), expected)
            write_result(data.with_suffix(".json"), result)
            return 0

        return job

    def _forking(self, data: Path, way: str) -> Spawn:
        def spawn(number: int, point: Point | None) -> int:
            def job() -> int:
                if number == 0:
                    return child.run(self.subject, data, point)
                return child.recover(self.subject, data, number, point, way)

            return fork(job, data / "log").wait(self.limit)

        return spawn

    # -------------------------------------------------------------------------------------- interpreters
    def _threaded(self, trials: Sequence[Trial], expected: Expected) -> Iterator[Result]:
        with ThreadPoolExecutor(self.jobs) as pool:
            futures = [
                pool.submit(
                    carry_out, self.subject, trial, data, self._interpreter(data, trial.way), expected
                )
                for trial, data in ((one, self._data(number)) for number, one in enumerate(trials))
            ]
            for future in as_completed(futures):
                yield future.result()

    def _interpreter(self, data: Path, way: str) -> Spawn:
        subject = self.subject

        def spawn(number: int, point: Point | None) -> int:
            job = {
                "protocol": str(subject.protocol), "lab": None if subject.lab is None else str(subject.lab),
                "parameters": dict(subject.parameters), "seed": subject.seed, "data": str(data), "number": number,
                "point": None if point is None else str(point), "way": way,
            }  # fmt: skip
            command = [sys.executable, "-m", "labcore.app.torture.child", json.dumps(job)]
            with (data / "log").open("ab") as log:
                try:
                    done = subprocess.run(
                        command,
                        stdout=log,
                        stderr=log,
                        stdin=subprocess.DEVNULL,
                        timeout=self.limit,
                        check=False,
                    )
                except subprocess.TimeoutExpired:
                    return TIMED_OUT
            return done.returncode

        return spawn

    def _data(self, number: int) -> Path:
        data = self.folder / f"trial-{number:05d}"
        data.mkdir(parents=True, exist_ok=True)
        return data


def _load(listed: Path) -> None:
    """Import what the child had to import, so that no later child has to."""
    names = json.loads(listed.read_text(encoding="utf-8")) if listed.exists() else []
    for name in names:
        try:
            importlib.import_module(name)
        except (
            Exception
        ):  # somebody's module that is not to be imported by itself: the children do it as they need it
            continue


def one_thread_each() -> None:
    """Keep numerical libraries from starting threads at import: a process with threads must not fork."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
