"""Put a question to people in several ways at once; the first answer counts."""

from __future__ import annotations

from collections.abc import Sequence

import anyio

from labcore.errors import DecisionNeeded, UsageError
from labcore.model.event import Asked
from labcore.ports import Answer, Prompts


class FirstPrompts:
    """Ask through every one of `ways`; the others are told when one has the answer.

    A way that fails leaves the others waiting; only when none is left does the question fail. Lifetime: one
    run. Concurrency: several questions at once.
    """

    def __init__(self, ways: Sequence[Prompts]) -> None:
        if not ways:
            raise UsageError("there must be at least one way to ask people")
        self._ways = tuple(ways)

    async def ask(self, question: Asked) -> Answer:
        """Return the first answer; the error of the last way that failed if there is none."""
        answers: list[tuple[int, Answer]] = []
        errors: list[Exception] = []
        async with anyio.create_task_group() as group:

            async def put(index: int, way: Prompts) -> None:
                try:
                    answer = await way.ask(question)
                except Exception as error:  # kept: it is raised below unless another way answers
                    errors.append(error)
                    return
                answers.append((index, answer))
                group.cancel_scope.cancel()

            for index, way in enumerate(self._ways):
                group.start_soon(put, index, way)
        return self._settle(question, answers, errors)

    def _settle(self, question: Asked, answers: list[tuple[int, Answer]], errors: list[Exception]) -> Answer:
        if not answers:
            raise errors[-1] if errors else DecisionNeeded(f"question {question.question} has no answer")
        chosen, answer = answers[0]
        for index, way in enumerate(self._ways):
            if index != chosen:
                way.withdraw(question.question, f"answered by {answer.by}")
        return answer

    def withdraw(self, question: str, why: str) -> None:
        """Take a question back everywhere."""
        for way in self._ways:
            way.withdraw(question, why)
