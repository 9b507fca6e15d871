"""Pause, resume, stop and abort a run from outside its loop."""

from __future__ import annotations

from typing import Literal

from labcore.engine.writer import Writer
from labcore.model.event import ControlAsked


class Control:
    """The handle a terminal or a program holds on a run under way."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def ask(self, what: Literal["pause", "resume", "stop", "abort"], by: str, why: str = "", now: bool = False) -> bool:
        """Record the request; False if the run has ended already."""
        if self._writer.state.status in ("new", "ended"):
            return False
        await self._writer.write(ControlAsked(what, by, why, now))
        return True
