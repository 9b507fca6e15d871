"""Threads for blocking work: the only way to one, and counted by the loop's clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import anyio

from labcore.adapters.lane import ThreadLane
from labcore.adapters.loop import LabLoop
from labcore.adapters.threads import Threads, Work
from labcore.errors import PluginError

T = TypeVar("T")
WORK_LIMIT = 600.0  # s of real time for one call: whoever does not come back by then is taken for lost


class ThreadWorkers:
    """Run blocking functions in a few threads.

    Lifetime: one run; `close` waits for work under way, but not for ever. A cancelled caller waits for its work to end,
    because a thread cannot be interrupted; a call that takes longer than `limit` s of real time is left behind with a
    PluginError. Under virtual time results come back in order of submission.
    """

    def __init__(self, threads: int = 4, *, limit: float = WORK_LIMIT) -> None:
        self._threads = Threads(threads, "labcore-worker")
        self._limit = limit

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Run `work(*args)` in a thread."""
        loop = asyncio.get_running_loop()
        if not isinstance(loop, LabLoop):
            return await anyio.to_thread.run_sync(lambda: work(*args))
        result: asyncio.Future[T] = loop.create_future()
        call = Work(self._threads, partial(work, *args), partial(_settle, result))
        lose_patience = partial(self._check, call, result, time.monotonic() + self._limit, work)
        call.start(loop, lose_patience)
        with anyio.CancelScope(shield=True):
            while not result.done():
                await asyncio.wait([result], timeout=self._limit if loop.mode == "real" else None)
                lose_patience()
        return result.result()

    def lane(self, name: str, limit: float) -> ThreadLane:
        """Open a thread with an event loop of its own; `limit` s of real time for each piece of its work."""
        return ThreadLane(name, limit, self._threads)

    def _check(self, call: Work, result: asyncio.Future[Any], end: float, work: Any) -> None:
        if result.done() or time.monotonic() < end:
            return
        call.give_up()
        name = getattr(work, "__qualname__", repr(work))
        late = f"{name} did not come back from its thread within {self._limit:g} s of real time"
        plugin = str(getattr(work, "__module__", ""))
        result.set_exception(PluginError(late, plugin=plugin, remedy="Give blocking calls a time limit."))

    def close(self) -> None:
        """Wait for work under way, within reason, and end the threads."""
        self._threads.close()


def _settle(result: asyncio.Future[Any], error: BaseException | None, value: Any) -> None:
    if result.done():
        return
    if error is None:
        result.set_result(value)
    else:
        result.set_exception(error)
