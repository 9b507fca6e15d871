"""Intents, settlements, failures and stops on fake devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from labcore.capabilities import Outcome
from labcore.errors import DeviceTimeout
from labcore.model.interval import Interval

Play = Callable[..., Any]
DOSE = "dispense: {material: water, into: vial, volume: 10 mL}"


def test_every_act_is_intended_before_and_settled_after(play: Play) -> None:
    done = play(f"steps:\n - {DOSE}\n - stir: {{vessel: vial, speed: 300 rpm}}")
    acts: dict[str, list[str]] = {}
    for event in done.events:
        if event.kind in ("intended", "settled"):
            acts.setdefault(event.body.act, []).append(event.kind)
    assert len(acts) == 3  # dose, stir, and the stirrer made safe at the end
    assert set(map(tuple, acts.values())) == {("intended", "settled")}
    assert done.of("intended")[0].body.frames == ("DOSE 10",)
    assert {event.source for event in done.of("settled")} == {"simulated"}


def test_the_ledger_follows_what_was_delivered(play: Play) -> None:
    done = play(f"steps:\n - {DOSE}")
    vial = done.state.ledger.vessels["vial"].contents["water"]
    some = 5e-4  # mL of it may have evaporated while it was dosed
    assert (vial.low, vial.mid, vial.high) == pytest.approx((9.9, 10.0, 10.1), abs=some)
    assert 9.9 - some < vial.low < 9.9
    assert done.state.ledger.vessels["bottle"].volume.mid == pytest.approx(190.0)


def test_a_timeout_is_unknown_and_never_repeated(play: Play, world: Any) -> None:
    async def silence() -> Outcome:
        await anyio.sleep_forever()

    world.failures[1] = silence
    done = play(f"steps:\n - {DOSE}\n   retry: 5")
    settled = done.of("settled")[0].body
    assert settled.status == "partly"  # the fake machine can tell how far it came when it is cut
    assert done.state.outcome == "failed"
    assert len(done.of("intended")) == 1


def test_an_unknown_end_widens_the_interval(play: Play, world: Any) -> None:
    async def lost() -> Outcome:
        raise DeviceTimeout("no answer", outcome=Outcome("unknown"))

    world.failures[1] = lost
    done = play(f"steps:\n - {DOSE}")
    held = done.state.ledger.vessels["vial"].volume
    assert (held.low, held.high) == (0.0, 10.0)
    assert done.of("step_ended")[-1].body.code == "E910"


def test_a_refused_act_changes_nothing_and_may_be_retried_if_declared(
    play: Play, world: Any, refuses: Any
) -> None:
    world.failures[1] = refuses
    done = play(f"steps:\n - {DOSE}\n   retry: 1\n   repeatable: true")
    assert done.state.outcome == "done"
    assert [event.body.status for event in done.of("settled")] == ["not_started", "done"]
    assert [event.body.policy for event in done.of("error_handled")] == ["retry"]
    assert len(done.world.doses) == 1


@pytest.mark.parametrize(
    ("policy", "outcome", "notes"), [("skip", "done", ["after"]), ("stop", "failed", [])]
)
def test_on_error_is_data(
    play: Play, world: Any, refuses: Any, policy: str, outcome: str, notes: list[str]
) -> None:
    world.failures[1] = refuses
    done = play(f"steps:\n - {DOSE}\n   on_error: {policy}\n - note: after")
    assert done.state.outcome == outcome
    assert [event.body.text for event in done.of("noted")] == notes


def test_fallback_steps_stand_in(play: Play, world: Any, refuses: Any) -> None:
    world.failures[1] = refuses
    done = play(f"steps:\n - {DOSE}\n   on_error: {{fallback: [{{note: by hand}}]}}\n - note: after")
    assert [event.body.text for event in done.of("noted")] == ["by hand", "after"]
    assert done.state.outcome == "done"


def test_one_branch_failing_leaves_the_other_alone(play: Play, world: Any, refuses: Any) -> None:
    world.failures[1] = refuses
    done = play(
        f"steps:\n - parallel:\n   - - {DOSE}\n   - - wait: 60 s\n     - note: other branch\n - note: never"
    )
    assert done.state.outcome == "failed"
    assert [event.body.text for event in done.of("noted")] == ["other branch"]


def test_a_limit_is_refused_before_a_byte_is_sent(play: Play, world: Any) -> None:
    done = play(
        "steps:\n - measure: {what: pH, in: vial}\n   save: x\n"
        ' - stir: {vessel: vial, speed: {value: "${(x + 1) * 600 rpm}", min: 10 rpm, max: 500 rpm}}'
    )
    assert done.state.outcome == "failed"
    assert done.of("intended") == []


# --------------------------------------------------------------------------------------------- outputs
def test_an_output_ends_with_its_block(play: Play, world: Any) -> None:
    done = play(
        "steps:\n - sequence:\n   - stir: {vessel: vial, speed: 300 rpm}\n   - wait: 20 s\n - note: off now"
    )
    assert world.sent == ["STIR 300", "STIR OFF"]
    assert (
        done.events[[e.kind for e in done.events].index("noted")].position
        > done.of("stop_settled")[0].position
    )


def test_an_output_lasts_as_long_as_for_says(play: Play, world: Any) -> None:
    done = play("steps:\n - stir: {vessel: vial, speed: 300 rpm}\n   for: 15 s\n - wait: 60 s")
    off = [event for event in done.of("settled") if event.body.act == "act-2"][0]
    assert off.at == pytest.approx(0.5 + 15 + 0.5)


def test_leave_on_leaves_on(play: Play, world: Any) -> None:
    play("leave_on: [robot]\nsteps:\n - stir: {vessel: vial, speed: 300 rpm}")
    assert world.sent == ["STIR 300"]


# --------------------------------------------------------------------------------------------- stops
def test_stop_cuts_makes_safe_and_cleans_up(play: Play, world: Any) -> None:
    async def during(run: Any) -> None:
        await anyio.sleep(5)
        await run.control.ask("stop", "me", "enough")

    done = play(
        f"steps:\n - stir: {{vessel: vial, speed: 300 rpm}}\n - {DOSE}\n - note: never\nfinally:\n - note: clean\n - prompt: cap it",
        during=during,
    )
    assert done.state.outcome == "stopped"
    cut = [event for event in done.of("settled") if event.body.status == "partly"][0]
    assert cut.body.amount.mid == pytest.approx(10 * 4.5 / 10)
    assert world.sent == ["STIR 300", "STIR OFF"]
    assert [event.body.text for event in done.of("noted")] == ["clean"]
    assert done.of("asked") == []  # nobody is waited for after a stop
    assert [e.body.outcome for e in done.events if e.kind == "step_ended" and e.step == "finally.2"] == [
        "skipped"
    ]


def test_abort_makes_safe_without_clean_up(play: Play, world: Any) -> None:
    async def during(run: Any) -> None:
        await anyio.sleep(5)
        await run.control.ask("abort", "me")

    done = play(
        "steps:\n - stir: {vessel: vial, speed: 300 rpm}\n - wait: 60 s\nfinally:\n - note: clean",
        during=during,
    )
    assert done.state.outcome == "aborted"
    assert done.of("noted") == []
    assert world.sent == ["STIR 300", "STIR OFF"]


def test_pause_lets_the_act_finish_and_resume_goes_on(play: Play, world: Any) -> None:
    async def during(run: Any) -> None:
        await anyio.sleep(5)
        await run.control.ask("pause", "me")
        await anyio.sleep(100)
        await run.control.ask("resume", "me")

    class Nobody:
        async def ask(self, question: Any) -> Any:
            await anyio.sleep_forever()

        def withdraw(self, question: str, why: str) -> None:
            pass

    done = play(f"steps:\n - {DOSE}\n - note: later", during=during, prompts=lambda control: Nobody())
    assert done.of("paused")[0].at == pytest.approx(10.0)
    assert done.of("noted")[0].at == pytest.approx(105.0)
    assert done.state.outcome == "done"


def test_no_finally_step_is_started_twice(play: Play) -> None:
    async def during(run: Any) -> None:
        await anyio.sleep(15)
        await run.control.ask("stop", "me")

    done = play("steps:\n - wait: 10 s\nfinally:\n - wait: 20 s\n - note: clean", during=during)
    assert done.state.outcome == "stopped"
    started = [event.step for event in done.of("step_started")]
    assert started == ["1", "finally.1", "finally.2"]


@pytest.mark.parametrize("moment", [0.1, 0.4, 0.6, 3.0, 9.0, 10.4, 10.6, 25.0, 55.0])
def test_stopped_at_any_moment_outputs_are_safe_and_the_ledger_holds_the_truth(
    play: Play, world: Any, moment: float
) -> None:
    async def during(run: Any) -> None:
        await anyio.sleep(moment)
        await run.control.ask("stop", "me")

    done = play(
        f"""
        steps:
          - stir: {{vessel: vial, speed: 300 rpm}}
          - parallel:
              - - {DOSE}
              - - image: vial
                  every: 5 s
                  for: 30 s
          - wait: 30 s
        finally:
          - note: clean
        """,
        during=during,
    )
    assert done.state.outputs == {}
    truth = sum(volume for _, target, volume in world.doses if target == "vial")
    assert done.state.ledger.vessels["vial"].volume.contains(truth)
    assert len(done.of("noted")) == 1
    assert world.sent.count("STIR 300") == world.sent.count("STIR OFF")


def test_amounts_of_a_partly_done_act_are_intervals(play: Play, world: Any) -> None:
    async def partly() -> Outcome:
        return Outcome("partly", Interval(2.0, 3.0, 4.0))

    world.failures[1] = partly
    done = play(f"steps:\n - {DOSE}\n   on_error: skip")
    held = done.state.ledger.vessels["vial"].volume
    assert (held.low, held.mid, held.high) == (2.0, 3.0, 4.0)


def test_a_dose_that_does_not_fit_any_more_is_refused_when_it_starts(play: Play, world: Any) -> None:
    done = play(f"steps:\n - {DOSE}\n - {DOSE}\n - {DOSE}\n - {DOSE}\n - {DOSE}\n - {DOSE}", allowed="E601")
    assert done.state.outcome == "failed"
    assert len(done.world.doses) == 5
    assert done.of("step_ended")[-1].body.code == "E601"
