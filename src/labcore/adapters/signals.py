"""Ctrl-C, requests to terminate and closed terminals on every system: the first asks to stop, the second to abort."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_CLOSED = [getattr(signal, name) for name in ("SIGHUP", "SIGBREAK") if hasattr(signal, name)]


@contextmanager
def interrupts(pressed: Callable[[int, str], None]) -> Iterator[None]:
    """Call `pressed(how often, by what)` on the running loop for every "Ctrl-C" and "SIGTERM" while inside.

    A closed terminal or a lost connection (SIGHUP; on Windows SIGBREAK) asks once, however often the system says so, and
    not at all under nohup.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is told of signals
        return
    loop, count = asyncio.get_running_loop(), [0]

    def handle(number: int, frame: FrameType | None) -> None:
        if count[0] and number in _CLOSED:
            return  # a shell and the system both tell of the same closed terminal
        count[0] += 1
        name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        loop.call_soon_threadsafe(pressed, count[0], name)

    wanted = [one for one in (signal.SIGINT, signal.SIGTERM, *_CLOSED) if not _ignored(one)]
    before = {one: signal.signal(one, handle) for one in wanted}
    try:
        yield
    finally:
        for one, old in before.items():
            signal.signal(one, old)


def _ignored(number: int) -> bool:
    """Say whether whoever started the process wants it to outlive its terminal (nohup)."""
    return number in _CLOSED and signal.getsignal(number) is signal.SIG_IGN
