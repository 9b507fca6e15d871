"""What the gantry does to the bench: doses, the gripper, and when it happens."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from labcore_simulators.instruments import IkaRct
from labcore_simulators.instruments.syringe import Syringe

Lines = Callable[..., Any]


DOSE = "G0 X40 Y270\nM8\nG4 P0.7\nG1 Z48 F600\nM9\nG4 P0.7\nG0 X40 Y30\nM8\nG4 P0.7\nG1 Z0 F600\nM9\n"


def test_a_dose_moves_what_the_plunger_moves(books: Any, exact: Lines) -> None:
    wire = exact()
    assert wire.ask(DOSE).count("ok") == 11
    assert books.volumes["reactor"] == pytest.approx(20.0)
    assert books.volumes["bottle/1"] == pytest.approx(230.0)
    pours = [act[1] for act in books.did if act[0] == "pour"]
    assert max(b - a for a, b in zip(pours, pours[1:], strict=False)) <= 0.25 + 1e-6


def test_a_reset_in_the_middle_leaves_a_partial_dose(books: Any, exact: Lines) -> None:
    wire = exact()
    wire.ask(DOSE.rsplit("G1", 1)[0])
    wire.ask("G1 Z0 F600\n", 2.4)
    wire.ask("\x18", 0.0)
    pushed = books.volumes["reactor"]
    assert pushed == pytest.approx((2.4 - 10 / 250 / 2) * 10 * 25 / 60, abs=1e-6)
    assert pushed + wire.gantry.head.syringe.filled == pytest.approx(20.0)


def test_the_syringe_is_off_by_its_seed_and_nothing_vanishes(books: Any, line: Lines) -> None:
    doses = []
    for seed in range(8):
        wire = line(home=False, seed=seed)
        books.volumes["reactor"], books.volumes["bottle/1"] = 0.0, 250.0
        before = sum(books.volumes.values())
        wire.ask("$H\n" + DOSE)
        doses.append(books.volumes["reactor"])
        assert sum(books.volumes.values()) + wire.gantry.head.syringe.filled == pytest.approx(before)
    assert len(set(doses)) == 8
    assert all(abs(dose / 20 - 1) < 0.011 for dose in doses)


def test_an_empty_bottle_gives_air(books: Any, exact: Lines) -> None:
    books.volumes["bottle/1"] = 3.0
    exact().ask(DOSE)
    assert books.volumes["bottle/1"] == 0.0
    assert books.volumes["reactor"] == pytest.approx(3.0)


def test_a_needle_that_is_not_down_yet_draws_air(books: Any, exact: Lines) -> None:
    wire = exact()
    wire.ask("G0 X40 Y270\nM8\nG1 Z48 F3000\n")
    assert 237.0 < books.volumes["bottle/1"] < 240.0


def test_pushing_with_the_head_up_spills_but_reaches_the_waste(books: Any, exact: Lines) -> None:
    wire = exact()
    wire.ask(DOSE.split("M9")[0] + "M9\nG4 P1\n")
    wire.ask("G0 X380 Y270\nG1 Z24 F600\n")
    assert books.volumes["waste"] == pytest.approx(10.0)
    wire.ask("G0 X200 Y200\nG1 Z0\n")
    spilled = [m["volume_ml"] for m in wire.gantry.head.mishaps if m["what"] == "spilled"]
    assert sum(spilled) == pytest.approx(10.0)


CARRY = "M8\nG4P0.7\nM3 S1000\nG4P0.6\nM9\nG4P0.7\n"
RELEASE = "M8\nG4P0.7\nM5\nG4P0.6\nM9\nG4P0.7\n"


def test_the_gripper_carries_a_vessel(books: Any, line: Lines) -> None:
    wire = line()
    wire.ask("G0 X40 Y30\n" + CARRY)
    assert books.place_of("reactor") is None
    assert "A:SF" not in wire.status()
    wire.ask("G0 X320 Y60\n" + RELEASE)
    assert books.place_of("reactor") == "stirrer"
    assert [act[0] for act in books.did] == ["lift", "put"]
    assert {act[2] for act in books.did} == {"robot"}


def test_m3_without_a_speed_does_not_close_the_gripper(books: Any, line: Lines) -> None:
    wire = line()
    wire.ask("G0 X40 Y30\n" + CARRY.replace("S1000", ""))
    assert books.place_of("reactor") == "rack/A1"


def test_a_gripper_opened_in_the_air_drops_the_vessel(books: Any, line: Lines) -> None:
    wire = line()
    wire.ask("G0 X40 Y30\n" + CARRY + "M5\n")
    assert books.place_of("reactor") is None
    assert wire.gantry.head.mishaps[-1]["what"] == "dropped"


@pytest.mark.parametrize(("gripper", "held"), [("holds", "reactor"), ("springs-open", None)])
def test_a_reset_with_a_vessel_in_the_gripper(line: Lines, gripper: str, held: str | None) -> None:
    wire = line(gripper=gripper)
    wire.ask("G0 X40 Y30\n" + CARRY)
    wire.ask("\x18")
    assert wire.gantry.head.holding == held


def test_wrong_coordinates_reach_nothing(books: Any, exact: Lines) -> None:
    wire = exact()
    wire.ask(DOSE.replace("X40 Y270", "X47 Y270"))
    assert books.volumes["bottle/1"] == 250.0


def test_places_can_be_moved(books: Any, exact: Lines) -> None:
    wire = exact(deck={"bottle/1": [200, 100]})
    wire.ask(DOSE.replace("X40 Y270", "X203 Y101"))
    assert books.volumes["reactor"] == pytest.approx(20.0)


def test_snapshot_goes_on_as_if_nothing_had_happened(books: Any, line: Lines) -> None:
    wire = line()
    wire.ask(DOSE[:-3], 9.0)
    state = copy.deepcopy(wire.gantry.snapshot())
    others = copy.deepcopy(books)
    del others.company  # the copy's instruments are not those of this test
    twin = line(over=others, opened=False, seed=99)
    twin.gantry.head.syringe.per_mm = wire.gantry.head.syringe.per_mm
    twin.gantry.restore(state)
    twin.now = wire.now
    assert twin.wait(60.0) == wire.wait(60.0)
    assert others.volumes == books.volumes
    assert twin.status() == wire.status()


def test_a_new_start_finds_the_vessel_in_a_gripper_that_holds(books: Any, line: Lines) -> None:
    line().ask("G0 X40 Y30\n" + CARRY)
    wire = line(gripper="holds")
    assert wire.gantry.head.holding == "reactor"
    wire.ask("G0 X320 Y60\nM3 S1000\n" + RELEASE)
    assert books.place_of("reactor") == "stirrer"


def test_what_was_due_happens_before_somebody_else_looks(books: Any, lab: Any, exact: Lines) -> None:
    wire = exact()
    wire.ask(DOSE.split("G1")[0])
    began = wire.now
    wire.gantry.feed(b"G1 Z48 F600\n", began)
    plate = IkaRct(books, device="stirrer", options={}, lab=lab, seed=0)
    plate.feed(b"IN_PV_4\r\n", began + 2.5)
    draws = [act for act in books.did if act[0] == "draw"]
    assert [act[1] - began for act in draws] == pytest.approx([0.25 * n for n in range(1, 11)])
    assert 9.8 < sum(act[4] for act in draws) < 10.5


@dataclass(frozen=True)
class Drop:
    volume_ml: float

    def split(self, volume_ml: float) -> tuple[Drop, Drop]:
        return Drop(volume_ml), Drop(self.volume_ml - volume_ml)


def test_a_piston_at_its_stop_holds_nothing_however_small_its_moves_were() -> None:
    """Sums of small moves end 1e-17 mm before the stop; what the backlash held there went into the next vessel."""
    syringe = Syringe(25.0, 60.0, 1.0, 0.01, random.Random(8))
    syringe.begin(1.0)
    missing = syringe.move(1.0)
    syringe.take(missing, Drop(missing))
    syringe.begin(-1.0)
    assert sum(one.volume_ml for one in syringe.give(-syringe.move(1e-16))) == pytest.approx(missing)
    assert syringe.filled == 0.0
