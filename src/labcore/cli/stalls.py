"""What is said on the screen while the record of a run cannot be written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labcore.engine.writer import Stall


async def tell_of_stalls(run: Any) -> None:
    """Say, to stderr and at once, that a run stands still, what was made safe, and when it is over (a task of the run)."""
    writer, name = run.writer, run.folder.name
    while True:
        if writer.stall is None:
            await writer.stalled.wait()
        stall = writer.stall
        if stall is None:
            continue
        _say(f"labcore: run {name} STANDS STILL: {stall.error}")
        await stall.safe.wait()
        for line in _lines(stall, name):
            _say(f"  {line}")
        await stall.over.wait()
        _say(
            f"labcore: run {name}: the journal can be written again, {writer.now() - stall.since:.0f} s later"
        )


def _lines(stall: Stall, name: str) -> tuple[str, ...]:
    from labcore.engine.writer import GIVE_UP_AFTER, TRY_AGAIN

    made = tuple(f"made safe: {line}" for line in stall.made_safe or ("nothing was on",))
    if stall.patience < GIVE_UP_AFTER:  # it has ended or is about to
        return (*made, f"It is tried again for {stall.patience:g} s, then given up.")
    return (
        *made,
        f"Nothing new begins. It is tried again every {TRY_AGAIN:g} s; when there is space the run pauses by itself, "
        f"and `labcore resume {name}` goes on.",
        f"After {GIVE_UP_AFTER / 3600:g} h it is given up. Ctrl-C or `labcore stop {name}` ends it now, "
        f"with every device safe; then `labcore recover {name}`.",
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
