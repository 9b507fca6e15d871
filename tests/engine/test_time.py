"""Time in a run: waits follow elapsed time whatever the wall clock says, and a schedule does not drift."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.wall_clock import RealWallClock
from labcore.engine.writer import Writer
from labcore.model.event import Noted, RunStarted

HOUR = 3600.0
JUMPS = {
    "an hour back": -HOUR,
    "an hour on": HOUR,
    "ten years on": 10 * 365 * 24 * HOUR,
    "a leap second": 1.0,
}


class JumpingWall:
    """A wall clock that somebody sets to another time after the second stamp."""

    def __init__(self, jump: float) -> None:
        self.jump, self.stamps = jump, 0

    def stamp(self, at: float) -> str:
        self.stamps += 1
        moved = self.jump if self.stamps > 2 else 0.0
        return (datetime(2026, 3, 29, 0, 59, tzinfo=UTC) + timedelta(seconds=at + moved)).isoformat()


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
def test_a_wall_clock_that_jumps_moves_no_wait(jump: float) -> None:
    journal = MemoryJournal()

    async def job() -> None:
        writer = Writer(journal, JumpingWall(jump), began=anyio.current_time())
        await writer.write(RunStarted("p", "d", "lab", False, 0, {}, (), ""))
        for number in range(4):
            await anyio.sleep(60)
            await writer.write(Noted(str(number), "me"))

    run_virtual(job)
    events = journal.read()
    assert [event.at for event in events] == [0.0, 60.0, 120.0, 180.0, 240.0]
    walls = [datetime.fromisoformat(event.wall) for event in events]
    assert (walls[2] - walls[1]).total_seconds() == pytest.approx(60.0 + jump)


def test_a_real_stamp_is_utc_and_says_so() -> None:
    stamp = RealWallClock().stamp(0.0)
    assert stamp.endswith("Z")
    assert abs((datetime.now(UTC) - datetime.fromisoformat(stamp)).total_seconds()) < 60


def test_a_schedule_of_thousands_of_rounds_does_not_drift(
    play: Callable[..., Any], world: Any, tmp_path: Path
) -> None:
    steps = """
    steps:
      - measure: {what: pH, in: vial}
        every: 7 s
        times: 3000
    """
    starts = [event.at for event in play(steps).of("round_started")]
    assert len(starts) == 3000
    periods = [b - a for a, b in zip(starts, starts[1:], strict=False)]
    assert mean(periods) == pytest.approx(7.0, rel=1e-6)
    assert starts[-1] - starts[0] == pytest.approx(7.0 * 2999, abs=1e-3)
