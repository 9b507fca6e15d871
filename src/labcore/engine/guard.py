"""The guard: threads beside the event loop that make devices safe while a driver blocks it (semantics.md, Stops).

One thread a device, so that no device's silence keeps another from being made safe. Frames are repeated until the device
confirms; the confirmation is the driver's own and is asked for on the loop, if that answers.
"""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import anyio

from labcore.engine.guard_post import STOPPING, Post
from labcore.engine.guard_report import CONFIRM_WITHIN, LIMIT, Made, Report
from labcore.errors import LabcoreError

LOOP_WITHIN = 0.5  # s for the loop to begin asking; then the frames are sent again
AGAIN = 0.25  # s between two attempts
SWITCH = 0.001  # s; Python's threads take turns this often while a guard watches, instead of 5 ms


@dataclass(slots=True)
class _Ticket:
    """A confirmation that a guard thread waits for."""

    post: Post
    begun: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    confirmed: bool = False
    message: str = ""


Done = Callable[[Mapping[str, Report]], None]


class Guard:
    """Make every device of a run safe, from any thread.

    Lifetime: `start` on the loop, `serve` as a task while it lasts, `close`. Concurrency: `fire` from any thread.
    """

    def __init__(self, posts: Iterable[Post]) -> None:
        self.posts = {post.name: post for post in posts}
        self._orders: dict[str, queue.SimpleQueue[_Firing | None]] = {}
        self._threads: list[threading.Thread] = []
        self._tickets: list[_Ticket] = []
        self._switch = sys.getswitchinterval()
        self._under_way: list[_Firing] = []

    def start(self) -> None:
        """Start a thread for every device."""
        self._loop = asyncio.get_running_loop()
        self._news = anyio.Event()
        self._quiet = anyio.Event()
        sys.setswitchinterval(min(SWITCH, self._switch))
        for post in self.posts.values():
            orders = self._orders[post.name] = queue.SimpleQueue()
            thread = threading.Thread(
                target=self._stand, args=(post, orders), name=f"labcore-guard {post.name}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """End the threads; one that is stuck in a write is left behind as a daemon."""
        sys.setswitchinterval(self._switch)
        for orders in self._orders.values():
            orders.put(None)
        for thread in self._threads:
            thread.join(0.5)

    def fire(self, why: str, done: Done | None = None) -> None:
        """Close every line to all but stopping and make every device safe, heat first; `done` gets the reports."""
        for post in self.posts.values():
            post.closed = why
        posts = sorted((post for post in self.posts.values() if post.safe), key=lambda post: not post.heats)
        firing = _Firing(len(posts), done or _ignore)
        self._under_way.append(firing)
        for post in posts:
            self._orders[post.name].put(firing)
        if not posts:
            self._under_way.remove(firing)
            firing.done({})

    # ---------------------------------------------------------------------------------------- on the loop
    async def serve(self) -> None:
        """Ask devices whether they are safe, for as long as the run lasts."""
        async with anyio.create_task_group() as group:
            while True:
                while self._tickets:
                    group.start_soon(self._ask, self._tickets.pop(0))
                self._news = anyio.Event()
                await self._news.wait()

    async def _ask(self, ticket: _Ticket) -> None:
        ticket.begun.set()
        STOPPING.set(True)
        try:
            with anyio.fail_after(CONFIRM_WITHIN):
                ticket.confirmed = await is_safe(ticket.post)
                ticket.message = "" if ticket.confirmed else "it says that it is not safe"
        except TimeoutError:
            ticket.message = f"it does not answer within {CONFIRM_WITHIN:g} s"
        except Exception as error:  # a driver is a plugin: its bugs must not end the run's own tasks
            ticket.message = error.message if isinstance(error, LabcoreError) else repr(error)
        finally:
            ticket.done.set()

    async def finish(self) -> None:
        """Wait until every device that is being made safe has its report; its thread ends by itself."""
        while self._under_way:
            self._quiet = anyio.Event()
            await self._quiet.wait()

    def _called(self, ticket: _Ticket) -> None:
        self._tickets.append(ticket)
        self._news.set()

    # ---------------------------------------------------------------------------------------- on a device's thread
    def _stand(self, post: Post, orders: queue.SimpleQueue[_Firing | None]) -> None:
        while (firing := orders.get()) is not None:
            if firing.report(self._make_safe(post)):
                self._over(firing)

    def _over(self, firing: _Firing) -> None:
        self._under_way.remove(firing)
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(lambda: self._quiet.set())

    def _make_safe(self, post: Post) -> Report:
        """Send, ask, and send again until it is confirmed, for at most LIMIT s."""
        ends = time.monotonic() + LIMIT
        made: Made = "not_reached"
        while True:
            try:
                post.send_safe()
                made, message = "sent", ""
            except Exception as error:  # every line of every platform has its own
                message = error.message if isinstance(error, LabcoreError) else repr(error)
            if made == "sent":
                confirmed, why = self._confirm(post, ends)
                if confirmed:
                    return Report(post.name, "confirmed")
                message = message or why
            if time.monotonic() >= ends - AGAIN:
                return Report(post.name, made, message)
            threading.Event().wait(AGAIN)

    def _confirm(self, post: Post, ends: float) -> tuple[bool, str]:
        ticket = _Ticket(post)
        try:
            self._loop.call_soon_threadsafe(self._called, ticket)
        except RuntimeError:
            return False, "the run's loop has ended: nobody asks the device"
        if not ticket.begun.wait(LOOP_WITHIN):
            return False, "the run's loop does not answer: nobody can ask the device"
        ticket.done.wait(max(0.0, ends - time.monotonic()))
        return ticket.confirmed, ticket.message or f"it does not answer within {CONFIRM_WITHIN:g} s"


class _Firing:
    """One emergency: counts the reports and hands them on when all are in."""

    def __init__(self, expected: int, done: Done) -> None:
        self._expected = expected
        self.done = done
        self._reports: dict[str, Report] = {}
        self._lock = threading.Lock()

    def report(self, report: Report) -> bool:
        """Take one device's report; say whether it was the last."""
        with self._lock:
            self._reports[report.device] = report
            complete = len(self._reports) == self._expected
        if complete:
            self.done(self._reports)
        return complete


async def is_safe(post: Post) -> bool:
    """Ask a device about every part of its safe state."""
    answers = [await act.confirm() for act in post.safe]
    return all(answers)


def _ignore(reports: Mapping[str, Report]) -> None:
    """Nobody asked."""
