"""`pause --now` cuts what may be begun again, and nothing else; what it cut begins again after the pause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

Play = Callable[..., Any]
DOSE = "dispense: {material: water, into: vial, volume: 10 mL}"
REACH = "stir: {vessel: vial, speed: 400 rpm, reach: true}"  # the fake stirrer never gets there


class Nobody:
    async def ask(self, question: Any) -> Any:
        await anyio.sleep_forever()

    def withdraw(self, question: str, why: str) -> None:
        pass


def pausing(*, now: bool, then: str = "resume", at: float = 3.0) -> Callable[[Any], Any]:
    async def during(run: Any) -> None:
        await anyio.sleep(at)
        await run.control.ask("pause", "me", now=now)
        await anyio.sleep(100)
        await run.control.ask(then, "me")
        if then == "resume":
            await anyio.sleep(20)
            await run.control.ask("stop", "me")

    return during


def play_on(play: Play, steps: str, during: Any) -> Any:
    return play(steps, during=during, prompts=lambda control: Nobody())


def test_a_step_that_may_be_repeated_is_cut_and_begun_again(play: Play) -> None:
    done = play_on(play, f"steps:\n - {REACH}\n   timeout: 10 min\n - note: never", pausing(now=True))
    assert [event.at for event in done.of("paused")] == [pytest.approx(3.0, abs=1.0)]
    assert [(event.body.outcome, event.step) for event in done.of("step_ended")][0] == ("cut", "1")
    assert [(event.body.policy, event.body.reason) for event in done.of("error_handled")][0] == (
        "retry",
        "resumed",
    )
    begun = [event for event in done.of("step_started") if event.step == "1"]
    assert [event.at > 100 for event in begun] == [False, True]
    assert [event.body.attempt for event in begun] == [1, 1], "an interruption is no attempt"
    assert done.state.outcome == "stopped"


def test_without_now_the_same_step_is_waited_for(play: Play) -> None:
    done = play_on(
        play, f"steps:\n - {REACH}\n   timeout: 50 s\n   on_error: skip\n - note: never", pausing(now=False)
    )
    assert done.of("paused")[0].at == pytest.approx(50.0, abs=0.1)


def test_a_dose_runs_to_its_end(play: Play) -> None:
    done = play_on(play, f"steps:\n - {DOSE}\n - note: after", pausing(now=True))
    assert [event.body.status for event in done.of("settled")] == ["done"]
    assert done.of("paused")[0].at == pytest.approx(10.0, abs=0.1)
    assert done.state.outcome == "done"


def test_stopped_instead_of_resumed_it_is_stopped_not_failed(play: Play) -> None:
    done = play_on(
        play,
        f"steps:\n - {REACH}\n   timeout: 10 min\nfinally:\n - note: clean",
        pausing(now=True, then="stop"),
    )
    assert done.state.outcome == "stopped"
    assert [event.body.text for event in done.of("noted")] == ["clean"]
    assert len([event for event in done.of("step_started") if event.step == "1"]) == 1


def test_waits_and_prompts_go_on(play: Play) -> None:
    done = play_on(play, "steps:\n - wait: 60 s\n - note: after", pausing(now=True))
    ended = [event for event in done.of("step_ended") if event.step == "1"]
    assert [(event.body.outcome, event.at) for event in ended] == [("done", pytest.approx(60.0))]
    assert done.of("paused")[0].at == pytest.approx(3.0)
    assert done.of("noted")[0].at > 100


def test_a_step_of_the_clean_up_is_never_begun_twice(play: Play) -> None:
    done = play_on(
        play,
        f"steps:\n - note: x\nfinally:\n - {REACH}\n   timeout: 30 s\n   on_error: skip",
        pausing(now=True),
    )
    assert len([event for event in done.of("step_started") if event.step == "finally.1"]) == 1


@pytest.mark.parametrize("where", ["parallel", "repeat"])
def test_inside_other_blocks(play: Play, where: str) -> None:
    inside = {
        "parallel": f"steps:\n - parallel:\n   - - {REACH}\n       timeout: 10 min\n   - - wait: 5 s\n     - note: other",
        "repeat": f"steps:\n - repeat:\n   - {REACH}\n     timeout: 10 min\n   times: 3",
    }[where]
    done = play_on(play, inside, pausing(now=True))
    cut = [event.step for event in done.of("step_ended") if event.body.outcome == "cut"]
    again = [event.step for event in done.of("step_started") if event.at > 100]
    assert cut[0] in again
    assert done.state.outcome == "stopped"
