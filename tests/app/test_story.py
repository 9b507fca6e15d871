"""What is told of an interrupted run, in words and as data: whole texts, from a journal made by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labcore.app.interrupted import Interrupted
from labcore.app.story import as_data, headline, steps_under_way, story, undecided
from labcore.model.effect import SetOutput, Transfer
from labcore.model.event import (
    Asked,
    Body,
    ControlAsked,
    Event,
    Intended,
    RecoveryBegun,
    RunStarted,
    Settled,
    StepStarted,
)
from labcore.model.interval import Interval
from labcore.state.reduce import fold

LAST = "recovery connects, switches heat, flow and motion off, and moves nothing else before all is settled"
WALL = "2026-01-01T00:00:{:02}.000Z"
MOVES = (Transfer("bottle", "vial", Interval(9.0, 10.0, 11.0)),)
DOSE = Intended("act-2", "dispense", {"volume": {"value": 10.0, "unit": "mL"}}, ("DOSE 10",), MOVES, 60.0)
SPINS = (SetOutput("plate", "speed", 300.0, "rpm"),)
STIR = Intended("act-1", "stir", {"speed": {"value": 300.0, "unit": "rpm"}}, ("STIR 300",), SPINS, 5.0)
SHOWN_DOSE = (
    "dispense water: robot was told to dispense (volume: 10 mL) at 2026-01-01T00:00:{:02}.000Z; "
    "the last sign of life was at 2026-01-01T00:00:{:02}.000Z. Look at the bench: what became of it? "
    "Say done, not started, unknown, or how much: 12 mL, 10-14 mL."
)
Make = Callable[..., Interrupted]


@pytest.fixture
def died(tmp_path: Path) -> Make:
    """A run that died after these facts, a second each: (body, step, device)."""

    def make(*facts: tuple[Any, ...]) -> Interrupted:
        begun = (RunStarted("p", "d", "lab", False, None, {}), StepStarted("protocol", "p"))
        bodies: list[tuple[Body, str | None, str | None]] = [(begun[0], None, None), (begun[1], "0", None)]
        bodies += [
            (fact[0], fact[1] if len(fact) > 1 else None, fact[2] if len(fact) > 2 else None)
            for fact in facts
        ]
        events = [
            Event(n, float(n), WALL.format(n), "labcore", body, step, device)
            for n, (body, step, device) in enumerate(bodies)
        ]
        return Interrupted(tmp_path / "run-1", events, fold(events), {})

    return make


@pytest.fixture
def stirring(died: Make) -> Interrupted:
    """It stirred, poured and waited for an answer."""
    return died(
        (StepStarted("stir", "stir at 300 rpm"), "1"),
        (STIR, "1", "plate"),
        (Settled("act-1", "done", SPINS), "1", "plate"),
        (StepStarted("dispense", "dispense water"), "2"),
        (DOSE, "2", "robot"),
        (StepStarted("prompt", "ask whether it is clear"), "3"),
        (Asked("q-2", "Is it clear?", "confirm"), "3"),
    )


def test_the_whole_story(stirring: Interrupted) -> None:
    assert story(stirring) == [
        "run run-1 was interrupted at 2026-01-01T00:00:08.000Z during: stir at 300 rpm, dispense water, "
        "ask whether it is clear; nobody knows what became of 1 act(s): robot dispense",
        "was on, if no watchdog has fired: plate speed at 300 rpm",
        "open question q-2: Is it clear?",
        f"act-2: {SHOWN_DOSE.format(6, 8)}",
        LAST,
    ]


def test_the_same_for_machines(stirring: Interrupted) -> None:
    assert as_data(stirring) == {
        "id": "run-1",
        "state": "interrupted",
        "last_sign_of_life": "2026-01-01T00:00:08.000Z",
        "at": 8.0,
        "before": "running",
        "steps": {"1": "stir at 300 rpm", "2": "dispense water", "3": "ask whether it is clear"},
        "unsettled": [
            {
                "act": "act-2",
                "step": "2",
                "label": "dispense water",
                "device": "robot",
                "method": "dispense",
                "arguments": {"volume": {"value": 10.0, "unit": "mL"}},
                "frames": ["DOSE 10"],
                "intended": "2026-01-01T00:00:06.000Z",
                "ends": ["done", "not started", "unknown"],
            }
        ],
        "questions": ["q-2"],
        "outputs": [{"device": "plate", "output": "speed", "value": 300.0, "unit": "rpm"}],
        "recoveries": 0,
        "next": "labcore recover run-1",
    }


def test_one_that_was_between_two_steps_has_little_to_tell(died: Make) -> None:
    run = died()
    assert headline(run) == "run run-1 was interrupted at 2026-01-01T00:00:01.000Z during: no step"
    assert story(run) == [headline(run), LAST]
    told = as_data(run)
    assert (told["steps"], told["unsettled"], told["questions"], told["outputs"]) == ({}, [], [], [])


def test_what_only_sets_an_output_needs_nobody_to_say_what_became_of_it(died: Make) -> None:
    run = died((StepStarted("stir", "stir at 300 rpm"), "1"), (STIR, "1", "plate"))
    assert undecided(run) == []
    assert as_data(run)["unsettled"] == []
    assert headline(run) == "run run-1 was interrupted at 2026-01-01T00:00:03.000Z during: stir at 300 rpm"


def test_several_acts_are_counted_and_named_in_the_order_of_their_beginning(died: Make) -> None:
    other = Intended("act-3", "transfer", {}, (), MOVES, 60.0)
    run = died(
        (StepStarted("dispense", "dispense water"), "1"),
        (DOSE, "1", "robot"),
        (StepStarted("dispense", "dispense acid"), "2"),
        (other, "2", "pump"),
    )
    assert headline(run).endswith("nobody knows what became of 2 act(s): robot dispense, pump transfer")
    assert [act.intent.act for act in undecided(run)] == ["act-2", "act-3"]


def test_blocks_are_no_steps_and_a_step_without_a_label_is_not_named(died: Make) -> None:
    run = died((StepStarted("sequence", "a block"), "1"), (StepStarted("wait", ""), "1.1"))
    assert steps_under_way(run) == {"1.1": ""}
    assert headline(run).endswith(" during: no step")


@pytest.mark.parametrize(
    ("asked", "before"), [(None, "running"), ("stop", "stopping"), ("abort", "aborting")]
)
def test_how_it_stood_before_is_told_also_after_a_recovery_that_died(
    died: Make, asked: Any, before: str
) -> None:
    facts = [(ControlAsked(asked, "me"),)] if asked else []
    first, again = died(*facts), died(*facts, (RecoveryBegun("me", 1, 5.0),))
    assert (as_data(first)["before"], as_data(first)["recoveries"]) == (before, 0)
    assert (as_data(again)["before"], as_data(again)["recoveries"]) == (before, 1)
    assert as_data(again)["state"] == "interrupted"


def test_every_output_that_was_on_is_named_as_it_is_said(died: Make) -> None:
    warms = (SetOutput("plate", "temperature", 37.5, "degC"),)
    heat = Intended("act-2", "heat", {}, ("HEAT 37.5",), warms, 5.0)
    run = died(
        (StepStarted("stir", "stir at 300 rpm"), "1"),
        (STIR, "1", "plate"),
        (Settled("act-1", "done", SPINS), "1", "plate"),
        (heat, "1", "plate"),
        (Settled("act-2", "done", warms), "1", "plate"),
    )
    assert story(run)[1] == (
        "was on, if no watchdog has fired: plate speed at 300 rpm, plate temperature at 37.5 degC"
    )
