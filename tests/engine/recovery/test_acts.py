"""Acts that were under way: settled first, given back from the record, sent again only where that is allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcore.errors import UsageError

Crash = Callable[..., Any]
At = Callable[..., Any]


def test_killed_before_the_intent_it_is_done_once(dose: Any, world: Any) -> None:
    crashed = dose("intended", after=False)
    assert crashed.open_acts == []
    done = crashed.recover()
    assert done.state.outcome == "done"
    assert [one[2] for one in world.doses] == [10.0]
    assert done.of("step_resumed")[0].known == 0


def test_killed_after_the_intent_it_is_unknown_and_never_sent_again_by_itself(dose: Any, world: Any) -> None:
    crashed = dose("intended")
    assert crashed.open_acts == ["act-1"]
    done = crashed.recover()
    assert world.doses == []
    assert [(one.status, one.by) for one in done.of("settled")] == [("unknown", "policy")]
    assert done.state.outcome == "failed"
    assert "unknown end" in done.state.reason
    assert done.of("asked") == []  # nobody is there to be asked
    vial = done.state.ledger.vessels["vial"].volume
    assert vial.low == 0.0
    assert vial.high >= 10.0


@pytest.mark.parametrize(
    ("said", "doses", "volume", "outcome"),
    [
        ("done", 0, 10.0, "done"), ("not started", 1, 10.0, "done"), ("unknown", 0, 5.0, "failed"), ("4 mL", 0, 4.0, "failed"),
    ],
)  # fmt: skip
def test_what_a_person_says_is_what_counts(
    dose: Any, world: Any, said: str, doses: int, volume: float, outcome: str
) -> None:
    done = dose("intended").recover(said={"act-1": said})
    assert len(world.doses) == doses
    assert done.state.outcome == outcome
    assert done.state.ledger.vessels["vial"].volume.mid == pytest.approx(volume, rel=0.06)
    settled = done.of("settled")[0]
    assert settled.by == "tester"
    assert "intended" in settled.evidence


def test_killed_after_the_result_it_is_given_back(dose: Any, world: Any) -> None:
    done = dose("settled").recover()
    assert len(world.doses) == 1
    assert done.of("step_resumed")[0].known == 1
    assert done.ends()["1"].outcome == "done"
    assert done.state.outcome == "done"


def test_an_act_that_an_earlier_recovery_sent_again_is_given_back(
    dose: Any, world: Any, event_at: At
) -> None:
    crashed = dose("intended")
    crashed.recover(said={"act-1": "not started"}, dies=event_at("settled", "1", by=""))
    done = crashed.recover()
    assert len(world.doses) == 1
    assert [one.status for one in done.of("settled")] == ["not_started", "done"]
    assert done.state.outcome == "done"


def test_an_act_that_was_not_started_twice_is_sent_the_third_time(
    dose: Any, world: Any, event_at: At
) -> None:
    crashed = dose("intended")
    crashed.recover(said={"act-1": "not started"}, dies=event_at("intended", "1"))
    assert crashed.open_acts == ["act-2"]
    done = crashed.recover(said={"act-2": "not started"})
    assert len(world.doses) == 1
    assert done.state.outcome == "done"


@pytest.mark.parametrize("kind", ["intended", "settled"])
def test_what_is_repeatable_is_repeated_where_nobody_knows(dose: Any, world: Any, kind: str) -> None:
    steps = """
steps:
  - dispense: {material: water, into: vial, volume: 10 mL}
    repeatable: true
  - note: after
"""
    done = dose(kind, steps=steps).recover()
    assert len(world.doses) == 1
    assert done.state.outcome == "done"


# ------------------------------------------------------------------------------------------ the ends of a run
def test_a_run_that_has_ended_cannot_be_recovered(dose: Any) -> None:
    crashed = dose("settled")
    crashed.recover("close")
    with pytest.raises(UsageError, match="has ended: aborted"):
        crashed.recover()


@pytest.mark.parametrize(("decision", "outcome"), [("finish", "stopped"), ("close", "aborted")])
def test_finish_and_close_say_who_and_why(dose: Any, world: Any, decision: str, outcome: str) -> None:
    done = dose("settled").recover(decision)
    assert done.state.outcome == outcome
    assert "by tester: because" in done.state.reason
    assert len(world.doses) == 1
    assert "note" not in [one.verb for one in done.of("step_started")]


def test_a_vessel_is_not_fetched_again_from_where_it_may_not_stand_any_more(dose: Any, world: Any) -> None:
    """Not even where the author allowed it: an empty gripper would say that it was done (campaign seed 1805)."""
    steps = """
steps:
  - move: {vessel: vial, onto: rack}
    repeatable: true
"""
    done = dose("intended", steps=steps).recover()
    assert [frame for frame in world.sent if frame.startswith("PLACE")] == []
    assert [one.status for one in done.of("settled")] == ["unknown"]
    assert done.state.outcome == "failed"
    assert done.state.ledger.vessels["vial"].place is None


@pytest.mark.parametrize("onto", ["plate", "rack"], ids=["where it was", "where it was to go"])
def test_nothing_is_put_where_a_vessel_may_stand_that_nobody_knows_of(
    dose: Any, world: Any, onto: str
) -> None:
    """A second vessel was set down on the first one, which had never been fetched (campaign seed 4069)."""
    steps = f"""
steps:
  - move: {{vessel: vial, onto: rack}}
    on_error: skip
finally:
  - move: {{vessel: other, onto: {onto}}}
"""
    done = dose("intended", steps=steps, allowed="E502").recover("finish")
    assert [frame for frame in world.sent if frame.startswith("PLACE")] == []
    assert done.ends()["finally.1"].code == "E502"
    assert f"vial may stand at {onto}" in done.ends()["finally.1"].error


TWO = """
lab: two pumps
devices: {robot: {driver: fake}, pump: {driver: fake}}
positions:
  plate: {fits: vial-50ml}
stock:
  water: {in: bottle, volume: 200 mL}
vessels:
  vial: {at: plate, labware: vial-50ml}
"""
UP_TO = """
steps:
  - parallel:
      - - dispense: {material: water, into: vial, to_total: 40 mL, tolerance: 20 %, using: robot}
      - - dispense: {material: water, into: vial, volume: 5 mL, using: pump}
"""


def asked_for(done: Any) -> list[float]:
    return [round(one.arguments["volume"]["value"], 6) for one in done.of("intended")]


def test_a_total_is_worked_out_anew_when_its_dose_is_sent_again(crash: Crash, event_at: At) -> None:
    crashed = crash(UP_TO, event_at("intended", "1.2.1"), lab=TWO)
    assert crashed.open_acts == ["act-1", "act-2"]
    done = crashed.recover(said={"act-1": "not started", "act-2": "done"})
    assert asked_for(done) == [40.0, 5.0, 35.0]
    assert done.state.ledger.vessels["vial"].volume.mid == pytest.approx(40.0, abs=0.5)
    assert done.state.outcome == "done"


def test_a_total_that_was_dosed_is_given_back_whatever_the_vessel_holds_now(
    crash: Crash, event_at: At
) -> None:
    crashed = crash(UP_TO, event_at("settled", "1.2.1"), lab=TWO)
    done = crashed.recover()
    assert asked_for(done) == [40.0, 5.0]
    assert done.ends()["1.1.1"].result == {"value": 40.0, "unit": "mL"}
    assert done.state.outcome == "done"
