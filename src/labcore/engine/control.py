"""Pause, resume, stop and abort a run from outside its loop."""

from __future__ import annotations

from collections import deque
from typing import Literal

import anyio

from labcore.engine.writer import Writer
from labcore.model.event import ControlAsked

Word = Literal["pause", "resume", "stop", "abort", "estop"]


class Control:
    """The handle a terminal or a program holds on a run under way.

    Lifetime: one run; `serve` records what was posted. Concurrency: `post` is called on the loop's thread.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._posted: deque[ControlAsked] = deque()
        self._news = anyio.Event()

    def post(self, what: Word, by: str, why: str = "") -> None:
        """Ask for something without waiting."""
        self._posted.append(ControlAsked(what, by, why))
        self._news.set()

    def interrupted(self, times: int, by: str) -> None:
        """Take the n-th Ctrl-C: stop, then abort; while the disk refuses the second one ends the process unrecorded."""
        if times > 1 and self._writer.give_up():
            return
        self.post("stop" if times == 1 else "abort", by)

    async def ask(self, what: Word, by: str, why: str = "", now: bool = False) -> bool:
        """Record the request; False if the run has ended already."""
        if self._writer.state.status in ("new", "ended"):
            return False
        await self._writer.write(ControlAsked(what, by, why, now))
        return True

    async def serve(self) -> None:
        """Record what is posted, for as long as the run lasts."""
        while True:
            while self._posted:
                one = self._posted.popleft()
                await self.ask(one.what, one.by, one.why)
            self._news = anyio.Event()
            await self._news.wait()
