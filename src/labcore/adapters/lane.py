"""A thread with an event loop of its own, for code that must not hold anybody up: plugins that read the journal.

Its loop has the run's clock. In virtual (and scaled) time it works in turns with the run's loop: while it has something
to do the clock stands still, and when it sleeps until some time the run's clock takes it there. What it says is taken
when its turn is over, so that equal runs stay equal. In real time both run side by side.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from labcore.adapters.loop import Hold, LabLoop, Ready, Select, elapsed
from labcore.adapters.threads import Threads, Work
from labcore.errors import InternalError
from labcore.ports import Ending

T = TypeVar("T")
LOOK = 0.5  # s between looks at the patience with a lane in real time
TURNS = 10  # of the loop, for cancelled tasks to end when it is closed
GRACE = 1.0  # s of real time for work that was called off to end


class ThreadLane:
    """See `labcore.ports.Lane`.

    Lifetime: until `close` or an ending of "lost" or "broken". Concurrency: `run`, `turn` and `close` on the run's loop;
    `next`, `work`, `tell` and `called_off` in the lane.
    """

    def __init__(self, name: str, limit: float, threads: Threads) -> None:
        main = asyncio.get_running_loop()
        if not isinstance(main, LabLoop):
            raise InternalError("a lane needs the run's loop")
        self._main = main
        self._virtual = main.mode != "real"
        self._limit = limit
        self._threads = threads
        self._news = asyncio.Event()
        self._lock = threading.Lock()
        self._loop = _LaneLoop(self)
        self._hold: Hold | None = None
        self._alarm: asyncio.TimerHandle | None = None  # on the run's loop: when the lane wants to go on
        self._wanted: list[tuple[asyncio.Future[Any], Callable[[], Any]]] = []
        self._working: set[Work] = set()
        self._task: asyncio.Task[None] | None = None
        self._timer: float | None = None
        self._ending: Ending | None = None
        self._since = self._slept = 0.0
        self.called_off = False
        self._thread = threading.Thread(target=self._live, name=f"labcore-{name}", daemon=True)
        self._thread.start()

    @property
    def inside(self) -> ThreadLane:
        """What the work in the lane has of it."""
        return self

    # ------------------------------------------------------------------------------------------ on the run's loop
    async def turn(self) -> None:
        """Wait until the run has nothing else to do at this instant; in real time for nothing."""
        if self._virtual:
            nothing_ready: asyncio.Future[None] = self._main.create_future()
            hold = self._main.hold(lambda: None if nothing_ready.done() else nothing_ready.set_result(None))
            hold.done = True
            await nothing_ready

    async def run(self, job: Callable[[], Awaitable[None]], take: Callable[[], Awaitable[None]]) -> Ending:
        """Run `job` in the lane to its end and `take` here what it says meanwhile."""
        self._ending, self.called_off, self._since = None, False, time.monotonic()
        self._call(self._begin, job)
        while True:  # its ending counts when it is heard of, in virtual time when its turn is over, not when it happens
            await self._hear()
            ending = self._ending
            self._check()
            self._start_work()
            self._set_alarm()
            await take()
            if ending is not None:
                break
        if self._hold is not None and not self._hold.done:
            self._hold.drop()  # what the plugin left going in its loop holds nobody
        return ending

    async def _hear(self) -> None:
        """Wait for news, in real time not for long: nobody else looks whether it takes too long."""
        look = None if self._virtual else self._main.call_later(LOOK, self._news.set)
        await self._news.wait()
        self._news.clear()
        if look is not None:
            look.cancel()

    def close(self) -> None:
        """End the thread; one that is lost is left behind."""
        self.called_off = True  # what is under way ends, and is nobody's failure
        self._tell_loop(self._loop.stop)
        if self._ending != "lost":
            self._thread.join(GRACE)

    def _call(self, function: Callable[..., object], *args: Any) -> None:
        """Have the lane do something; in virtual time the clock stands still until it has nothing to do again."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        with self._lock:
            self._timer = None
            if self._virtual and (self._hold is None or self._hold.done):
                self._hold = self._main.hold(self._news.set, self._check)
            self._tell_loop(function, *args)

    def _tell_loop(self, function: Callable[..., object], *args: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError:  # its loop was broken by what ran in it
            self._end("broken")

    def _start_work(self) -> None:
        if self.called_off or self._ending is not None:
            self._wanted.clear()  # nobody waits for it any more, so nobody would leave it behind
        while self._wanted:
            future, call = self._wanted.pop(0)
            work = Work(self._threads, call, partial(self._worked, future))
            self._working.add(work)
            work.start(self._main, self._check)

    def _worked(self, future: asyncio.Future[Any], error: BaseException | None, value: Any) -> None:
        self._working = {work for work in self._working if not work.over}
        self._call(_answer, future, error, value)

    def _set_alarm(self) -> None:
        if self._virtual and self._timer is not None and self._ending is None:
            self._slept = time.monotonic()
            self._alarm = self._main.call_at(self._timer, self._wake)

    def _wake(self) -> None:
        """Go on at the time the lane has slept until; what the run did meanwhile is not the lane's fault."""
        self._since += time.monotonic() - self._slept
        self._call(lambda: None)

    def _check(self) -> None:
        """Call off what takes too long; leave behind what does not listen."""
        late = time.monotonic() - self._since - self._limit
        if late < 0:
            return
        if self._ending is not None:
            self._leave_work()
            self._news.set()
        elif not self.called_off:
            self.called_off = True
            self._leave_work()
            self._call(self._cancel)
        elif late > GRACE:
            self._end("lost")

    def _leave_work(self) -> None:
        for work in self._working:
            work.give_up()
        self._working = set()

    def _end(self, ending: Ending) -> None:
        self._ending = ending
        self._leave_work()
        if self._hold is not None:
            self._hold.drop()
        self._news.set()

    # ------------------------------------------------------------------------------------------------ in the lane
    def next(self) -> None:
        """Say that the next piece of work begins: the limit counts from here."""
        self._since = time.monotonic()

    async def work(self, call: Callable[..., T], *args: Any) -> T:
        """Run `call(*args)` in a worker."""
        result: asyncio.Future[T] = self._loop.create_future()
        self._wanted.append((result, partial(call, *args)))
        self.tell()
        return await result

    def tell(self) -> None:
        """Say that there is something to take; in virtual time it is taken when the lane's turn is over."""
        if not self._virtual:
            self._to_main(self._news.set)

    def time(self) -> float:
        """Return the run's clock, s."""
        return self._main.time() if self._virtual else elapsed()

    def idle(self, timer: float | None) -> None:
        """Give the turn back if the lane waits for the clock or a worker; else it waits for the world, and the clock for it."""
        with self._lock:
            waits = timer is not None or self._wanted or self._working or self._ending is not None
            if self._hold is not None and waits and not self._loop.has_ready():
                self._timer = timer
                self._hold.finish()

    @property
    def virtual(self) -> bool:
        """Say whether the run's clock is not the wall's."""
        return self._virtual

    def _begin(self, job: Callable[[], Awaitable[None]]) -> None:
        self._task = asyncio.Task(
            _to_the_end(job), loop=self._loop
        )  # the lane's one task; `run` waits for it
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self.called_off:
            self._ending = "late"
        else:
            self._ending = "broken" if task.cancelled() or task.exception() is not None else "done"
        self.tell()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _live(self) -> None:
        try:
            asyncio.set_event_loop(self._loop)
            self._loop.run_forever()
        except BaseException:  # a task of the plugin's own ended the loop: SystemExit, KeyboardInterrupt
            self.called_off = True  # that what is left in it ends, too, is no failure of its own
            if self._task is not None:
                self._task.remove_done_callback(self._ended)
            self._to_main(self._end, "broken")
        finally:
            self._put_away()

    def _put_away(self) -> None:
        """Cancel what is left in the loop, give it a few turns to end, and close."""
        with contextlib.suppress(BaseException):
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            for _ in range(TURNS):
                self._loop.call_soon(self._loop.stop)
                self._loop.run_forever()
        self._loop.close()

    def _to_main(self, function: Callable[..., object], *args: Any) -> None:
        try:
            self._main.call_soon_threadsafe(function, *args)
        except RuntimeError:  # the run is over
            return


class _LaneLoop(LabLoop):
    """The lane's loop: the run's clock, and word to the lane when there is nothing to do."""

    def __init__(self, lane: ThreadLane) -> None:
        super().__init__()
        self._lane = lane

    def time(self) -> float:
        """Return the run's clock, s."""
        return self._lane.time()

    def has_ready(self) -> bool:
        """Say whether something came in since the loop went to sleep."""
        return bool(self._ready)  # type: ignore[attr-defined]

    def idle(self, select: Select, timeout: float | None, *, alone: bool) -> Ready:
        """Wait because nothing is ready."""
        if not self._lane.virtual:
            return select(timeout)
        timer = math.inf if timeout is None else self._next_timer()
        self._lane.idle(timer if timer < math.inf else None)
        return select(None)


async def _to_the_end(job: Callable[[], Awaitable[None]]) -> None:
    await job()


def _answer(future: asyncio.Future[Any], error: BaseException | None, value: Any) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)
