"""The disk refuses: nothing goes on unrecorded, outputs go off, the run pauses and continues when there is space again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import pytest

from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app import open_run
from labcore.app.running import RunUnderWay
from labcore.capabilities import Act, Outcome
from labcore.errors import StorageError
from labcore.model.event import Event
from labcore.ports import Journal, Link
from labcore.records.run_folder import interrupted_runs, run_folders

STEPS = """
    steps:
      - stir: {speed: 300 rpm}
      - dispense: {material: water, into: vial, volume: 5 mL}
      - dispense: {material: water, into: other, volume: 6 mL}
      - wait: 20 s
    finally:
      - note: cleaned up
"""


@dataclass
class FullDisk:
    """A journal that refuses its n-th commit (and what follows) `times` times; `through`: though it said no, it is there."""

    refuse_at: int
    times: float = 1
    through: bool = False
    commits: int = 0
    refused: int = 0

    def journal(self, journal: Journal) -> Journal:
        self.real = journal
        return self  # type: ignore[return-value]

    def link(self, device: str, link: Link) -> Link:
        return link

    def append(self, events: Sequence[Event]) -> None:
        if self.commits + 1 >= self.refuse_at and self.refused < self.times:
            self.refused += 1
            if self.through and self.refused == 1:
                self.real.append(events)
                self.real._in_doubt = True  # type: ignore[attr-defined]
            raise StorageError("the journal cannot be written: disk full")
        self.commits += 1
        self.real.append(events)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


async def resume_when_paused(run: RunUnderWay) -> None:
    """Do what a person does who has freed some space."""
    while run.writer.state.status != "ended":
        changed = run.writer.changed
        if run.writer.state.status == "paused":
            await run.control.ask("resume", "somebody")
        await changed.wait()


def attended(control: Any) -> Any:
    class Nobody:
        async def ask(self, question: Any) -> Any:
            await anyio.sleep_forever()

        def withdraw(self, question: str, why: str) -> None:
            pass

    return Nobody()


@pytest.mark.parametrize("through", [False, True], ids=["not written", "written all the same"])
def test_whichever_commit_is_refused_once_the_run_ends_as_if_nothing_had_been(
    play: Callable[..., Any], world: Any, through: bool
) -> None:
    healthy = FullDisk(10**9)
    play(STEPS, faults=healthy)
    assert healthy.commits > 20
    for number in range(2, healthy.commits + 1):
        world.doses.clear()
        disk = FullDisk(number, through=through)
        done = play(STEPS, faults=disk, during=resume_when_paused, prompts=attended)
        assert disk.refused == 1
        assert done.state.outcome == "done", f"commit {number}"
        assert [amount for _, _, amount in world.doses] == [5.0, 6.0], f"commit {number}"
        assert [event.position for event in done.events] == list(range(len(done.events)))
        assert done.state.outputs == {}


def test_meanwhile_nothing_new_begins_and_what_was_on_is_off(play: Callable[..., Any], world: Any) -> None:
    disk = FullDisk(10, times=30)
    done = play(STEPS, faults=disk, during=resume_when_paused, prompts=attended)
    assert [amount for _, _, amount in world.doses] == [5.0, 6.0]
    assert world.sent == ["STIR 300", "STIR OFF", "STIR 300", "STIR OFF"]
    warned = next(event.body for event in done.of("warned") if event.body.code == "W913")
    assert "disk full" in warned.message
    asked = done.of("control_asked")[0].body
    assert (asked.what, asked.by) == ("pause", "labcore")
    off = done.of("stop_settled")[0].body
    assert (off.status, off.outputs, off.suspends) == ("halted", ("speed",), True)
    assert done.of("intended")[-1].at > 30


async def _says_unknown() -> Outcome:
    return Outcome("unknown", message="no answer")


async def _raises() -> Outcome:
    raise SystemExit(3)


async def _hangs() -> Outcome:
    await anyio.sleep_forever()
    raise AssertionError


@pytest.mark.parametrize(
    ("send", "why"), [(_says_unknown, "no answer"), (_raises, "SystemExit"), (_hangs, "within 30 s")]
)
def test_what_could_not_be_switched_off_is_not_called_off(
    play: Callable[..., Any], world: Any, send: Any, why: str
) -> None:
    healthy: list[bool] = []

    def stop_stirring(self: Any) -> Act:
        if healthy:
            return self._simple("STIR OFF", 0.5)
        return Act(("STIR OFF",), send, 100.0)

    async def during(run: RunUnderWay) -> None:
        while run.writer.state.status != "paused":
            await run.writer.changed.wait()
        healthy.append(True)
        await resume_when_paused(run)

    disk = FullDisk(10, times=90)
    done = play(STEPS, faults=disk, during=during, prompts=attended, driver={"stop_stirring": stop_stirring})
    said = done.of("stop_settled")[0].body
    assert (said.status, said.outputs, said.suspends) == ("unconfirmed", ("speed",), True)
    assert why in said.message
    assert done.state.outcome == "done"


def test_a_held_output_stays_on(play: Callable[..., Any], world: Any) -> None:
    steps = STEPS.replace("{speed: 300 rpm}", "{speed: 300 rpm}\n        hold: true")
    play(steps, faults=FullDisk(10, times=5), during=resume_when_paused, prompts=attended)
    assert world.sent == ["STIR 300", "STIR OFF"]


def test_a_disk_that_never_takes_anything_again_can_be_given_up(
    play: Callable[..., Any], world: Any, tmp_path: Any
) -> None:
    async def press_ctrl_c(run: RunUnderWay) -> None:
        await run.writer.stalled.wait()
        await anyio.sleep(60)
        run.control.interrupted(1, "Ctrl-C")
        run.control.interrupted(2, "Ctrl-C")

    with pytest.raises(BaseExceptionGroup) as failure:
        play(STEPS, faults=FullDisk(8, times=float("inf")), during=press_ctrl_c, prompts=attended)
    assert failure.group_contains(StorageError, match="disk full")
    assert world.doses == []
    folder = run_folders(tmp_path)[-1]
    assert (tmp_path / "under-way" / folder.name).exists()
    run = open_run(str(folder))
    assert run.state.status == "running"
    run.record.close()
    assert interrupted_runs(tmp_path) == []  # this process still lives


def test_a_run_that_cannot_write_its_first_events_does_not_begin(
    play: Callable[..., Any], world: Any
) -> None:
    with pytest.raises(StorageError, match="disk full"):
        play(STEPS, faults=FullDisk(1, times=float("inf")))
    assert world.sent == []


def test_events_that_got_through_though_the_disk_said_no_are_not_doubled(tmp_path: Any) -> None:
    from labcore.model.event import Noted

    journal = SqliteJournal(tmp_path / "journal.db")
    first = [Event(0, 0.0, "", "labcore", Noted("a", "me"))]
    journal.append(first)
    with pytest.raises(StorageError):
        journal.append(first)
    journal.append(first)  # in doubt after the refusal: looks, and finds it
    journal.append([Event(1, 0.0, "", "labcore", Noted("b", "me"))])
    assert [event.position for event in journal.read()] == [0, 1]
    journal.close()


def test_a_round_that_comes_due_while_the_disk_refuses_is_decided_on_when_it_takes_events_again(
    play: Callable[..., Any], world: Any
) -> None:
    """It was written with the lateness of the moment of decision, minutes later (campaign seed 804)."""
    steps = """
    steps:
      - parallel:
          - - repeat: [{note: tick}]
              every: 10 s
              times: 12
          - - wait: 35 s
            - note: this one is refused
    """

    @dataclass
    class From35(FullDisk):
        def append(self, events: Sequence[Event]) -> None:
            if events[0].at >= 35.0 and self.refused < self.times:
                self.refused += 1
                raise StorageError("the journal cannot be written: disk full")
            self.real.append(events)

    done = play(steps, faults=From35(0, times=40), during=resume_when_paused, prompts=attended)
    rounds = [(event.at, event.body.due, event.body.late) for event in done.of("round_started")]
    assert all(late == pytest.approx(max(0.0, at - due)) for at, due, late in rounds)
    assert [event.body.count for event in done.of("rounds_missed")] == [3]
    assert done.state.outcome == "done"


def test_a_request_that_waits_for_the_disk_when_the_run_ends_is_too_late_and_no_error(
    play: Callable[..., Any], world: Any
) -> None:
    """A second stop waited behind the end of the run, and fitted nothing (campaign seed 3003)."""
    kept: list[bool] = []

    async def stop_twice(run: RunUnderWay) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(resume_when_paused, run)
            await anyio.sleep(5)
            run.control.post("stop", "somebody")
            await run.writer.stalled.wait()
            kept.append(await run.control.ask("stop", "somebody else"))
            run.control.post("stop", "somebody else")

    healthy = FullDisk(10**9)
    play("steps:\n - wait: 20 s", faults=healthy, during=_stop_once)
    disk = FullDisk(healthy.commits, times=20)
    done = play("steps:\n - wait: 20 s", faults=disk, during=stop_twice, prompts=attended)
    assert disk.refused == 20
    assert done.state.outcome == "stopped"
    assert kept == [False]


async def _stop_once(run: RunUnderWay) -> None:
    await anyio.sleep(5)
    run.control.post("stop", "somebody")
