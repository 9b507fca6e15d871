"""Questions of a clean-up for which nobody is waited: each is left as a task, named, and holds nothing up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.model.event import Asked
from labcore.ports import Answer
from labcore.state.left_task import AFTER_FAILURE, AFTER_STOP, LIMIT

Play = Callable[..., Any]
ASKS = """
steps:
  - stir: {vessel: vial, speed: 300 rpm}
  - %s
finally:
  - prompt: Cap the vial.
  - note: after
"""
FAILS = ASKS % "{note: never, require: 1 mL > 2 mL}"


class Nobody:
    """Somebody who answers `after` s, or never."""

    def __init__(self, after: float = float("inf")) -> None:
        self.after = after

    async def ask(self, question: Asked) -> Answer:
        await anyio.sleep(self.after)
        return Answer("done", "late")

    def withdraw(self, question: str, why: str) -> None:
        pass


def ends(done: Any, step: str) -> list[tuple[str, str]]:
    return [(e.body.outcome, e.body.error) for e in done.of("step_ended") if e.step == step]


def test_a_question_of_the_clean_up_that_is_open_when_a_stop_comes_is_left(play: Play) -> None:
    async def during(run: Any) -> None:
        await anyio.sleep(30.0)
        await run.control.ask("stop", "me")

    done = play(ASKS % "note: all went well", during=during, prompts=lambda control: Nobody())
    assert ends(done, "finally.1") == [("skipped", AFTER_STOP)]
    assert done.of("withdrawn")[0].at == pytest.approx(30.0)
    assert [event.body.text for event in done.of("noted")][-1] == "after"
    assert (done.state.outcome, done.state.questions) == ("stopped", {})
    assert done.state.at < 40.0


def test_after_a_failure_nobody_is_waited_for_for_ever(play: Play, world: Any) -> None:
    done = play(FAILS, prompts=lambda control: Nobody())
    assert done.state.outcome == "failed"
    assert ends(done, "finally.1") == [("skipped", AFTER_FAILURE)]
    assert done.of("withdrawn")[0].at == pytest.approx(LIMIT, abs=2.0)
    assert world.sent[-1] == "STIR OFF"
    assert [event.body.text for event in done.of("noted")] == ["after"]


def test_after_a_failure_somebody_may_still_answer(play: Play) -> None:
    done = play(FAILS, prompts=lambda control: Nobody(after=LIMIT - 1))
    assert ends(done, "finally.1") == [("done", "")]


def test_a_limit_of_the_author_counts_instead(play: Play) -> None:
    text = FAILS.replace("prompt: Cap the vial.", "prompt: {text: Cap it., limit: 1 h}")
    done = play(text, prompts=lambda control: Nobody(after=LIMIT * 2))
    assert ends(done, "finally.1") == [("done", "")]


def test_a_good_end_waits_as_long_as_it_takes(play: Play) -> None:
    done = play(ASKS % "note: all went well", prompts=lambda control: Nobody(after=LIMIT * 10))
    assert ends(done, "finally.1") == [("done", "")]
    assert done.state.outcome == "done"


def test_a_simulated_run_that_waits_for_a_decision_nobody_can_take_has_failed(play: Play, world: Any) -> None:
    world.value = lambda world: -1.0
    done = play(
        "steps:\n  - image: vial\n  - when: turbidity(vial) >= 4\n    then: [{note: cloudy}]\n    timeout: 10 s"
    )
    assert done.state.outcome == "failed"
    assert "paused with nobody to resume it" in done.state.reason
    tested = done.of("condition_tested")[0].body
    assert tested.reason == "turbidity(vial): observed once since, with bad quality (no reason given)"


def test_pictures_that_tell_nothing_are_counted(play: Play, world: Any) -> None:
    world.value = lambda world: -1.0 if world.pictures != 2 else 1.0
    loop = "  - image: vial\n    every: 5 s\n    times: 4\n  - when: turbidity(vial) >= 0\n    then: [{note: seen}]\n    max_age: 1 s"
    done = play(f"steps:\n{loop}\n    timeout: 10 s")
    reason = done.of("condition_tested")[0].body.reason
    assert reason.startswith("turbidity(vial): observed 2 times since, always with bad quality")
