"""Pause, resume, stop and abort a run from outside its loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Literal

import anyio

from labcore.engine.writer import Writer
from labcore.errors import IllegalEvent
from labcore.model.event import ControlAsked, Event

Word = Literal["pause", "resume", "stop", "abort", "estop"]
Heard = Callable[[int | None, str], None]  # the event's position, or None and why there is none
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "pause": ("running",),
    "resume": ("pausing", "paused"),
    "stop": ("running", "pausing", "paused"),
    "abort": ("running", "pausing", "paused", "stopping"),
    "estop": ("running", "pausing", "paused", "stopping", "aborting", "recovering"),
}
ENDING: tuple[Word, ...] = ("stop", "abort", "estop")


class Control:
    """The handle a terminal or a program holds on a run under way.

    Lifetime: one run; `serve` records what was posted. Concurrency: `post` is called on the loop's thread.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._posted: deque[tuple[ControlAsked, Heard | None]] = deque()
        self._news = anyio.Event()

    def post(
        self, what: Word, by: str, why: str = "", *, now: bool = False, heard: Heard | None = None
    ) -> None:
        """Ask for something without waiting; `heard` is told what became of it, and then senseless requests are refused.

        What ends a run does not wait for a disk that refuses: if it still does a little later, the record is given up.
        """
        if what in ENDING:
            self._writer.hurry()
        self._posted.append((ControlAsked(what, by, why, now), heard))
        self._news.set()

    def interrupted(self, times: int, by: str) -> None:
        """Take the n-th Ctrl-C: stop, then abort; while the disk refuses the second one gives the record up at once."""
        if times > 1 and self._writer.stall is not None:
            self._writer.hurry(0.0)
        self.post("stop" if times == 1 else "abort", by)

    async def ask(self, what: Word, by: str, why: str = "", now: bool = False) -> bool:
        """Record the request; False if the run has ended already."""
        if self._writer.state.status == "new":
            return False
        return await self._written(ControlAsked(what, by, why, now)) is not None

    async def _written(self, one: ControlAsked) -> Event | None:
        """Put a request on record; None if the run ended while it waited for the disk."""
        try:
            return await self._writer.write(one)
        except IllegalEvent:  # after the end, and only there, a request does not fit
            return None

    async def serve(self) -> None:
        """Record what is posted, for as long as the run lasts."""
        while True:
            while self._posted:
                one, heard = self._posted.popleft()
                await self._take(one, heard)
            self._news = anyio.Event()
            await self._news.wait()

    async def _take(self, one: ControlAsked, heard: Heard | None) -> None:
        refused = self._refusal(one) if heard is not None else ""
        event = None
        if not refused and self._writer.state.status != "new":
            event = await self._written(one)
        if heard is not None:
            heard(event.position if event is not None else None, refused)

    def _refusal(self, one: ControlAsked) -> str:
        """Say why a request makes no sense now, "" if it does."""
        status = self._writer.state.status
        allowed = ALLOWED.get(one.what, ())
        if one.what == "pause" and one.now:
            allowed = (*allowed, "pausing")
        return "" if status in allowed else f"the run is {status}: it cannot be asked to {one.what}"
