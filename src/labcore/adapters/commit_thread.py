"""One thread that takes a journal's commits to the disk, in order of asking, and costs little to ask.

Every act waits for one commit, so a general pool's accounts (futures of its own, limits, holds of the clock) would cost
more than the commit. For real time only: nothing here holds a virtual clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial

from labcore.model.durability import rides_along
from labcore.model.event import Event

SOON = 0.1  # s until events that nobody waits for are on disk too
Job = tuple[Callable[[], None], Callable[[BaseException | None], None]]


class CommitThread:
    """Append to a journal from a loop without blocking it; `rode` sees to what was appended without this thread.

    Lifetime: one run; `close` waits for what is under way. The thread starts with the first commit and keeps no process
    alive: whoever must not lose a commit waits for it.
    """

    def __init__(self, append: Callable[[Sequence[Event]], None], sync: Callable[[], None]) -> None:
        self._append = append
        self._sync = sync
        self._soon: asyncio.TimerHandle | None = None
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def append(self, events: Sequence[Event]) -> None:
        """Commit `events` and come back when the journal has them, or with its error."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._put((partial(self._append, events), partial(_tell, loop, done)))
        await done
        if self._soon is not None and not rides_along(events):
            self._soon.cancel()  # the disk has everything before, too
            self._soon = None

    def rode(self) -> None:
        """Have what was just appended in place on disk soon, unless a commit takes it there before."""
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON, self._sync_now)

    def close(self) -> None:
        """Wait for what is under way and end the thread."""
        if self._soon is not None:
            self._soon.cancel()
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _sync_now(self) -> None:
        self._soon = None
        self._put((self._sync, _say_nothing))

    def _put(self, job: Job) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="labcore-commits", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            do, tell = job
            failure: BaseException | None = None
            try:
                do()
            except BaseException as error:  # it is raised where the commit is waited for
                failure = error
            tell(failure)


def _say_nothing(failure: BaseException | None) -> None:
    """A sync that failed is told of by the journal's next commit."""


def _tell(loop: asyncio.AbstractEventLoop, done: asyncio.Future[None], failure: BaseException | None) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_deliver, done, failure)


def _deliver(done: asyncio.Future[None], failure: BaseException | None) -> None:
    if done.done():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)
