"""The disk refuses: nothing goes on unrecorded, outputs go off, the run pauses and continues when there is space again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import anyio
import pytest
from full_disk import FullDisk, attended, resume_when_paused

from labcore.adapters.sqlite_journal import SqliteJournal
from labcore.app import open_run
from labcore.app.running import RunUnderWay
from labcore.capabilities import Act, Outcome
from labcore.errors import StorageError
from labcore.model.event import Event
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


@pytest.mark.parametrize("presses", [1, 2])
def test_a_disk_that_never_takes_anything_again_can_be_given_up(
    play: Callable[..., Any], world: Any, tmp_path: Any, presses: int
) -> None:
    pressed: list[float] = []

    async def press_ctrl_c(run: RunUnderWay) -> None:
        await run.writer.stalled.wait()
        await anyio.sleep(60)
        pressed.append(run.writer.now())
        for number in range(presses):
            run.control.interrupted(number + 1, "Ctrl-C")
        try:
            await anyio.sleep_forever()
        finally:
            pressed.append(run.writer.now())

    with pytest.raises(StorageError, match="is interrupted: .*disk full") as failure:
        play(STEPS, faults=FullDisk(8, times=float("inf")), during=press_ctrl_c, prompts=attended)
    assert "labcore recover" in failure.value.remedy
    assert pressed[1] - pressed[0] < 5
    assert world.doses == []
    folder = run_folders(tmp_path)[-1]
    assert (tmp_path / "under-way" / folder.name).exists()
    run = open_run(str(folder))
    assert run.state.status == "running"
    run.record.close()
    assert interrupted_runs(tmp_path) == []  # this process still lives


def test_nobody_waits_for_ever(play: Callable[..., Any], world: Any) -> None:
    with pytest.raises(StorageError, match="was given up"):
        play(STEPS, faults=FullDisk(10, times=float("inf")), prompts=attended)
    assert world.sent[-1] == "STIR OFF"


def test_a_stop_that_a_disk_refuses_for_a_moment_only_is_recorded(play: Callable[..., Any]) -> None:
    async def press_ctrl_c(run: RunUnderWay) -> None:
        await run.writer.stalled.wait()
        run.control.interrupted(1, "Ctrl-C")

    done = play(STEPS, faults=FullDisk(10, times=2), during=press_ctrl_c, prompts=attended)
    assert done.state.outcome == "stopped"


def test_a_held_output_goes_off_when_the_record_is_given_up(play: Callable[..., Any], world: Any) -> None:
    steps = STEPS.replace("{speed: 300 rpm}", "{speed: 300 rpm}\n        hold: true")
    with pytest.raises(StorageError):
        play(steps, faults=FullDisk(10, times=float("inf")), prompts=attended)
    assert world.sent == ["STIR 300", "STIR OFF"]


class FullAtTheEnd(FullDisk):
    """A disk that has room for the run's last event and for nothing more."""

    ended = False

    def append(self, events: Sequence[Event]) -> None:
        if self.ended:
            raise StorageError("the journal cannot be written: disk full")
        self.real.append(events)
        self.ended = any(event.kind == "run_ended" for event in events)


def test_what_is_said_after_the_end_does_not_unmake_it(
    play: Callable[..., Any], world: Any, tmp_path: Any
) -> None:
    world.look_time = 30.0
    with pytest.raises(StorageError, match=r"has ended \(done\) and that is on record") as failure:
        play("steps:\n  - image: {vessel: vial}", faults=FullAtTheEnd(0))
    assert "labcore notebook" in failure.value.remedy
    folder = run_folders(tmp_path)[-1]
    assert open_run(str(folder)).word == "done"
    assert not (tmp_path / "under-way" / folder.name).exists()


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
