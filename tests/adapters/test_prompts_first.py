"""Several ways to ask; the first answer counts."""

from __future__ import annotations

import anyio
import pytest

from labcore.adapters.loop import run_virtual
from labcore.adapters.prompts_first import FirstPrompts
from labcore.errors import DecisionNeeded, UsageError
from labcore.model.event import Asked
from labcore.ports import Answer

QUESTION = Asked("q1", "Ready?", "confirm")


class Way:
    """A way to ask that answers, or fails, after some time."""

    def __init__(self, after: float, *, error: Exception | None = None, by: str = "") -> None:
        self.after, self.error, self.by = after, error, by or f"after {after:g} s"
        self.withdrawn: list[tuple[str, str]] = []
        self.cancelled = False

    async def ask(self, question: Asked) -> Answer:
        try:
            await anyio.sleep(self.after)
        except anyio.get_cancelled_exc_class():
            self.cancelled = True
            raise
        if self.error is not None:
            raise self.error
        return Answer("yes", self.by)

    def withdraw(self, question: str, why: str) -> None:
        self.withdrawn.append((question, why))


def test_the_first_answer_wins_and_the_others_are_withdrawn() -> None:
    slow, quick = Way(9), Way(3)
    answer = run_virtual(FirstPrompts([slow, quick]).ask, QUESTION)
    assert answer == Answer("yes", "after 3 s")
    assert slow.cancelled
    assert slow.withdrawn == [("q1", "answered by after 3 s")]
    assert quick.withdrawn == []


def test_two_answers_at_one_instant_are_one_answer() -> None:
    first, second = Way(3, by="first"), Way(3, by="second")
    assert run_virtual(FirstPrompts([first, second]).ask, QUESTION).by == "first"
    assert second.withdrawn == [("q1", "answered by first")]


def test_a_way_that_fails_leaves_the_others_waiting() -> None:
    broken, slow = Way(1, error=OSError("no folder")), Way(5)
    assert run_virtual(FirstPrompts([broken, slow]).ask, QUESTION).by == "after 5 s"


def test_when_every_way_fails_the_question_does() -> None:
    ways = [Way(1, error=OSError("no folder")), Way(2, error=DecisionNeeded("withdrawn"))]
    with pytest.raises(DecisionNeeded, match="withdrawn"):
        run_virtual(FirstPrompts(ways).ask, QUESTION)


def test_cancelling_cancels_every_way_and_withdrawing_reaches_every_way() -> None:
    ways = [Way(9), Way(9)]
    prompts = FirstPrompts(ways)

    async def main() -> None:
        with anyio.move_on_after(1):
            await prompts.ask(QUESTION)
        prompts.withdraw("q1", "stopped")

    run_virtual(main)
    assert [way.cancelled for way in ways] == [True, True]
    assert [way.withdrawn for way in ways] == [[("q1", "stopped")]] * 2


def test_nobody_to_ask_is_refused() -> None:
    with pytest.raises(UsageError):
        FirstPrompts([])
