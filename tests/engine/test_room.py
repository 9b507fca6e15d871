"""Two branches, one vessel: whether a dose fits is judged when it begins, not when its step began."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LAB = """
lab: two pumps
devices: {robot: {driver: fake}, pump: {driver: fake}}
positions:
  plate: {fits: vial-50ml}
stock:
  water: {in: bottle, volume: 200 mL}
vessels:
  vial: {at: plate, labware: vial-50ml}
"""
STEPS = """
    steps:
      - parallel:
          - - dispense: {{material: water, into: vial, volume: 30 mL, using: robot}}
          - - dispense: {{material: water, into: vial, volume: {volume}, using: {second}}}
"""


@pytest.mark.parametrize("second", ["robot", "pump"], ids=["one after the other", "at once"])
def test_a_dose_that_does_not_fit_beside_another_is_refused(
    play: Callable[..., Any], world: Any, second: str
) -> None:
    done = play(STEPS.format(second=second, volume="30 mL"), lab=LAB, allowed="E601")
    assert world.doses == [("bottle", "vial", 30.0)]
    (failed,) = [event.body for event in done.of("step_ended") if event.step == "1.2.1"]
    assert "vial-50ml holds 50 mL; nothing was sent" in failed.error
    assert len(done.of("intended")) == 1
    assert done.state.outcome == "failed"


def test_doses_that_fit_together_are_done(play: Callable[..., Any], world: Any) -> None:
    done = play(STEPS.format(second="pump", volume="15 mL"), lab=LAB)
    assert sorted(amount for _, _, amount in world.doses) == [15.0, 30.0]
    assert done.state.outcome == "done"
