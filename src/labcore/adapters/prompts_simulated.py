"""Questions answered by a simulated person, who takes human time, errs, and may be away."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from typing import Any

import anyio

from labcore.errors import DecisionNeeded
from labcore.model.event import Asked
from labcore.plugin.simulator import SimulatedPerson
from labcore.ports import Answer


def question_for_person(question: Asked) -> dict[str, Any]:
    """Return a question as plain data in a simulated person's words: id, kind, text, options, act, ..."""
    plain = asdict(question)
    plain["kind"] = plain.pop("ask")
    plain["id"] = plain.pop("question")
    plain["options"] = list(question.options)
    return plain


def answer_from_person(reply: Any, question: Asked, name: str) -> Answer:
    """Return a reply (an object or a mapping with value, by, file, media_type) as an answer.

    A number is in the unit that the question names.
    """

    def part(key: str) -> Any:
        return reply.get(key) if isinstance(reply, Mapping) else getattr(reply, key, None)

    value, file = part("value"), part("file")
    if question.unit and isinstance(value, int | float) and not isinstance(value, bool):
        value = {"value": float(value), "unit": question.unit}
    return Answer(
        value, part("by") or name, bytes(file) if file is not None else None, part("media_type") or ""
    )


class SimulatedPrompts:
    """Put questions to a person of the simulated world (`sim://person`).

    The person acts on the world when their answer is due, not before: a question that is cancelled or
    withdrawn earlier leaves the world as it was. Lifetime: one run. Concurrency: several questions at once;
    how one person shares their time among them is the simulator's business.
    """

    def __init__(
        self, person: SimulatedPerson, *, name: str = "simulated person",
        lock: AbstractContextManager[Any] | None = None,
    ) -> None:  # fmt: skip
        self._person = person
        self._lock = lock or nullcontext()  # held while the person touches the world
        self._name = name
        self._open: dict[str, anyio.CancelScope] = {}

    async def ask(self, question: Asked) -> Answer:
        """Wait as long as the person needs and return what they say; DecisionNeeded if it is withdrawn."""
        with self._lock:
            pending = self._person.ask(question_for_person(question), anyio.current_time())
        with anyio.CancelScope() as scope:
            self._open[question.question] = scope
            try:
                await anyio.sleep_until(pending.at)
                with self._lock:
                    reply = pending.complete(anyio.current_time())
                return answer_from_person(reply, question, self._name)
            finally:
                self._open.pop(question.question, None)
        raise DecisionNeeded(f"question {question.question} was withdrawn before it was answered")

    def withdraw(self, question: str, why: str) -> None:
        """Take a question back; the person does not act on it any more."""
        scope = self._open.get(question)
        if scope is not None:
            scope.cancel()
