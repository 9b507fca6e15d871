"""Ctrl-C and requests to terminate on every system: the first asks to stop, the second to abort."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts(pressed: Callable[[int, str], None]) -> Iterator[None]:
    """Call `pressed(how often, by what)` on the running loop for every "Ctrl-C" and "SIGTERM" while inside."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is told of signals
        return
    loop, count = asyncio.get_running_loop(), [0]

    def handle(number: int, frame: FrameType | None) -> None:
        count[0] += 1
        name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        loop.call_soon_threadsafe(pressed, count[0], name)

    before = {one: signal.signal(one, handle) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, old in before.items():
            signal.signal(one, old)
