"""A simulated person behind the Prompts port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.adapters.prompts_simulated import SimulatedPrompts
from labcore.errors import DecisionNeeded
from labcore.model.event import Asked
from labcore.ports import Answer

QUESTION = Asked("q1", "Dispense 20 mL", "act", ("done", "not done"), unit="mL", act={"method": "dispense"})


@dataclass
class Reply:
    value: Any
    by: str
    file: bytes | None = None


class Person:
    """Somebody who needs 25 s and notes when they acted."""

    def __init__(self, value: Any = "done", file: bytes | None = None) -> None:
        self.value, self.file = value, file
        self.questions: list[Mapping[str, Any]] = []
        self.acted: list[float] = []

    def ask(self, question: Mapping[str, Any], now: float) -> Pending:
        self.questions.append(question)
        return Pending(self, now + 25.0)


@dataclass
class Pending:
    person: Person
    at: float

    def complete(self, now: float) -> Reply:
        self.person.acted.append(now)
        return Reply(self.person.value, "Aoi", self.person.file)


def test_a_person_takes_their_time_and_acts_when_it_is_over() -> None:
    person = Person()

    async def main() -> tuple[Answer, float]:
        answer = await SimulatedPrompts(person).ask(QUESTION)
        return answer, anyio.current_time()

    assert run_virtual(main) == (Answer("done", "Aoi"), 25.0)
    assert person.acted == [25.0]
    [question] = person.questions
    assert (question["id"], question["kind"], question["act"]) == ("q1", "act", {"method": "dispense"})
    assert (question["options"], question["unit"]) == (["done", "not done"], "mL")


@pytest.mark.parametrize(
    ("value", "unit", "meant"),
    [
        (19.5, "mL", {"value": 19.5, "unit": "mL"}),
        (7.4, "", 7.4),
        (True, "mL", True),
        ("19 mL", "mL", "19 mL"),
    ],
)
def test_a_number_is_in_the_unit_of_the_question(value: Any, unit: str, meant: Any) -> None:
    asked = Asked("q1", "How much?", "measure", unit=unit)
    assert run_virtual(SimulatedPrompts(Person(value)).ask, asked).value == meant


def test_a_photograph_is_handed_on() -> None:
    answer = run_virtual(SimulatedPrompts(Person("done", b"picture")).ask, QUESTION)
    assert answer.file == b"picture"


def test_a_question_that_is_cancelled_or_withdrawn_leaves_the_world_alone() -> None:
    person = Person()
    prompts = SimulatedPrompts(person)

    async def main() -> None:
        with anyio.move_on_after(10):
            await prompts.ask(QUESTION)
        prompts.withdraw("q1", "stopped")
        async with anyio.create_task_group() as group:

            async def withdraw() -> None:
                await anyio.sleep(10)
                prompts.withdraw("q1", "no longer needed")

            group.start_soon(withdraw)
            with pytest.raises(DecisionNeeded, match="question q1 was withdrawn"):
                await prompts.ask(QUESTION)

    run_virtual(main)
    assert person.acted == []
