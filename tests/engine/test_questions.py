"""Questions about failures: what holds meanwhile, the time limit, the default on the safe side, and who decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.capabilities import Outcome
from labcore.errors import DeviceRefused, DeviceTimeout
from labcore.model.event import Asked
from labcore.ports import Answer

Play = Callable[..., Any]
DOSE = "dispense: {material: water, into: vial, volume: 10 mL}"


async def refuse() -> Outcome:
    raise DeviceRefused("error:9", outcome=Outcome("not_started"))


async def silent() -> Outcome:
    raise DeviceTimeout("no answer", outcome=Outcome("unknown"))


class Person:
    """Answers one thing after another; then is away for ever."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.withdrawn: list[str] = []

    async def ask(self, question: Asked) -> Answer:
        self.asked.append(question)
        if not self.answers:
            await anyio.sleep_forever()
        await anyio.sleep(5)
        return Answer(self.answers.pop(0), "Ada")

    def withdraw(self, question: str, why: str) -> None:
        self.withdrawn.append(why)


def decided(done: Any) -> list[tuple[str, str]]:
    return [(event.body.policy, event.body.by) for event in done.of("error_handled")]


@pytest.mark.parametrize(
    ("answer", "doses", "outcome"), [("retry", 1, "done"), ("skip", 0, "done"), ("stop", 0, "failed")]
)
def test_a_person_decides(play: Play, world: Any, answer: str, doses: int, outcome: str) -> None:
    world.failures[1] = refuse
    person = Person(answer)
    done = play(f"steps:\n - {DOSE}\n   on_error: ask", prompts=lambda control: person)
    assert decided(done) == [("ask", "protocol"), (answer, "Ada")]
    assert (len(world.doses), done.state.outcome) == (doses, outcome)


def test_a_retry_is_offered_only_where_it_is_allowed(play: Play, world: Any) -> None:
    for failure, offered in ((refuse, True), (silent, False)):
        world.failures[len(world.doses) + 1] = failure
        person = Person("skip")
        play(f"steps:\n - {DOSE}\n   on_error: ask", prompts=lambda control, person=person: person)
        assert ("retry" in person.asked[0].options) == offered
        assert {"skip", "stop", "pause"} <= set(person.asked[0].options)


def test_an_answer_that_was_not_offered_is_no_permission(play: Play, world: Any) -> None:
    world.failures[1] = silent
    done = play(f"steps:\n - {DOSE}\n   on_error: ask", prompts=lambda control: Person("retry"))
    assert decided(done)[-1] == ("stop", "Ada")
    assert len(done.of("intended")) == 1


@pytest.mark.parametrize("default", ["stop", "skip", "pause"])
def test_nobody_answers_and_the_default_counts(play: Play, world: Any, default: str) -> None:
    world.failures[1] = silent
    person = Person()
    policy = f"{{then: ask, limit: 30 s, default: {default}}}"
    text = (
        f"steps:\n - stir: {{vessel: vial, speed: 300 rpm}}\n - {DOSE}\n   on_error: {policy}\n - note: after"
    )

    async def resume(run: Any) -> None:
        await anyio.sleep(100)
        await run.control.ask("stop", "me")

    done = play(text, prompts=lambda control: person, during=resume)
    asked, answered = done.of("asked")[0], done.of("answered")[0]
    assert (asked.body.limit, asked.body.default) == (30.0, default)
    assert asked.body.holds == "Meanwhile this step waits; on: robot speed 300 rpm"
    assert (answered.body.value, answered.body.by) == (default, "default")
    assert answered.at - asked.at == pytest.approx(30.0)
    assert decided(done)[:2] == [("ask", "protocol"), (default, "default")]
    assert person.withdrawn == [f"nobody answered within 30 s; {default} counts"]
    assert len(done.of("noted")) == (1 if default == "skip" else 0)
    assert done.state.questions == {}
    assert done.state.outputs == {}


def test_a_question_without_a_limit_waits_and_other_branches_go_on(play: Play, world: Any) -> None:
    world.failures[1] = silent

    async def stop(run: Any) -> None:
        await anyio.sleep(500)
        await run.control.ask("stop", "me")

    text = f"steps:\n - parallel:\n   - - {DOSE}\n       on_error: ask\n   - - wait: 60 s\n     - note: other"
    person = Person()
    done = play(text, prompts=lambda control: person, during=stop)
    assert person.asked[0].limit is None
    assert person.asked[0].default is None
    assert [event.at for event in done.of("noted")] == [pytest.approx(60.0)]
    assert done.state.outcome == "failed"  # the step had failed before somebody stopped the run
    assert [event.body.why for event in done.of("withdrawn")] == ["no longer needed"]


