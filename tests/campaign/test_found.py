"""Stories that once broke an invariant, written out: drawing differently later must not lose them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from campaign.chance import stream
from campaign.lab import lab_text
from campaign.lives import Story, Verdict
from campaign.scenario import Kill, Said, Scenario, Takeover
from labcore.testing.faults import FailingWrites

HEAD = """
labcore: 1
name: found
materials: {water: {}, acid: {}}
vessels: {a: {labware: vial-50ml}, b: {labware: vial-50ml}}
devices: {dispenser: [dosing], hand: [weighing], stirrer: [stirring, measuring], plate: [stirring, measuring]}
"""
ASK = Takeover(20.0, True, None, False, False)
RESUME = Takeover(2.0, True, "resume", False, False)


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))

    def go(steps: str, seed: int = 1, **trouble: object) -> Verdict:
        scenario = Scenario(seed, HEAD + steps, lab_text(stream(seed, "lab")), 0, **trouble)  # type: ignore[arg-type]
        folder = tmp_path / f"data-{len(list(tmp_path.iterdir()))}"
        verdict = Story(scenario, folder).play()
        assert verdict.failure is None, f"{verdict.failure.rule}: {verdict.failure.text}"
        return verdict

    return go


def kinds(verdict: Verdict) -> list[str]:
    return [json.loads(line)["kind"] for line in verdict.lines]


def test_a_step_that_waits_for_a_speed_is_taken_up(play) -> None:  # type: ignore[no-untyped-def]
    stir = "- stir: {device: plate, speed: 300 rpm, reach: true}"
    steps = f"steps:\n{stir}\n- dispense: {{material: acid, into: b, volume: 2 mL, using: dispenser}}"
    verdict = play(steps, kills=(Kill("after", 6),), takeovers=(RESUME,))
    assert verdict.ending == "done"
    assert {"step_resumed", "stop_settled"} <= set(kinds(verdict))


def test_an_abort_ends_a_recovery_that_asks(play) -> None:  # type: ignore[no-untyped-def]
    steps = "steps:\n- stir: {device: plate, speed: 300 rpm}\n- wait: 2 min"
    for second in range(22, 30):  # one of them meets the open question
        verdict = play(
            steps, kills=(Kill("after", 9),), takeovers=(ASK,), words=(Said(float(second), "abort"),)
        )
        found = kinds(verdict)
        if "asked" in found and "recovery_decided" not in found:
            break
    assert verdict.ending == "aborted"
    assert {"asked", "withdrawn"} <= set(found)
    assert "recovery_decided" not in found


def test_what_a_simulated_person_decides_is_simulated(play) -> None:  # type: ignore[no-untyped-def]
    steps = "steps:\n- wait: 2 min"
    verdict = play(steps, kills=(Kill("after", 2),), takeovers=(ASK,))
    answered = [json.loads(line) for line in verdict.lines if '"answered"' in line]
    assert {one["source"] for one in answered} == {"simulated"}


def test_an_abort_takes_back_what_was_asked_about_a_failure(play) -> None:  # type: ignore[no-untyped-def]
    """The run ended beside the open question, and its answer, minutes later, was written after the end."""
    steps = "steps:\n- prompt: {text: ready?, limit: 1 s}\n  on_error: ask\n- wait: 1 min"
    for second in range(2, 12):  # one of them meets the open question
        verdict = play(steps, words=(Said(float(second), "abort"),))
        assert verdict.ending == "aborted"
        found = kinds(verdict)
        if "decide" in verdict.lines[found.index("control_asked") - 1]:
            break
    assert found.index("withdrawn", found.index("control_asked")) < found.index("run_ended")


def test_a_step_that_waits_for_a_speed_does_not_keep_a_pause_waiting(play) -> None:  # type: ignore[no-untyped-def]
    """The disk refused, the stirrer went off, the run was to pause: the step could not end, so the pause never came."""
    steps = "steps:\n- stir: {device: plate, speed: 600 rpm, reach: true}\n- note: done"
    for first in range(5, 9):  # one of them comes right after the stirrer was switched on
        verdict = play(steps, writes=FailingWrites(first, 100, "disk full"))
        assert verdict.ending in ("done", "stopped")
        assert verdict.met == ["refused_write"]


def test_an_output_that_is_off_again_is_not_waited_for(play) -> None:  # type: ignore[no-untyped-def]
    verdict = play("steps:\n- stir: {device: plate, speed: 600 rpm, reach: true}\n  for: 1 s\n- note: done")
    ended = [json.loads(line)["data"] for line in verdict.lines if '"step_ended"' in line]
    assert (verdict.ending, ended[0]["code"]) == ("failed", "E808")
