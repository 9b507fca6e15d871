"""Run one scenario: lives, deaths and takeovers, until the run has an end."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from filelock import FileLock, Timeout

from campaign.bench import LastingBench
from campaign.between import Between
from campaign.chance import stream
from campaign.facts import Broken
from campaign.people import Operator
from campaign.scenario import LIVES, Scenario, Takeover
from campaign.truth_of_acts import what_became_of
from campaign.witness import Witness
from labcore.adapters.loop import run_virtual
from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app import recovering, running
from labcore.app.files import Texts
from labcore.app.interrupted import Interrupted, read_interrupted
from labcore.errors import DecisionNeeded, StorageError, UsageError
from labcore.model.event_json import as_line
from labcore.records.run_folder import JOURNAL
from labcore.state.settling import only_sets_outputs
from labcore.testing.faults import Life

SPARE = 2 * 3600.0  # s beyond the planned length in which a run must have ended
MOST_LIVES = LIVES + 3


@dataclass
class Verdict:
    """What became of a scenario."""

    scenario: Scenario
    ending: str = ""
    failure: Broken | None = None
    lives: int = 0
    ended_by_death: bool = False
    met: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def deaths(self) -> int:
        return self.lives - 1


class Story:
    """One scenario being played. `folder` is empty at first."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self.scenario, self.data = scenario, folder
        self.bench = LastingBench(scenario.lab_data, scenario.seed)
        prepared = scenario.prepared(self.bench)
        assert prepared.plan is not None
        self.prepared = prepared
        self.length = max((one.start + one.duration.high for one in prepared.timeline), default=0.0)
        self.witness = Witness(scenario, prepared.plan, self.bench)
        self.verdict = Verdict(scenario)
        self.died_at = 0.0

    def play(self) -> Verdict:
        """Play it to its end."""
        threads = 0
        while not self.verdict.ending and self.witness.failure is None:
            if self.verdict.lives >= MOST_LIVES:
                self.witness.fail(Broken("a run comes to an end", f"{MOST_LIVES} lives were not enough"))
                break
            threads = (
                threading.active_count()
            )  # what a killed life left running dies with it, where processes die
            self._live(self.verdict.lives)
            self.verdict.lives += 1
        if self.witness.failure is None:
            self._at_the_end(threads)
        self.verdict.failure = self.witness.failure
        self.verdict.lines = self.witness.lines
        return self.verdict

    # ------------------------------------------------------------------------------------------ one life
    def _live(self, number: int) -> None:
        life = Life(self._keep_disk)
        self.between = Between(self.witness, life, number, self._wal_size)
        try:
            job = partial(self._begin, life) if number == 0 else self._take_over(number, life)
            state = run_virtual(job)
        except BaseException as error:
            self._ended_by(error, life)
        else:
            self.verdict.ending = state.outcome
        finally:
            self.verdict.met += [f.kind for link in self.between.links for _, f in link.met]
            if self.between.disk is not None and self.between.disk.failed:
                self.verdict.met.append("refused_write")
            self.witness.writer = None
        if life.over:
            self._back_to_what_was_kept()

    def _ended_by(self, error: BaseException, life: Life) -> None:
        if life.over:
            return
        kinds = list(_leaves(error))
        if all(isinstance(one, DecisionNeeded) or _given_up(one) for one in kinds):
            self.died_at = self.bench.world.clock  # nobody runs it; somebody will try again
            return
        if isinstance(error, UsageError) and "never began" in str(error):
            self.verdict.ending = "never began"
            return
        if isinstance(error, UsageError) and self.witness.facts.status == "ended":
            self.verdict.ending = self.witness.facts.outcome  # it died after its last event
            self.verdict.ended_by_death = True
            return
        text = "".join(traceback.format_exception(error))
        self.witness.fail(Broken("labcore does not raise", text[-3000:]))

    def _options(self, life: Life, number: int) -> running.Options:
        def people(control: Any) -> Operator:
            return Operator(self.witness, life, number)

        return running.Options(
            self.data, True, True, self.scenario.seed, prompts=people, watch=self._watch, faults=self.between
        )

    async def _begin(self, life: Life) -> Any:
        scenario = self.scenario
        texts = Texts(scenario.protocol, "p.yaml", scenario.lab, "lab.yaml", self.data)
        _, state = await running.carry_out(self.prepared, texts, self.bench, self._options(life, 0))
        return state

    def _take_over(self, number: int, life: Life) -> Any:
        how = self.scenario.takeovers[min(number, len(self.scenario.takeovers)) - 1]
        last = number >= MOST_LIVES - 2
        self.witness.found_on_disk(self._lines_on_disk())
        found = read_interrupted(self._folder())
        # instruments that were listened to while the dead process unwound may have come further than the death
        self.bench.offset = max(self.died_at, self.bench.world.clock) + how.gap
        self.bench.pass_time(self.bench.offset, people_finish=how.people_finish)
        takeover = recovering.Takeover(
            self._said(found, how), "close" if last else how.decision, how.ask, "campaign", self.bench.offset - found.state.at
        )  # fmt: skip
        return partial(recovering.recover, found, self.bench, self._options(life, number), takeover)

    def _said(self, found: Interrupted, how: Takeover) -> dict[str, str]:
        if not how.beforehand:
            return {}
        wanted = [act for act, intent in found.state.intents.items() if not only_sets_outputs(intent)]
        return {act: what_became_of(self.witness.facts.acts[act], self.bench) for act in wanted}

    # -------------------------------------------------------------------------------------- beside a run
    async def _watch(self, run: running.RunUnderWay) -> None:
        """Say the words at their times, resume what pauses, and see that it ends."""
        self.witness.writer = run.writer
        async with anyio.create_task_group() as group:
            for word in self.scenario.words:
                if word.at >= self.bench.offset:
                    group.start_soon(self._say, run, word.at - self.bench.offset, word.word)
            group.start_soon(self._resume, run)
            await anyio.sleep(3 * self.length + SPARE)
            self.witness.fail(
                Broken(
                    "nothing waits for ever",
                    f"still {run.writer.state.status} after {3 * self.length + SPARE:g} s",
                )
            )
            raise self.between.life.end()

    async def _say(self, run: running.RunUnderWay, at: float, word: Any) -> None:
        await anyio.sleep_until(at)
        run.control.post(word, "somebody")

    async def _resume(self, run: running.RunUnderWay) -> None:
        rng = stream(self.scenario.seed, "resume", self.between.number)
        while True:
            changed = run.writer.changed
            if run.writer.state.status == "paused":
                await anyio.sleep(rng.choice([0.0, 3.0, 90.0, 1500.0]))
                if run.writer.state.status == "paused":
                    run.control.post("stop" if rng.random() < 0.15 else "resume", "somebody")
            await changed.wait()

    # ---------------------------------------------------------------------------------- the disk at a death
    def _folder(self) -> Path:
        return next((self.data / "runs").iterdir())

    def _lines_on_disk(self) -> list[str]:
        journal = SqliteJournal(self._folder() / JOURNAL, read_only=True)
        try:
            return [as_line(event) for event in journal.read(-1, 100_000)]
        finally:
            journal.close()

    def _wal_size(self) -> int:
        wal = self._folder() / f"{JOURNAL}-wal"
        return wal.stat().st_size if wal.exists() else 0

    def _keep_disk(self) -> None:
        """Keep what a SIGKILL at this moment leaves: all that was written, nothing of what would follow."""
        self.died_at = anyio.current_time() + self.bench.offset
        shutil.copytree(self._folder(), self.data / "kept")
        if self.between.torn is not None:
            kill = self.between.kill
            assert kill is not None
            before, after = self.between.torn
            with (self.data / "kept" / f"{JOURNAL}-wal").open("r+b") as file:
                file.truncate(before + round((after - before) * kill.share))

    def _back_to_what_was_kept(self) -> None:
        folder = self._folder()
        shutil.rmtree(folder)
        (self.data / "kept").rename(folder)

    # ---------------------------------------------------------------------------------------------- the end
    def _at_the_end(self, threads: int) -> None:
        try:
            if self.verdict.ending != "never began":
                self.witness.truth.outputs_at_the_end(self.bench.world.clock)
                self._disk_is_what_was_seen()
                died_late = self.between.life.over or self.verdict.ended_by_death
                marks = [] if died_late else list((self.data / "under-way").iterdir())
                _expect(not marks, "an ended run is not marked", f"{marks}")
            _expect(_back_to(threads), "no thread stays", f"{threading.enumerate()}")
            with FileLock(self._folder() / "run.lock", timeout=0):
                pass
        except Timeout:
            self.witness.fail(Broken("no lock stays", "run.lock"))
        except Broken as broken:
            self.witness.fail(broken)

    def _disk_is_what_was_seen(self) -> None:
        db = sqlite3.connect(f"file:{self._folder() / JOURNAL}?mode=ro", uri=True)
        try:
            rows = db.execute("SELECT position, body FROM events ORDER BY position").fetchall()
        finally:
            db.close()
        same = [row[0] for row in rows] == list(range(len(self.witness.lines)))
        _expect(
            same,
            "the journal holds what was acknowledged",
            f"{len(rows)} rows, {len(self.witness.lines)} events",
        )


def _expect(holds: bool, rule: str, text: str) -> None:
    if not holds:
        raise Broken(rule, text)


def _given_up(error: BaseException) -> bool:
    """Say whether somebody wanted an end while the disk refused: the process ended without one on record."""
    return isinstance(error, StorageError) and "was given up and is interrupted" in error.message


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error


def _back_to(threads: int) -> bool:
    """Say whether there are as many threads as before, giving one that ends a moment to do so."""
    end = time.monotonic() + 3.0
    while threading.active_count() > threads and time.monotonic() < end:
        time.sleep(0.02)
    return threading.active_count() == threads
