"""People who give prepared answers, and operators who ask them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.errors import DeviceTimeout
from labcore.model.event import Asked, Value
from labcore.plugin.driver import Site
from labcore.ports import Answer
from labcore_operator.driver import Operator
from labcore_operator.options import OperatorOptions


class Person:
    """Somebody who gives prepared answers; None means that they are away for ever."""

    def __init__(self, *answers: Value | Answer | None) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []

    async def __call__(self, question: Asked) -> Answer:
        self.asked.append(question)
        answer = self.answers.pop(0)
        if answer is None:
            try:
                with anyio.fail_after(question.limit):
                    await anyio.sleep_forever()
            except TimeoutError:
                raise DeviceTimeout(f"nobody answered within {question.limit:g} s") from None
        await anyio.sleep(10)
        return answer if isinstance(answer, Answer) else Answer(answer, "Kei")


@pytest.fixture
def hire() -> Callable[..., Person]:
    """Return the maker of a person who answers in this order."""
    return Person


@pytest.fixture
def operator() -> Callable[..., Operator]:
    """Return the maker of an operator who asks a person."""

    def make(person: Person, **options: Any) -> Operator:
        site = Site("hands", simulated=False, ask=person, stations=("stirrer",))
        return Operator(site, OperatorOptions.model_validate(options))

    return make
