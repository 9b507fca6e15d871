"""Threads for blocking work: the only way to one, and counted by the loop's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import anyio

from labcore.adapters.loop import LabLoop

T = TypeVar("T")


class ThreadWorkers:
    """Run blocking functions in a few threads.

    Lifetime: one run; `close` waits for work under way. A cancelled caller waits for its work to end, because a thread
    cannot be interrupted. Under virtual time results come back in order of submission.
    """

    def __init__(self, threads: int = 4) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="labcore-worker")

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Run `work(*args)` in a thread."""
        loop = asyncio.get_running_loop()
        if not isinstance(loop, LabLoop):
            return await anyio.to_thread.run_sync(lambda: work(*args))
        result: asyncio.Future[T] = loop.create_future()
        box: list[Any] = []

        def deliver() -> None:
            if result.cancelled():
                return
            outcome, value = box
            result.set_exception(value) if outcome == "raised" else result.set_result(value)

        hold = loop.hold(deliver)

        def job() -> None:
            try:
                box.extend(("returned", work(*args)))
            except BaseException as error:
                box.extend(("raised", error))
            hold.finish()

        self._pool.submit(job)
        with anyio.CancelScope(shield=True):
            await asyncio.wait([result])
        return result.result()

    def close(self) -> None:
        """Wait for work under way and end the threads."""
        self._pool.shutdown(wait=True)