def test_a_pause_by_default_is_resumed_into_a_question(play: Play, world: Any) -> None:
    world.failures[1] = silent
    person = Person()

    async def resume(run: Any) -> None:
        await anyio.sleep(40)
        assert run.writer.state.status == "paused"
        person.answers.append("skip")
        await run.control.ask("resume", "me")

    text = f"steps:\n - {DOSE}\n   on_error: {{then: ask, limit: 30 s, default: pause}}\n - note: after"
    done = play(text, prompts=lambda control: person, during=resume)
    assert decided(done) == [("ask", "protocol"), ("pause", "default"), ("ask", "protocol"), ("skip", "Ada")]
    assert done.state.outcome == "done"


def test_an_unattended_simulation_is_answered_by_its_person(play: Play, world: Any) -> None:
    world.failures[1] = refuse
    done = play(f"steps:\n - {DOSE}\n   on_error: {{then: ask, limit: 1 h, default: skip}}")
    assert decided(done)[0] == ("ask", "protocol")
    assert decided(done)[1] == ("skip", "person")
    assert done.state.outcome == "done"
    assert done.state.questions == {}


def test_no_question_in_a_clean_up(play: Play, world: Any) -> None:
    world.failures[1] = silent
    done = play(f"steps:\n - note: x\nfinally:\n - {DOSE}\n   on_error: ask")
    assert done.of("asked") == []
    assert decided(done) == [("stop", "protocol")]


# ------------------------------------------------------------------------------------------------ what ends around it
async def busy(self: Any, spot: Any) -> Any:
    raise DeviceRefused("busy")


LOOP = "repeat:\n   - image: vial\n     on_error: ask\n   times: 3"
ROUNDS = "image: vial\n   every: 5 s\n   times: 3\n   on_error: ask"
CHOICE = "image: vial\n   require: 1 < 2\n   on_error: ask"


@pytest.mark.parametrize("steps", [LOOP, ROUNDS, CHOICE], ids=["loop", "rounds of a step", "condition"])
def test_a_stop_takes_back_a_question_about_what_failed(play: Play, world: Any, steps: str) -> None:
    """A loop ended beside the open question: the stop waited for its answer, which then fitted nothing."""

    async def stop(run: Any) -> None:
        await anyio.sleep(100)
        await run.control.ask("stop", "me")

    person = Person()
    done = play(f"steps:\n - {steps}", prompts=lambda control: person, during=stop, driver={"capture": busy})
    assert decided(done)[:2] == [("ask", "protocol"), ("stop", "protocol")]
    assert [event.at for event in done.of("withdrawn")] == [pytest.approx(100.0)]
    assert done.state.outcome == "failed"  # it had failed before somebody stopped the run
    assert done.events[-1].at < 110


@pytest.mark.parametrize(("answer", "outcome"), [("skip", "done"), ("stop", "failed")])
def test_the_end_of_a_block_waits_for_the_answer_about_its_background_step(
    play: Play, world: Any, answer: str, outcome: str
) -> None:
    person = Person(answer)
    steps = f"steps:\n - {ROUNDS}\n   background: true\n - wait: 1 s"
    done = play(steps, prompts=lambda control: person, driver={"capture": busy})
    assert decided(done)[:2] == [("ask", "protocol"), (answer, "Ada")]
    assert done.state.outcome == outcome


@pytest.mark.parametrize("beside", [ROUNDS, "image: vial\n   on_error: ask"], ids=["rounds", "one step"])
def test_a_failure_takes_back_the_question_about_the_step_beside_it(
    play: Play, world: Any, beside: str
) -> None:
    world.failures[1] = silent
    person = Person()
    steps = (
        f"steps:\n - parallel:\n   - - {beside}\n       background: true\n     - {DOSE}\n   - - note: other"
    )
    steps = steps.replace("\n   every", "\n       every").replace("\n   times", "\n       times")
    steps = steps.replace("\n   on_error", "\n       on_error")
    done = play(steps, prompts=lambda control: person, driver={"capture": busy})
    assert person.withdrawn == ["no longer needed"]
    assert done.state.outcome == "failed"
    assert done.state.questions == {}
