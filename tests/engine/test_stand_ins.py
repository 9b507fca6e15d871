"""Other steps because one failed: instead of it (`fallback`), or to put right what is wrong before it is done again (`replace`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from labcore.capabilities import Outcome
from labcore.errors import DeviceRefused, DeviceTimeout

Play = Callable[..., Any]
DOSE = "dispense: {material: water, into: vial, volume: 10 mL}"


async def refuse() -> Outcome:
    raise DeviceRefused("error:9", outcome=Outcome("not_started"))


async def silent() -> Outcome:
    raise DeviceTimeout("no answer", outcome=Outcome("unknown"))


def notes(done: Any) -> list[str]:
    return [event.body.text for event in done.of("noted")]


def policies(done: Any) -> list[str]:
    return [event.body.policy for event in done.of("error_handled")]


# ------------------------------------------------------------------------------------------------ fallback
@pytest.mark.parametrize("failure", [refuse, silent])
@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", ["by hand", "after"]),
        ("\n   times: 2", ["by hand", "after"]),
        ("\n   every: 60 s\n   for: 90 s", ["by hand", "after"]),
        ("\n   when: pH(vial) < 99", ["by hand", "after"]),
        ("\n   require: pH(vial) < 99", ["by hand", "after"]),
    ],
)
def test_a_fallback_stands_in_wherever_the_step_is_and_nothing_is_done_twice(
    play: Play, world: Any, failure: Callable[[], Awaitable[Outcome]], beside: str, expected: list[str]
) -> None:
    world.failures[1] = failure
    done = play(
        f"steps:\n - measure: {{what: pH, in: vial}}\n - {DOSE}{beside}\n   on_error: {{fallback: [{{note: by hand}}]}}\n - note: after"
    )
    assert notes(done) == expected
    assert done.state.outcome == "done"
    rounds = 2 if "times" in beside or "every" in beside else 1
    assert len(done.of("intended")) == rounds


def test_a_fallback_of_a_clean_up_step_stands_in_once(play: Play, world: Any) -> None:
    world.failures[1] = refuse
    done = play(
        f"steps:\n - note: x\nfinally:\n - {DOSE}\n   on_error: {{fallback: [{{note: by hand}}]}}\n - note: end"
    )
    assert notes(done) == ["x", "by hand", "end"]
    assert [event.step for event in done.of("step_started")].count("finally.1") == 1


def test_a_block_has_a_fallback_too(play: Play, world: Any) -> None:
    world.failures[1] = silent
    done = play(
        f"""
        steps:
          - sequence:
              - stir: {{vessel: vial, speed: 300 rpm}}
              - {DOSE}
              - note: never
            finally: [{{note: clean}}]
            on_error: {{fallback: [{{note: by hand}}]}}
          - note: after
        """
    )
    assert notes(done) == ["clean", "by hand", "after"]
    assert world.sent == ["STIR 300", "STIR OFF"]
    assert done.state.outcome == "done"


def test_each_kind_may_have_steps_of_its_own(play: Play, world: Any) -> None:
    cases = "{unknown: {fallback: [{note: look}]}, refused: {fallback: [{note: by hand}]}}"
    for failure, said in ((silent, "look"), (refuse, "by hand")):
        world.failures[len(world.doses) + 1] = failure
        done = play(f"steps:\n - {DOSE}\n   on_error: {cases}")
        assert notes(done) == [said]
        assert done.of("error_handled")[0].body.instead.endswith("-fallback")


def test_a_fallback_that_fails_fails_its_block(play: Play, world: Any) -> None:
    world.failures |= {1: refuse}
    never = "wait: 9 s\n       timeout: 1 s"
    done = play(
        f"steps:\n - {DOSE}\n   on_error:\n     fallback:\n     - {never}\n - note: never\nfinally: [{{note: clean}}]"
    )
    assert done.state.outcome == "failed"
    assert notes(done) == ["clean"]
    assert len(done.of("intended")) == 1


def test_an_abort_cuts_a_fallback_and_a_pause_waits_for_it(play: Play, world: Any) -> None:
    async def abort(run: Any) -> None:
        await anyio.sleep(3)
        await run.control.ask("abort", "me")

    world.failures[1] = refuse
    done = play(
        f"steps:\n - {DOSE}\n   on_error: {{fallback: [{DOSE.replace('vial', 'other').join('{}')}]}}",
        during=abort,
    )
    assert done.state.outcome == "aborted"
    assert [event.body.status for event in done.of("settled")] == ["not_started", "partly"]
    assert done.events[-1].kind == "run_ended"

    async def pause(run: Any) -> None:
        await anyio.sleep(3)
        await run.control.ask("pause", "me")

    world.failures[len(world.doses) + 1] = refuse
    done = play(
        f"steps:\n - {DOSE}\n   on_error: {{fallback: [{DOSE.replace('vial', 'other').join('{}')}]}}",
        during=pause,
    )
    paused = done.of("paused")[0]
    assert paused.position > done.of("settled")[-1].position


# ------------------------------------------------------------------------------------------------ replace
REPLACE = "{replace: [{move: {vessel: vial, onto: rack}}, {move: {vessel: vial, onto: plate}}, {measure: {what: pH, in: vial}}]}"


def test_what_is_required_is_put_right_and_tested_again(play: Play, world: Any) -> None:
    """The vial stands askew: take it up, put it down, look again, then dose."""
    world.value = lambda world: 9.0 if not world.sent else 1.0
    done = play(
        f"steps:\n - measure: {{what: pH, in: vial}}\n - {DOSE}\n   require: pH(vial) <= 2\n   on_error: {REPLACE}\n - note: after"
    )
    assert done.state.outcome == "done"
    assert policies(done) == ["replace"]
    assert [event.body.holds for event in done.of("condition_tested")] == [False, True]
    assert len(world.doses) == 1
    assert notes(done) == ["after"]


def test_it_is_put_right_once_then_the_rest_of_the_policy_holds(play: Play, world: Any) -> None:
    world.value = lambda _: 9.0
    text = f"steps:\n - measure: {{what: pH, in: vial}}\n - {DOSE}\n   require: pH(vial) <= 2\n   on_error: "
    assert policies(play(text + REPLACE)) == ["replace", "stop"]
    assert world.doses == []
    ask = REPLACE[:-1] + ", then: skip}"
    done = play(text + ask + "\n - note: after")
    assert policies(done) == ["replace", "skip"]
    assert notes(done) == ["after"]


def test_a_step_that_had_not_begun_is_done_after_the_repair(play: Play, world: Any) -> None:
    world.failures[1] = refuse
    done = play(f"steps:\n - {DOSE}\n   on_error: {{replace: [{{note: refill}}]}}\n - note: after")
    assert notes(done) == ["refill", "after"]
    assert len(world.doses) == 1


def test_what_was_put_right_in_vain_is_given_to_its_fallback_once(play: Play, world: Any) -> None:
    async def refuse_always() -> Outcome:
        world.failures[1] = refuse_always
        return await refuse()

    world.failures[1] = refuse_always
    text = f"steps:\n - {DOSE}\n   on_error: {{replace: [{{note: refill}}], fallback: [{{note: by hand}}]}}\n - note: after"
    done = play(text)
    assert policies(done) == ["replace", "fallback"]
    assert notes(done) == ["refill", "by hand", "after"]
    assert done.state.outcome == "done"


def test_a_replacement_that_fails_leaves_the_step_undone(play: Play, world: Any) -> None:
    world.failures |= {1: refuse}
    done = play(
        f"steps:\n - {DOSE}\n   on_error:\n     replace:\n     - wait: 9 s\n       timeout: 1 s\n - note: never"
    )
    assert done.state.outcome == "failed"
    assert len(done.of("intended")) == 1
    assert [event.step for event in done.of("step_started")].count("1") == 1


def test_a_background_step_and_the_one_beside_it_take_turns(play: Play, world: Any) -> None:
    world.failures |= {1: refuse}
    seen = iter([1])

    async def capture(self: Any, spot: Any) -> Any:
        if next(seen, None):
            raise DeviceRefused("busy")
        return await type(self).__mro__[1].capture(self, spot)  # type: ignore[attr-defined]

    done = play(
        f"""
        steps:
          - image: vial
            background: true
            on_error: {{replace: [{{wait: 5 s}}, {{note: wiped}}]}}
          - {DOSE}
            on_error: {{fallback: [{{note: by hand}}]}}
          - wait: 20 s
        """,
        driver={"capture": capture},
    )
    assert sorted(notes(done)) == ["by hand", "wiped"]
    assert len(done.of("intended")) == 1
    assert len(done.of("image_taken")) == 1
    assert done.state.outcome == "done"
