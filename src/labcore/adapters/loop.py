"""One engine, two clocks: an asyncio loop whose own clock is real, scaled or virtual (semantics.md, Time).

Sleeping, deadlines and timers of everybody (plugins, anyio, drivers) follow the loop's `time()`, so moving that moves
everything. Three rules make a run repeatable:

* timers due at one instant fire in order of creation (asyncio's heap is not stable);
* virtual time moves only when nothing is ready to run and no hold is open; scaled time does the same, at its pace,
  so that a computer that cannot keep up makes the clock late and no deadline missed;
* held work (threads) is released one result at a time, oldest first, and only when nothing else is ready.

This is the one file that touches private parts of asyncio (`_scheduled`); `tests/adapters/test_loop.py` pins them.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import math
import selectors
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Literal, TypeVar, TypeVarTuple

import anyio

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Mode = Literal["real", "scaled", "virtual"]
Ready = list[tuple[selectors.SelectorKey, int]]
Select = Callable[[float | None], Ready]
PEEK = 0.02  # s of real time between looks at the outside world
BEHIND = 0.1  # s of real time; a scaled clock that is later than this does not hurry to catch up
CHECK = 0.1  # s of real time between looks at the patience of whoever is waited for
RECHECK = 5.0  # s; a suspended computer must not make a real wait start anew for long


def _be_patient() -> None:
    """Wait on."""


class Hold:
    """Finite work off the loop. Virtual and scaled time stand still until it is released; `finish` may be called from any thread.

    `check` is called now and then while the loop waits for it, for whoever opened it to lose patience in real seconds.
    """

    __slots__ = ("_deliver", "_loop", "check", "done")

    def __init__(
        self, loop: LabLoop, deliver: Callable[[], None], check: Callable[[], None] = _be_patient
    ) -> None:
        self._loop = loop
        self._deliver = deliver
        self.check = check
        self.done = False

    def finish(self) -> None:
        """Say that the work is over; the loop delivers the result when its turn comes."""
        self.done = True
        with contextlib.suppress(RuntimeError):  # the run is over: nobody waits any more
            self._loop.call_soon_threadsafe(self._loop.woken)

    def drop(self) -> None:
        """Forget it: nothing is delivered, nobody waits for it any more (on the loop's thread)."""
        self.done = True
        self._loop.forget(self)

    def deliver(self) -> None:
        """Hand the result to whoever waits (called by the loop)."""
        self._deliver()


class _Timer(asyncio.TimerHandle):
    """A timer that remembers its order of creation, so that ties are fair."""

    __slots__ = ("_sequence",)

    def __lt__(self, other: Any) -> bool:
        if self._when != other._when:  # type: ignore[attr-defined]
            return bool(self._when < other._when)  # type: ignore[attr-defined]
        return bool(self._sequence < other._sequence)  # type: ignore[attr-defined]


class _Selector(selectors.DefaultSelector):
    """A selector that lets the loop decide how long to wait, and on which clock."""

    loop: LabLoop

    def select(self, timeout: float | None = None) -> Ready:
        if timeout is not None and timeout <= 0:
            return self.loop.peek(super().select, alone=len(self.get_map()) <= 1)
        return self.loop.idle(super().select, timeout, alone=len(self.get_map()) <= 1)


class LabLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own.

    Lifetime: one `run`. Concurrency: everything on the loop's thread except `Hold.finish`.
    """

    def __init__(self, mode: Mode = "real", *, speed: float = 1.0) -> None:
        selector = _Selector()
        selector.loop = self
        self._mode: Mode = mode
        self._speed = speed
        self._virtual_now = 0.0
        self._peek_at = 0.0
        self._scale_from = (time.monotonic(), 0.0)
        self._holds: deque[Hold] = deque()
        self._sequence = itertools.count()
        super().__init__(selector)

    @property
    def mode(self) -> Mode:
        """Say which clock this loop has."""
        return self._mode

    def time(self) -> float:
        """Return the loop's clock, s."""
        return elapsed() if self._mode == "real" else self._virtual_now

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Schedule like asyncio, but equal times keep their order of creation."""
        timer = _Timer(when, callback, args, self, context)
        timer._sequence = next(self._sequence)  # type: ignore[attr-defined]
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    def hold(self, deliver: Callable[[], None], check: Callable[[], None] = _be_patient) -> Hold:
        """Open a hold; `deliver` is called on the loop when the work is finished and its turn has come."""
        hold = Hold(self, deliver, check)
        self._holds.append(hold)
        return hold

    def forget(self, hold: Hold) -> None:
        """Wait for a hold no longer (see `Hold.drop`)."""
        if hold in self._holds:
            self._holds.remove(hold)

    def woken(self) -> None:
        """Do nothing: being called is enough to make the loop look at its holds."""
        if self._mode == "real":
            self._deliver_finished()

    # ------------------------------------------------------------------------------------------- waiting
    def peek(self, select: Select, *, alone: bool) -> Ready:
        """Look at the outside world without waiting. In virtual time with no connection (`alone`) now and then is enough."""
        if alone and self._mode == "virtual":
            now = time.monotonic()
            if now < self._peek_at:
                return []
            self._peek_at = now + PEEK
        return select(0)

    def idle(self, select: Select, timeout: float | None, *, alone: bool) -> Ready:
        """Wait because nothing is ready: for held work, for the outside world, or by moving the clock."""
        if self._mode == "real":
            return select(RECHECK if timeout is None else min(timeout, RECHECK))
        if self._mode == "scaled" and not self._holds:
            return self._pace(select, math.inf if timeout is None else self._next_timer())
        events = self.peek(select, alone=alone)
        if events:
            return events
        if self._holds:
            return self._wait_for_oldest(select)
        if timeout is None or self._next_timer() == math.inf:  # somebody sleeps for ever
            return select(RECHECK)
        self._virtual_now = max(self._virtual_now, self._next_timer())
        return events

    def _next_timer(self) -> float:
        """Return when the next timer is due: asyncio takes it as due only past its resolution, 1 ns.

        After 97 days that is less than two neighbouring floats differ by.
        """
        when = float(self._scheduled[0]._when)  # type: ignore[attr-defined]
        resolution = float(self._clock_resolution)  # type: ignore[attr-defined]
        return when if when + resolution > when else math.nextafter(when, math.inf)

    def _pace(self, select: Select, due: float) -> Ready:
        """Wait for the outside world until it is `due` (s) at this speed; the clock never goes past a timer."""
        wait = self._scale_from[0] + (due - self._scale_from[1]) / self._speed - time.monotonic()
        if wait < -BEHIND:
            self._scale_from = (time.monotonic(), due)
        events = select(min(max(wait, 0.0), RECHECK))
        real, scaled = self._scale_from
        self._virtual_now = max(self._virtual_now, min(due, scaled + (time.monotonic() - real) * self._speed))
        return events

    def _wait_for_oldest(self, select: Select) -> Ready:
        if not self._holds[0].done:
            for hold in list(self._holds):  # the oldest may be held up by one that came later
                hold.check()
            return select(CHECK)
        self._release(self._holds.popleft())
        return []

    def _deliver_finished(self) -> None:
        for hold in [hold for hold in self._holds if hold.done]:
            self._holds.remove(hold)
            hold.deliver()

    def _release(self, hold: Hold) -> None:
        if not self._holds and self._mode == "scaled":
            self._scale_from = (time.monotonic(), self._virtual_now)
        hold.deliver()


def clock_mode() -> Mode:
    """Say which clock the running loop has."""
    loop = asyncio.get_running_loop()
    return loop.mode if isinstance(loop, LabLoop) else "real"


def elapsed() -> float:
    """Return seconds that go on while the computer sleeps, where the system can tell (Linux), else monotonic seconds."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def run_loop(
    job: Callable[..., Coroutine[Any, Any, T]], *args: Any, mode: Mode = "real", speed: float = 1.0
) -> T:
    """Run `job(*args)` under anyio on a loop with the given clock and return its result."""
    return anyio.run(
        job, *args, backend="asyncio", backend_options={"loop_factory": lambda: LabLoop(mode, speed=speed)}
    )


def run_virtual(job: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
    """Run `job(*args)` in virtual time, which starts at 0."""
    return run_loop(job, *args, mode="virtual")
