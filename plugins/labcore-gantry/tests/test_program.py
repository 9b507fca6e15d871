from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore_gantry import program
from labcore_gantry.amounts import Progress, Scale, delivered
from labcore_gantry.profile import load_profile
from labcore_gantry.program import Known, Line

PROFILE = load_profile("grbl11-syringe")
READY = Known("idle", (0.0, 0.0), 0.0, reset_first=False)
BOTTLE, STIRRER, WASTE = (40.0, 270.0), (320.0, 60.0), (380.0, 270.0)
SCALE = Scale(25.0 / 60.0, 0.01, 0.01)


def dose(known: Known, travel_mm: float) -> tuple[Line, ...]:
    return program.dose(program.begin(PROFILE, known, 300.0, WASTE), BOTTLE, STIRRER, travel_mm)


def frames(lines: tuple[Line, ...]) -> list[str]:
    return [line.frame for line in lines]


def test_golden_frames_of_a_dose() -> None:
    assert frames(dose(READY, 48.0)) == [
        "G21 G90 G94 G54",
        "M9", "G4 P0.6", "G0 X40.000 Y270.000", "M8", "G4 P0.6", "G1 Z48.0000 F300.0",
        "M9", "G4 P0.6", "G0 X320.000 Y60.000", "M8", "G4 P0.6", "G1 Z0.0000 F300.0",
        "M9", "G4 P0.6",
    ]  # fmt: skip


def test_golden_frames_of_carrying() -> None:
    lines = program.carry(program.begin(PROFILE, READY, 300.0, WASTE), (40.0, 30.0), STIRRER)
    assert frames(lines) == [
        "G21 G90 G94 G54",
        "M9", "G4 P0.6", "G0 X40.000 Y30.000", "M5", "G4 P0.5", "M8", "G4 P0.6", "M3 S1000", "G4 P0.5",
        "M9", "G4 P0.6", "G0 X320.000 Y60.000", "M8", "G4 P0.6", "M5", "G4 P0.5",
        "M9", "G4 P0.6",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "first"),
    [
        (READY, ["G21 G90 G94 G54", "M9"]),
        (Known("alarm", (0.0, 0.0), None, reset_first=False), ["$H", "G21 G90 G94 G54"]),
        (Known(), ["<0x18>", "$H", "G21 G90 G94 G54"]),
        (Known("held", (1.0, 1.0), 0.0, reset_first=False), ["<0x18>", "G21 G90 G94 G54", "M9"]),
        (
            Known("idle", (1.0, 1.0), 12.0, reset_first=False),
            [
                "G21 G90 G94 G54",
                "M9",
                "G4 P0.6",
                "G0 X380.000 Y270.000",
                "M8",
                "G4 P0.6",
                "G1 Z0.0000 F300.0",
            ],
        ),
    ],
)
def test_what_the_machine_needs_comes_first(known: Known, first: list[str]) -> None:
    assert frames(dose(known, 6.0))[: len(first)] == first


def test_leftovers_without_a_waste_are_refused() -> None:
    with pytest.raises(ValueError, match="waste"):
        program.begin(PROFILE, Known("idle", (1.0, 1.0), 12.0, reset_first=False), 300.0, None)


@pytest.mark.parametrize(("travel", "strokes"), [(0.1, 1), (60.0, 1), (60.0001, 2), (120.0, 2), (130.0, 3)])
def test_strokes_are_equal_and_as_few_as_possible(travel: float, strokes: int) -> None:
    draws = [line.end for line in dose(READY, travel) if line.kind == "draw"]
    assert len(draws) == strokes
    assert sum(draws) == pytest.approx(travel)
    assert max(draws) - min(draws) < 1e-9
    assert max(draws) <= 60.0 + 1e-6


@given(st.floats(0.02, 600.0), st.sampled_from([READY, Known(), Known("held", None, 3.0)]))
def test_a_deadline_is_later_than_the_planned_end(travel: float, known: Known) -> None:
    lines = dose(known, travel)
    planned = program.planned_seconds(lines)
    assert planned > travel / 300.0 * 60.0 * 2
    assert program.deadline(lines, PROFILE) > planned + PROFILE.timing.reply_s * len(lines)


@given(
    travel=st.floats(1.0, 150.0),
    finished=st.integers(0, 40),
    flying=st.booleans(),
    told=st.booleans(),
    part=st.floats(0.0, 1.0),
)
def test_the_interval_holds_source_and_target_wherever_it_ends(
    travel: float, finished: int, flying: bool, told: bool, part: float
) -> None:
    lines = dose(READY, travel)
    finished = min(finished, len(lines))
    sent = min(finished + flying, len(lines))
    plunger, drawn, pushed = 0.0, 0.0, 0.0
    for number, line in enumerate(lines[:sent]):
        if line.moves_plunger:
            share = 1.0 if number < finished else part
            way = (line.end - line.start) * share
            plunger = line.start + way
            drawn += max(way, 0.0)
            pushed += max(-way, 0.0)
    amount = delivered(lines, Progress(finished, sent), plunger if told else None, SCALE)
    assert amount.low <= pushed * SCALE.ml_per_mm + 1e-9
    assert drawn * SCALE.ml_per_mm <= amount.high + 1e-9
    assert amount.low <= amount.mid <= amount.high
    if told:
        assert amount.mid == pytest.approx(pushed * SCALE.ml_per_mm)
