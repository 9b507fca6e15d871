"""Failure is contained: one branch, one sample, one background step fails, the others finish, then the block fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcore.capabilities import Outcome
from labcore.errors import DeviceRefused

Play = Callable[..., Any]
DOSE = "dispense: {material: water, into: vial, volume: 10 mL}"


async def refuse() -> Outcome:
    raise DeviceRefused("error:9", outcome=Outcome("not_started"))


def notes(done: Any) -> list[str]:
    return [event.body.text for event in done.of("noted")]


def test_a_branch_fails_alone_with_its_clean_up_and_its_outputs(play: Play, world: Any) -> None:
    world.failures[1] = refuse
    done = play(
        f"""
        steps:
          - parallel:
              - - sequence:
                    - stir: {{vessel: vial, speed: 300 rpm}}
                    - {DOSE}
                    - note: never
                  finally: [{{note: cleaned here}}]
              - - wait: 60 s
                - note: other branch
              - - repeat: [{{note: round}}, {{wait: 20 s}}]
                  times: 3
            finally: [{{note: cleaned all}}]
          - note: never
        finally: [{{note: end}}]
        """
    )
    assert notes(done) == ["round", "cleaned here", "round", "round", "other branch", "cleaned all", "end"]
    assert done.state.outcome == "failed"
    assert "error:9" in done.state.reason
    off = done.of("stop_settled")[0]
    assert (off.step, off.body.outputs) == ("1.1.1", ("speed",))
    assert off.at < 5.0, "made safe with its block, not when the others have ended"
    assert world.sent == ["STIR 300", "STIR OFF"]


def test_a_sample_fails_alone(play: Play, world: Any) -> None:
    world.failures[1] = refuse
    done = play(
        """
        steps:
          - for_each: {v: [vial, other], do: [{dispense: {material: water, into: "${v}", volume: 2 mL}}, {note: "${v}"}]}
            finally: [{note: clean}]
          - note: never
        """
    )
    assert notes(done) == ["other", "clean"]
    assert world.doses == [("bottle", "other", 2.0)]
    assert done.state.outcome == "failed"
    assert [(event.step, event.body.outcome) for event in done.of("step_ended")][-1] == ("1", "failed")


def test_several_samples_may_fail_and_the_block_may_be_passed_over(play: Play, world: Any) -> None:
    world.failures |= {1: refuse}
    done = play(
        """
        steps:
          - for_each: {v: [vial, other], do: [{dispense: {material: water, into: "${v}", volume: 2 mL}}]}
            on_error: skip
          - note: after
        """
    )
    assert notes(done) == ["after"]
    assert done.state.outcome == "done"


def test_samples_inside_samples(play: Play, world: Any) -> None:
    world.failures[1] = refuse
    done = play(
        """
        steps:
          - for_each:
              v: [vial, other]
              do:
                - for_each: {n: [1 mL, 2 mL], do: [{dispense: {material: water, into: "${v}", volume: "${n}"}}]}
                - note: "${v} complete"
        """
    )
    assert world.doses == [("bottle", "vial", 2.0), ("bottle", "other", 1.0), ("bottle", "other", 2.0)]
    assert notes(done) == ["other complete"]


def test_a_background_step_fails_and_what_it_is_beside_finishes(play: Play, world: Any) -> None:
    async def capture(self: Any, spot: Any) -> Any:
        raise DeviceRefused("no picture")

    done = play(
        f"""
        steps:
          - sequence:
              - stir: {{vessel: vial, speed: 300 rpm}}
              - image: vial
                every: 5 s
                background: true
              - {DOSE}
              - note: dosed
            finally: [{{note: clean}}]
          - note: never
        """,
        driver={"capture": capture},
    )
    assert notes(done) == ["dosed", "clean"]
    assert len(world.doses) == 1
    assert world.sent == ["STIR 300", "STIR OFF"]
    assert done.state.outcome == "failed"
    assert "no picture" in done.state.reason


def test_the_step_that_ends_a_block_counts_before_a_background_step(play: Play, world: Any) -> None:
    async def capture(self: Any, spot: Any) -> Any:
        raise DeviceRefused("no picture")

    world.failures[1] = refuse
    done = play(
        f"steps:\n - image: vial\n   background: true\n - wait: 5 s\n - {DOSE}\n - note: never",
        driver={"capture": capture},
    )
    assert notes(done) == []
    assert "error:9" in done.state.reason


@pytest.mark.parametrize("policy", ["ask", "pause"])
def test_a_policy_beside_a_loop_is_asked_once(play: Play, world: Any, policy: str) -> None:
    world.failures[1] = refuse
    said = "{then: ask, limit: 5 s}" if policy == "ask" else policy
    done = play(f"steps:\n - {DOSE}\n   times: 2\n   on_error: {said}")
    assert [event.body.policy for event in done.of("error_handled")].count(policy) == 1
