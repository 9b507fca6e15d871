"""Ask until an answer makes sense, a bounded number of times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import anyio

from labcore.capabilities.act import Outcome
from labcore.errors import DeviceRefused
from labcore.model.event import Asked
from labcore.plugin.driver import Ask
from labcore.ports import Answer
from labcore_operator.answers import Unclear
from labcore_operator.catalogue import Catalogue

T = TypeVar("T")
Read = Callable[[Answer, Answer | None], T]  # (this answer, the one before) -> what it means, or Unclear


@dataclass(frozen=True, slots=True)
class Conversation:
    """Put questions to the person of one device. Times in s."""

    device: str
    ask: Ask
    texts: Catalogue
    attempts: int

    async def until_clear(self, question: Asked, read: Read[T], *, limit: float) -> T:
        """Return what the answer means.

        DeviceRefused (outcome unknown) after `attempts` answers without sense; DeviceTimeout if nobody
        answers within `limit` s altogether.
        """
        ends = anyio.current_time() + limit
        put, before = question, None
        reason = ""
        for _ in range(self.attempts):
            answer = await self.ask(replace(put, limit=max(0.0, ends - anyio.current_time())))
            try:
                return read(answer, before)
            except Unclear as unclear:
                reason = self.texts.say(unclear.key, **unclear.values)
                again = self.texts.say("unclear.again", reason=reason, question=question.text)
                put, before = replace(question, text=again), answer
        message = self.texts.say("result.nonsense", count=str(self.attempts), reason=reason)
        raise DeviceRefused(
            f"{self.device}: {message}", device=self.device, outcome=Outcome("unknown", message=message)
        )
