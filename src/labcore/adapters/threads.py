"""A few threads for blocking work that never keep a process from ending: a hung one is left behind."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from labcore.adapters.loop import Hold, LabLoop

CLOSE_LIMIT = 10.0  # s of real time for work under way when the threads are to end

Job = Callable[[], None]


class Threads:
    """At most `most` daemon threads, made when needed.

    The standard library's executor joins its threads when the interpreter exits, the hung ones too. Concurrency:
    `submit`, `give_up` and `close` from one thread.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []

    def submit(self, job: Job) -> None:
        """Have `job` done by the next free thread."""
        self._jobs.put(job)
        if self._idle.acquire(blocking=False) or len(self._threads) >= self._most:
            return
        thread = threading.Thread(target=self._live, name=f"{self._name}-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def give_up(self, thread: threading.Thread) -> None:
        """Leave a hung thread behind: it is not waited for, and another one may be made in its place."""
        if thread in self._threads:
            self._threads.remove(thread)

    def close(self, limit: float = CLOSE_LIMIT) -> None:
        """End the threads after their work; what is not done within `limit` s is left behind."""
        for _ in self._threads:
            self._jobs.put(None)
        end = time.monotonic() + limit
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _live(self) -> None:
        while (job := self._next()) is not None:
            job()

    def _next(self) -> Job | None:
        try:
            return self._jobs.get_nowait()
        except queue.Empty:
            self._idle.release()
            return self._jobs.get()


class Work:
    """One call in a thread. `then(error, value)` is called on the loop; under virtual time when its turn has come."""

    def __init__(
        self, threads: Threads, call: Callable[[], Any], then: Callable[[BaseException | None, Any], None]
    ) -> None:
        self._threads = threads
        self._call = call
        self._then = then
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._value: Any = None
        self._hold: Hold | None = None
        self.over = False

    def start(self, loop: LabLoop, check: Callable[[], None]) -> None:
        """Begin; `check` is called while the clock waits for it."""
        self._hold = loop.hold(self._deliver, check)
        self._threads.submit(self._do)

    def give_up(self) -> None:
        """Leave the call and its thread behind: `then` is not called any more."""
        self.over = True
        if self._hold is not None:
            self._hold.drop()
        if self._thread is not None:
            self._threads.give_up(self._thread)

    def _do(self) -> None:
        self._thread = threading.current_thread()
        try:
            self._value = self._call()
        except BaseException as error:  # it is raised where the result is waited for
            self._error = error
        assert self._hold is not None
        self._hold.finish()

    def _deliver(self) -> None:
        self.over = True
        self._then(self._error, self._value)
