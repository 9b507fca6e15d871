"""Notice when the loop stood still or the computer slept: windows must be re-checked, nothing is made up for."""

from __future__ import annotations

import anyio

from labcore.engine.writer import Writer
from labcore.model.event import ClockJumped

INTERVAL = 1.0  # s between looks
TOLERATED = 2.0  # s


async def watch_clock(writer: Writer) -> None:
    """Record every jump of more than TOLERATED s, for as long as the run lasts."""
    while True:
        before = anyio.current_time()
        await anyio.sleep(INTERVAL)
        late = anyio.current_time() - before - INTERVAL
        if late > TOLERATED and writer.state.status not in ("new", "ended"):
            await writer.write(ClockJumped(round(late, 3)))
