"""bluesky: a message that does nothing, a move, and an event with a subscriber. Runs in the peers' environment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import bluesky.plan_stubs as stubs
from bluesky import Msg, RunEngine
from bluesky.plans import count as count_plan
from ophyd.sim import det
from ophyd_async.core import StandardReadable, init_devices, soft_signal_rw
from timing import measure, scaled


class Knob(StandardReadable):  # type: ignore[misc]
    """A device of one number held in memory."""

    def __init__(self, name: str = "") -> None:
        with self.add_children_as_readables():
            self.value = soft_signal_rw(float)
        super().__init__(name=name)


def nothing(count: int) -> Iterator[Any]:
    """Yield `count` messages that ask for nothing."""
    message = Msg("null")
    for _ in range(count):
        yield message


def moves(count: int, signal: Any) -> Iterator[Any]:
    """Set the signal `count` times and wait each time."""
    for number in range(count):
        yield from stubs.mv(signal, float(number))


def main() -> None:
    """Measure the three; given a number, only take so many events (a whole process is measured from outside)."""
    engine = RunEngine({}, call_returns_result=False)
    if sys.argv[1:]:
        engine(count_plan([det], num=int(sys.argv[1])))
        return
    measure("bluesky.null", lambda n: partial(engine, nothing(n)), scaled(20_000))
    with init_devices():
        knob = Knob(name="knob")
    measure("bluesky.mv", lambda n: partial(engine, moves(n, knob.value)), scaled(1_000))
    seen: list[str] = []
    engine.subscribe(lambda name, document: seen.append(name))
    measure("bluesky.event", lambda n: partial(engine, count_plan([det], num=n)), scaled(1_000))


if __name__ == "__main__":
    main()
