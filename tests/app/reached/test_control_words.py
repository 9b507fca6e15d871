"""What other processes ask of a run: what is taken, what is refused, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from labcore.app import reachable as reaching
from labcore.model.event import ControlAsked, RunEnded

NAME = "A lab"


# ------------------------------------------------------------------------------------------ control words
@pytest.mark.parametrize("simulated", [False, True])
def test_a_control_word_is_answered_with_its_place_in_the_journal(reached: Any, simulated: bool) -> None:
    async def job(run: Any) -> Any:
        said = await run.asks(ask="pause", by="Ann", why="lunch", now=True)
        return said, run.asked, run.setting.unattended

    said, asked, unattended = reached(job, simulated)
    assert said == [{"position": 1, "refused": ""}]
    assert asked == [ControlAsked("pause", "Ann", "lunch", True)]
    assert unattended is False, "who paused it from another terminal can resume it from there"


@pytest.mark.parametrize("now", [None, False, 1, "yes"])
def test_only_true_means_now_and_nobody_has_to_say_who_and_why(reached: Any, now: Any) -> None:
    async def job(run: Any) -> Any:
        await run.asks(ask="pause", **({} if now is None else {"now": now}))
        return run.asked

    assert reached(job) == [ControlAsked("pause", "unknown user", "", False)]


def test_texts_are_kept_on_one_line_and_not_too_long(reached: Any) -> None:
    async def job(run: Any) -> Any:
        await run.asks(ask="stop", by=f" Ann\n{'a' * 200}", why=f"one\t\ttwo {'b' * 600}")
        return run.asked

    [asked] = reached(job)
    assert asked == ControlAsked("stop", f"Ann {'a' * 96}", f"one two {'b' * 492}", False)
    assert (len(asked.by), len(asked.why)) == (100, 500)
    assert (reaching.LONGEST_NAME, reaching.LONGEST_WHY) == (100, 500)


def test_what_makes_no_sense_now_is_refused_and_not_recorded(reached: Any) -> None:
    async def job(run: Any) -> Any:
        return await run.asks(ask="resume", by="Ann"), run.asked

    said, asked = reached(job)
    assert said == [{"position": None, "refused": "the run is running: it cannot be asked to resume"}]
    assert asked == []


@pytest.mark.parametrize(("word", "simulated"), [("dance", False), (None, False), ("estop", True)])
def test_a_word_that_is_none_here_is_refused(reached: Any, word: Any, simulated: bool) -> None:
    async def job(run: Any) -> Any:
        return await run.asks(ask=word, by="Ann"), run.asked

    assert reached(job, simulated) == ([{"refused": f"there is no request {word!r} here"}], [])


def test_who_asks_while_a_run_ends_hears_that_it_has_ended(reached: Any) -> None:
    """The request was taken while it ran; its last event came before it could be written."""

    async def job(run: Any) -> Any:
        run.control._refusal = lambda one: ""  # type: ignore[method-assign,assignment]
        await run.writer.write(RunEnded("done"))
        return await run.asks(ask="stop", by="Ann")

    assert reached(job) == [{"position": None, "refused": "it has ended"}]


def test_who_asks_after_the_loop_is_gone_hears_that_it_has_ended(reached: Any) -> None:
    desks: list[Any] = []

    async def job(run: Any) -> None:
        desks.append(reaching._Desk(run.control, run.setting, None))

    reached(job)
    said: list[Mapping[str, Any]] = []
    desks[0].take({"ask": "stop"}, lambda data, last=True: said.append(data))
    assert said == [{"position": None, "refused": "it has ended"}]
