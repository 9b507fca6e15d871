"""Two branches, one vessel: how much is dosed, and whether it fits, is judged when a dose begins, not when its step began."""

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


# ------------------------------------------------------------------------------------------------ up to a total
TOTAL = """
    steps:
      - parallel:
          - - dispense: {{material: water, into: vial, {first}, using: robot}}
              save: one
          - - dispense: {{material: water, into: vial, to_total: 40 mL, tolerance: 20 %, using: {second}}}
              save: two
"""


@pytest.mark.parametrize("second", ["robot", "pump"], ids=["one after the other", "at once"])
@pytest.mark.parametrize("first", ["to_total: 40 mL", "volume: 15 mL"])
def test_two_branches_together_do_not_pass_the_total(
    play: Callable[..., Any], world: Any, first: str, second: str
) -> None:
    done = play(TOTAL.format(first=first, second=second), lab=LAB)
    assert done.state.outcome == "done"
    assert sum(amount for _, _, amount in world.doses) == pytest.approx(40.0, abs=0.5)
    assert done.state.ledger.vessel("vial").volume.mid == pytest.approx(40.0, abs=0.5)


def test_who_finds_the_vessel_full_has_dosed_nothing(play: Callable[..., Any], world: Any) -> None:
    done = play(TOTAL.format(first="volume: 40 mL", second="robot"), lab=LAB)
    assert len(done.of("intended")) == 1
    assert done.state.results["two"]["value"] == 0.0
    assert done.state.outcome == "done"


def test_what_has_become_too_much_while_the_step_waited_is_refused(
    play: Callable[..., Any], world: Any
) -> None:
    done = play(TOTAL.format(first="volume: 49 mL", second="robot"), lab=LAB, allowed="E606")
    (failed,) = [event.body for event in done.of("step_ended") if event.step == "1.2.1"]
    assert (failed.outcome, failed.code) == ("failed", "E606")
    assert len(done.of("intended")) == 1


def test_what_is_intended_is_what_was_worked_out_when_the_dose_began(
    play: Callable[..., Any], world: Any
) -> None:
    done = play(TOTAL.format(first="volume: 15 mL", second="robot"), lab=LAB)
    asked = [event.body.arguments["volume"]["value"] for event in done.of("intended")]
    assert asked == [15.0, pytest.approx(25.0, abs=0.01)]
    assert done.state.results["two"]["value"] == pytest.approx(25.0, abs=0.5)


# ------------------------------------------------------------------------------------------------ places
PLACES = """
lab: two hands
devices: {robot: {driver: fake}, pump: {driver: fake}}
positions:
  one: {fits: vial-50ml}
  two: {fits: vial-50ml}
  three: {fits: vial-50ml}
stock:
  water: {in: bottle, volume: 200 mL}
vessels:
  vial: {at: one, labware: vial-50ml}
  other: {at: two, labware: vial-50ml}
"""


@pytest.mark.parametrize("second", ["robot", "pump"], ids=["one after the other", "at once"])
def test_a_place_that_another_branch_takes_meanwhile_is_not_used(
    play: Callable[..., Any], world: Any, second: str
) -> None:
    steps = f"""
    steps:
      - dispense: {{material: water, into: other, volume: 1 mL, using: pump}}
      - parallel:
          - - move: {{vessel: vial, onto: three, using: robot}}
          - - move: {{vessel: other, onto: three, using: {second}}}
    """
    done = play(steps, lab=PLACES, allowed="E502")
    assert world.sent == ["PLACE vial three"]
    (failed,) = [event.body for event in done.of("step_ended") if event.step == "2.2.1"]
    assert "vial" in failed.error
    assert "stand" in failed.error


def test_nothing_is_dosed_where_the_vessel_stood_before(play: Callable[..., Any], world: Any) -> None:
    """The dose had waited for its device while another branch carried the vessel away (campaign seed 6403)."""
    steps = """
    steps:
      - parallel:
          - - move: {vessel: vial, onto: three, using: robot}
          - - dispense: {material: water, into: vial, volume: 5 mL, using: robot}
    """
    done = play(steps, lab=PLACES)
    assert world.doses == []
    (failed,) = [event.body for event in done.of("step_ended") if event.step == "1.2.1"]
    assert "vial does not stand at one any more; nothing was sent" in failed.error


def test_a_vessel_is_not_carried_away_while_something_goes_into_it(
    play: Callable[..., Any], world: Any
) -> None:
    steps = """
    steps:
      - parallel:
          - - dispense: {material: water, into: vial, volume: 5 mL, using: robot}
          - - move: {vessel: vial, onto: three, using: pump}
      - parallel:
          - - move: {vessel: vial, onto: one, using: pump}
          - - dispense: {material: water, into: vial, volume: 5 mL, using: robot}
              on_error: skip
    """
    done = play(steps, lab=PLACES)
    moved, dosed = (
        [event.at for event in done.events if event.kind == "intended" and event.device == who]
        for who in ("pump", "robot")
    )
    assert moved[0] == dosed[0] + 10.0
    assert len(dosed) == 1
    assert done.state.ledger.vessel("vial").place == "one"


def test_what_came_in_the_way_while_a_hand_was_busy_is_waited_for(
    play: Callable[..., Any], world: Any
) -> None:
    """The move had its turn when the robot was free again, but by then the pump was pouring into its vessel."""
    steps = """
    steps:
      - parallel:
          - - dispense: {material: water, into: other, volume: 1 mL, using: robot}
          - - move: {vessel: vial, onto: three, using: robot}
          - - wait: 1 s
            - dispense: {material: water, into: vial, volume: 2 mL, using: pump}
    """
    done = play(steps, lab=PLACES)
    intended = [(event.device, event.body.method, event.at) for event in done.of("intended")]
    assert intended == [("robot", "dispense", 0.0), ("pump", "dispense", 1.0), ("robot", "place", 11.0)]
    assert done.state.outcome == "done"
