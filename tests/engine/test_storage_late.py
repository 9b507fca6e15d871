"""What comes due while the disk refuses: decided on when it takes events again, and never too late to be right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import pytest
from full_disk import FullDisk, attended, resume_when_paused

from labcore.app.running import RunUnderWay
from labcore.errors import StorageError
from labcore.model.event import Event


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

    healthy = FullDisk(10**9)
    play("steps:\n - wait: 20 s", faults=healthy, during=_stop_once)
    disk = FullDisk(healthy.commits, times=3)
    done = play("steps:\n - wait: 20 s", faults=disk, during=stop_twice, prompts=attended)
    assert disk.refused == 3
    assert done.state.outcome == "stopped"
    assert kept == [False]


async def _stop_once(run: RunUnderWay) -> None:
    await anyio.sleep(5)
    run.control.post("stop", "somebody")
