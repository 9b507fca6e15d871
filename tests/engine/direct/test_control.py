"""What is asked of a run from outside: recorded as it was asked, refused with a sentence, or too late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.engine.control import ALLOWED, Control
from labcore.engine.writer import Stall, Writer
from labcore.errors import IllegalEvent, StorageError
from labcore.model.event import ControlAsked, RunEnded, Settled
from labcore.state.run_state import evolve

OnBench = Callable[..., Any]
STATUSES = ("running", "pausing", "paused", "stopping", "aborting", "recovering", "ended", "new")


async def served(bench: Any, control: Control) -> None:
    """Let the run hear all that was posted."""
    async with anyio.create_task_group() as group:
        group.start_soon(control.serve)
        await anyio.sleep(1.0)
        group.cancel_scope.cancel()


def test_what_is_asked_for_is_on_record_as_it_was_asked(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        control = Control(bench.writer)
        assert await control.ask("pause", "Ann", "lunch", now=True)
        control.post("resume", "Ben", "go")
        control.post("pause", "Ben", now=True)
        await served(bench, control)
        assert bench.written() == [
            ControlAsked("pause", "Ann", "lunch", True), ControlAsked("resume", "Ben", "go", False),
            ControlAsked("pause", "Ben", "", True),
        ]  # fmt: skip

    on_bench(job)


def test_whoever_wants_to_hear_is_told_the_position_or_why_there_is_none(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        control, heard = Control(bench.writer), []

        def hear(position: int | None, refused: str) -> None:
            heard.append((position, refused))

        control.post("stop", "Ann", heard=hear)
        control.post("stop", "Ann", heard=hear)
        control.post("stop", "Ben")
        await served(bench, control)
        await bench.writer.write(RunEnded("stopped"))
        control.post("estop", "Ann", heard=hear)
        control.post("stop", "Ann")
        await served(bench, control)
        assert not await control.ask("abort", "Ann")
        assert heard == [
            (1, ""),
            (None, "the run is stopping: it cannot be asked to stop"),
            (None, "the run is ended: it cannot be asked to estop"),
        ]
        assert [body.by for body in bench.written() if isinstance(body, ControlAsked)] == ["Ann", "Ben"]

    on_bench(job)


@pytest.mark.parametrize(
    ("what", "now", "where"),
    [
        ("pause", False, ("running",)),
        ("pause", True, ("running", "pausing")),
        ("resume", True, ("pausing", "paused")),
        ("stop", True, ("running", "pausing", "paused")),
        ("abort", False, ("running", "pausing", "paused", "stopping")),
        ("estop", False, ("running", "pausing", "paused", "stopping", "aborting", "recovering")),
    ],
)
def test_what_makes_no_sense_now_is_refused(on_bench: OnBench, what: Any, now: bool, where: Any) -> None:
    async def job(bench: Any) -> None:
        control = Control(bench.writer)
        for status in STATUSES:
            bench.writer.state = evolve(bench.writer.state, status=status)
            said = control._refusal(ControlAsked(what, "Ann", "", now))
            refused = f"the run is {status}: it cannot be asked to {what}"
            assert said == ("" if status in where else refused), status

    on_bench(job)
    assert set(ALLOWED) == {"pause", "resume", "stop", "abort", "estop"}


def test_before_the_beginning_nothing_is_recorded(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        bench.writer.state = evolve(bench.writer.state, status="new")
        control = Control(bench.writer)
        assert not await control.ask("stop", "Ann")
        control.post("stop", "Ann")
        await served(bench, control)
        assert bench.written() == []

    on_bench(job)


def test_a_request_that_the_end_overtakes_is_too_late_and_no_error(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        class Overtaken(Writer):
            async def write(self, *args: Any, **kwargs: Any) -> Any:
                raise IllegalEvent("event 9 (control_asked) follows the end of the run")

        bench.writer.__class__ = Overtaken
        control, heard = Control(bench.writer), []
        assert not await control.ask("stop", "Ann")
        control.post("stop", "Ann", heard=lambda position, refused: heard.append((position, refused)))
        await served(bench, control)
        assert heard == [(None, "")]

    on_bench(job)


@pytest.mark.parametrize(
    ("times", "stalled", "posted"), [(1, False, "stop"), (2, False, "abort"), (3, False, "abort"), (1, True, "stop"), (2, True, "abort")]
)  # fmt: skip
def test_the_second_ctrl_c_aborts_or_gives_a_full_disk_up(
    on_bench: OnBench, times: int, stalled: bool, posted: Any
) -> None:
    async def job(bench: Any) -> None:
        hurried: list[float | None] = []
        bench.writer.hurry = lambda within=None: hurried.append(within)
        bench.writer.stall = Stall(0.0, StorageError("disk full"), 1.0) if stalled else None
        control = Control(bench.writer)
        control.interrupted(times, "Ctrl-C")
        await served(bench, control)
        assert bench.written() == [ControlAsked(posted, "Ctrl-C")]
        assert hurried == ([0.0, None] if stalled and times > 1 else [None])

    on_bench(job)


def test_an_event_that_does_not_fit_is_its_writers_trouble(on_bench: OnBench) -> None:
    async def job(bench: Any) -> None:
        with pytest.raises(IllegalEvent, match="^act act-9 was settled without an intent$"):
            await bench.writer.write(Settled("act-9", "done"))
        with pytest.raises(IllegalEvent, match="^act act-8 was settled without an intent$"):
            await bench.writer.write_all([ControlAsked("stop", "Ann"), Settled("act-8", "done")])
        assert bench.written() == []
        assert bench.writer.state.status == "running"

    on_bench(job)
