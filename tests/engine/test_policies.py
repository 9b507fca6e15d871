"""`on_error` by kind of failure: what really happened decides, and what may have been done is not done again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from labcore.capabilities import Outcome
from labcore.errors import DeviceRefused, DeviceTimeout, LinkLost
from labcore.model.failure import KINDS, kinds_of
from labcore.model.interval import Interval
from labcore.model.observation import Picture

Play = Callable[..., Any]
DOSE = "dispense: {material: water, into: vial, volume: 10 mL}"
CASES = "{unknown: {then: ask, limit: 10 s}, partly: skip, lost: stop, refused: retry, timeout: pause, otherwise: stop}"


def notes(done: Any) -> list[str]:
    return [event.body.text for event in done.of("noted")]


def handled(done: Any) -> list[tuple[str, str]]:
    return [(event.body.policy, event.body.failure) for event in done.of("error_handled")]


async def refuse() -> Outcome:
    raise DeviceRefused("error:9", outcome=Outcome("not_started"))


async def silent() -> Outcome:
    raise DeviceTimeout("no answer", outcome=Outcome("unknown"))


async def half() -> Outcome:
    return Outcome("partly", Interval(2.0, 3.0, 4.0))


async def unplugged() -> Outcome:
    raise LinkLost("the cable is gone", outcome=Outcome("unknown"))


async def never_sent() -> Outcome:
    raise LinkLost("the cable is gone", outcome=Outcome("not_started"))


@pytest.mark.parametrize(
    ("failure", "cases", "first"),
    [
        (refuse, "{refused: skip, otherwise: stop}", ("skip", "refused")),
        (silent, "{unknown: skip, timeout: retry}", ("skip", "unknown")),
        (half, "{partly: skip, unknown: stop}", ("skip", "partly")),
        (unplugged, "{unknown: skip, lost: stop}", ("skip", "unknown")),
        (unplugged, "{lost: skip}", ("skip", "lost")),
        (never_sent, "{unknown: stop, lost: skip}", ("skip", "lost")),
        (silent, "{refused: stop, otherwise: skip}", ("skip", "unknown")),
    ],
)
def test_the_kind_of_failure_decides(
    play: Play, world: Any, failure: Callable[[], Awaitable[Outcome]], cases: str, first: tuple[str, str]
) -> None:
    world.failures[1] = failure
    done = play(f"steps:\n - {DOSE}\n   on_error: {cases}\n - note: after")
    assert handled(done)[0] == first
    assert notes(done) == ["after"]
    assert done.state.outcome == "done"


@pytest.mark.parametrize(
    ("step", "allowed", "kind"),
    [
        ("stir: {vessel: vial, speed: {value: '${x * 600 rpm}', min: 0 rpm, max: 900 rpm}}", "E702", "limit"),
        (
            "stir: {vessel: vial, speed: {value: '${x * 600 rpm}', min: 0 rpm, max: 400 rpm}}",
            "",
            "impossible",
        ),
        ("dispense: {material: water, into: vial, volume: 60 mL}", "E601", "impossible"),
        ("wait: 30 s\n   timeout: 5 s", "", "timeout"),
        ("note: x\n   require: pH(vial) > 7", "", "required"),
        ("repeat: [{measure: {what: pH, in: vial}}]\n   times: 2\n   until: pH(vial) > 7", "", "unreached"),
    ],
)
def test_each_kind_comes_from_what_happened(
    play: Play, world: Any, step: str, allowed: str, kind: str
) -> None:
    world.value = lambda _: 1.0
    first = "measure: {what: pH, in: vial}\n   save: x"
    text = f"steps:\n - {first}\n - {step}\n   on_error: {{{kind}: skip, otherwise: stop}}\n - note: after"
    done = play(text, allowed=allowed)
    assert handled(done)[-1] == ("skip", kind)
    assert notes(done) == ["after"]


def test_a_condition_that_nobody_decides_pauses_unless_it_is_said_otherwise(play: Play, world: Any) -> None:
    world.value = lambda _: -1.0
    text = "steps:\n - image: vial\n - when: turbidity(vial) < 100\n   then: [{note: never}]\n   timeout: 5 s\n   on_error: {%s}"
    assert handled(play(text % "unknown: stop")) == [("pause", "undecided")]
    assert handled(play(text % "undecided: skip")) == [("skip", "undecided")]


def test_a_plugins_bug_is_a_kind(play: Play, world: Any) -> None:
    async def capture(self: Any, spot: Any) -> Any:
        return None

    done = play("steps:\n - image: vial\n   on_error: {bug: skip}", driver={"capture": capture})
    assert handled(done) == [("skip", "bug")]


def test_the_set_of_kinds_is_closed() -> None:
    codes = [f"E{number}" for number in (*range(805, 809), *range(908, 912), *range(921, 927), 601, 505)]
    found = {
        kind
        for code in codes
        for acted in ("", "done", "partly", "unknown")
        for kind in kinds_of(code, acted)
    }
    assert found == set(KINDS)
    assert kinds_of("", "") == ()
    assert kinds_of("E808", "unknown") == ("unknown", "timeout")


# ------------------------------------------------------------------------------------------------ never twice
def test_what_was_refused_had_not_begun_and_is_tried_again(play: Play, world: Any) -> None:
    world.failures[1] = refuse
    done = play(f"steps:\n - {DOSE}\n   on_error: {CASES}")
    assert handled(done) == [("retry", "refused")]
    assert len(world.doses) == 1
    assert done.state.outcome == "done"


@pytest.mark.parametrize("failure", [silent, half, unplugged])
@pytest.mark.parametrize(
    "policy", ["retry", "{retry: 5, then: skip}", "{replace: [{note: repair}], then: skip}"]
)
def test_what_may_have_been_done_is_not_done_again(
    play: Play, world: Any, failure: Callable[[], Awaitable[Outcome]], policy: str
) -> None:
    world.failures[1] = failure
    done = play(f"steps:\n - {DOSE}\n   on_error: {policy}")
    assert len(done.of("intended")) == 1
    assert notes(done) == []
    assert "Not done again" in done.of("error_handled")[0].body.reason


def test_a_step_cut_by_its_timeout_in_mid_act_is_not_done_again(play: Play, world: Any) -> None:
    done = play(f"steps:\n - {DOSE}\n   timeout: 4 s\n   on_error: {{timeout: {{retry: 3}}}}")
    assert len(done.of("intended")) == 1
    assert done.of("error_handled")[0].body.policy == "stop"
    assert done.state.outcome == "failed"


def test_check_refuses_a_retry_of_what_is_unknown(play: Play) -> None:
    with pytest.raises(AssertionError, match="E818"):
        play(f"steps:\n - {DOSE}\n   on_error: {{unknown: retry}}")


def test_a_repeatable_step_is_done_again_even_then(play: Play, world: Any) -> None:
    world.failures[1] = silent
    done = play(f"steps:\n - {DOSE}\n   repeatable: true\n   on_error: {{unknown: retry}}")
    assert [event.body.status for event in done.of("settled")] == ["unknown", "done"]


def test_a_retry_counts_for_each_step_alone(play: Play, world: Any) -> None:
    world.failures |= {1: refuse}
    pictures = iter([1, 2])

    async def capture(self: Any, spot: Any) -> Any:
        await anyio.sleep(1)
        if next(pictures, None):
            raise DeviceRefused("busy")
        return Picture(b"x 1", "text/plain", (1, 1), {})

    text = f"steps:\n - image: vial\n   background: true\n   retry: 2\n - wait: 0.5 s\n - {DOSE}\n   on_error: retry\n - wait: 9 s"
    done = play(text, driver={"capture": capture})
    assert done.state.outcome == "done"
    assert [event.body.attempt for event in done.of("step_started") if event.step == "1"] == [1, 2, 3]
    assert [event.body.attempt for event in done.of("step_started") if event.step == "3"] == [1, 2]
    assert len(done.of("image_taken")) == 1


def test_a_block_is_tried_again_where_nothing_in_it_had_begun(play: Play, world: Any) -> None:
    world.failures[1] = refuse
    done = play(
        f"steps:\n - sequence:\n   - note: first\n   - {DOSE}\n   on_error: {{refused: {{retry: 2}}}}"
    )
    assert notes(done) == ["first", "first"]
    assert len(world.doses) == 1
    world.failures[2], world.failures[3] = refuse, refuse
    done = play(f"steps:\n - sequence:\n   - {DOSE}\n   - {DOSE}\n   on_error: {{refused: {{retry: 2}}}}")
    assert len(world.doses) == 2
    assert done.state.outcome == "failed"


# ------------------------------------------------------------------------------------------------ how often
async def always_busy(self: Any, spot: Any) -> Any:
    await anyio.sleep(1)
    raise DeviceRefused("busy")


@pytest.mark.parametrize(
    ("block", "key"),
    [
        ("sequence:\n   - note: first\n   - note: never\n     require: 2 < 1", "1"),
        ("parallel:\n   - - note: first\n   - - note: never\n       require: 2 < 1", "1"),
        ("repeat:\n   - note: first\n   times: 2\n   until: 2 < 1", "1"),
        ("when: 1 < 2\n   then:\n   - note: first\n   - note: never\n     require: 2 < 1", "1"),
    ],
    ids=["sequence", "parallel", "repeat", "when"],
)
def test_a_block_is_tried_again_as_often_as_it_says_whatever_ended_in_it(
    play: Play, block: str, key: str
) -> None:
    """The count of a block was lost when the first of its steps ended: it was tried again for ever."""
    done = play(f"steps:\n - {block}\n   on_error: {{retry: 2}}")
    assert done.state.outcome == "failed"
    assert attempts(done, key) == [1, 2, 3]
    first = [event for event in done.of("step_started") if event.step != key]
    assert {event.body.attempt for event in first} == {
        1
    }  # what is in it is done for the first time each time


@pytest.mark.parametrize(
    ("steps", "key"),
    [
        ("steps:\n - parallel:\n   - - note: x\n   - image: vial\n     on_error: {retry: 2}", "1.2.1"),
        ("steps:\n - note: x\nfinally:\n - image: vial\n   on_error: {retry: 2}", "finally.1"),
    ],
    ids=["a branch", "a clean-up step"],
)
def test_a_branch_and_a_clean_up_step_are_tried_again_as_often_as_they_say(
    play: Play, steps: str, key: str
) -> None:
    done = play(steps, driver={"capture": always_busy})
    assert done.state.outcome == "failed"
    assert attempts(done, key) == [1, 2, 3]


def attempts(done: Any, key: str) -> list[int]:
    return [event.body.attempt for event in done.of("step_started") if event.step == key]


def test_other_steps_are_taken_for_a_branch(play: Play) -> None:
    branch = "image: vial\n     on_error: {fallback: [{note: instead}]}"
    done = play(f"steps:\n - parallel:\n   - - note: x\n   - {branch}", driver={"capture": always_busy})
    assert notes(done) == ["x", "instead"]
    assert attempts(done, "1.2.1") == [1]
    assert done.state.outcome == "done"


def test_a_branch_is_put_right_once(play: Play) -> None:
    branch = "image: vial\n     on_error: {replace: [{note: repair}], then: skip}"
    done = play(f"steps:\n - parallel:\n   - - note: x\n   - {branch}", driver={"capture": always_busy})
    assert notes(done) == ["x", "repair"]
    assert attempts(done, "1.2.1") == [1, 2]
    assert done.state.outcome == "done"
