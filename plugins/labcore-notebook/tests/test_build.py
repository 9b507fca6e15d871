"""The page as data: what it must say, and that every statement cites events that exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcore.model import event as ev
from labcore.model.effect import Transfer
from labcore.model.interval import Interval
from labcore_notebook.notebook import Curve, Notebook, Pictures, Prose, Table, Timeline, statements
from labcore_notebook.render import build

LANGUAGES = ("en", "ja")


def section(page: Notebook, key: str) -> tuple[Any, ...]:
    """Return the blocks of a section."""
    return next(one.blocks for one in page.sections if one.key == key)


def words_of(page: Notebook, key: str) -> str:
    """Return all texts of a section in one string."""
    return "\n".join(text for where, text, _ in statements(page) if where == key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_statement_cites_events_that_exist(robot: Any, human: Any, empty: Any, language: str) -> None:
    for record in (robot, human):
        known = {event.position for event in record.events()}
        said = list(statements(build(record, language)))
        assert len(said) > 40
        for where, text, cites in said:
            assert cites, (where, text)
            assert set(cites) <= known, (where, text)
    assert build(empty, language).events == ()


def test_the_head_of_a_simulated_run(robot: Any) -> None:
    page = build(robot)
    assert (page.title, page.run, page.started) == (
        "Poly(amic acid) particles by precipitation polymerisation", "20240512-090000-7f3a", "2024-05-12 09:00:00 UTC (simulated clock)",
    )  # fmt: skip
    assert (page.banner.outcome, page.banner.world) == ("done", "simulated")
    assert "No value on this page is a measurement" in page.banner.world_text


def test_a_stopped_real_run(human: Any) -> None:
    page = build(human)
    assert (page.banner.outcome, page.banner.world, page.banner.tone) == ("stopped", "real", "warn")
    assert "fire alarm" in page.banner.outcome_text


def test_real_and_simulated_devices_together_are_said(robot: Any, make_robot: Callable[..., Any]) -> None:
    run = make_robot(3)
    run.source = "real"
    run.add(ev.Noted("by hand", "aki"), device="balance")
    assert build(run).banner.world == "mixed"


@pytest.mark.parametrize(("simulated", "answered", "world"), [
    (True, None, "simulated"), (False, None, "rehearsal"), (True, "simulated", "simulated"), (False, "real", "mixed"),
])  # fmt: skip
def test_simulated_devices_in_real_time_are_a_rehearsal(
    empty: Any, simulated: bool, answered: Any, world: str
) -> None:
    empty.add(ev.RunStarted("p", "d", "lab", simulated, None, {}))
    empty.add(ev.DeviceConnected("ika-namur", "IKA RCT"), device="stirrer")
    empty.source = "real"
    empty.add(ev.Observed("turbidity", "vial", 1.0, "", 0.9, 1.1, "good", "turbidity", ()), bench=True)
    if answered:
        empty.source = answered
        empty.add(ev.Answered("q1", "yes", "aki"), bench=True)
    assert build(empty).banner.world == world


def test_a_real_run_in_which_nothing_took_part(empty: Any) -> None:
    empty.add(ev.RunStarted("p", "d", "lab", False, None, {}))
    assert build(empty).banner.world == "none"


def test_materials_have_amounts_with_uncertainty(robot: Any) -> None:
    said = words_of(build(robot), "materials")
    assert (
        "diamine solution | 4,4'-oxydianiline, 10 mmol/L in acetone | reactor | 20.0\u00a0mL (19.8 to 20.2)"
        in said
    )
    assert "0.200\u00a0mmol (0.198 to 0.202)" in said
    assert "0.174\u00a0mmol (0.171 to 0.178)" in said
    assert "acetone | " in said
    assert "not used" in said


def test_the_procedure_says_what_was_done_and_by_whom(robot: Any, human: Any) -> None:
    said = words_of(build(robot), "procedure")
    assert "20.0\u00a0mL (19.8 to 20.2) of diamine solution was dispensed from bottle/1 into reactor." in said
    assert "25 pictures of reactor were taken, every 30\u00a0s (median), from 0:00:53 to 0:12:53." in said
    assert "dispenser (simulated)" in said
    assert "Carried out only in part: dispense 20\u00a0mL of dianhydride solution" in said
    by_hand = words_of(build(human), "procedure")
    assert "aki as mover (person)" in by_hand
    assert "The record does not say what became of this: move reactor from stirrer to rack/A1." in by_hand


def test_the_timeline_has_steps_devices_and_outputs(robot: Any) -> None:
    timeline = next(one for one in section(build(robot), "procedure") if isinstance(one, Timeline))
    (_, steps), (_, devices) = timeline.groups
    assert [lane.label for lane in steps] == ["1", "2", "3", "4", "5", "6", "F1", "F2"]
    assert len(steps[3].ticks) == 25
    lanes = {lane.label: lane for lane in devices}
    assert set(lanes) == {"dispenser", "mover", "stirrer", "camera", "person"}
    on = next(bar for bar in lanes["stirrer"].bars if bar.soft)
    assert on.end - on.start == pytest.approx(759, abs=1)


def test_the_curve_states_its_onset_by_a_rule(robot: Any) -> None:
    curve = next(one for one in section(build(robot), "observations") if isinstance(one, Curve))
    assert len(curve.points) == 25
    assert curve.onset == pytest.approx((173.2, 203.2), abs=0.5)
    assert [mark.text[:13] for mark in curve.marks] == ["ended 0:00:33", "ended 0:00:52"]
    assert any("Rule: the first good value whose whole 90 % interval" in one.text for one in curve.statements)


def test_pictures_at_the_moments_that_matter(robot: Any) -> None:
    pictures = next(one for one in section(build(robot), "pictures") if isinstance(one, Pictures))
    assert [shot.heading for shot in pictures.shots] == [
        "First",
        "Onset",
        "Half-rise",
        "Flagged",
        "Flagged",
        "Last",
    ]
    assert "0:03:23 · turbidity 0.9 (0.7 to 1.0)" in pictures.shots[1].caption.text
    assert pictures.shots[3].tone == "warn"
    assert len(pictures.strip) == 16


def test_deviations_are_complete(robot: Any, human: Any) -> None:
    said = words_of(build(robot), "deviations")
    for part in ("Round 9 of step 4 began 3.4 s late", "drop left at the needle", "glare", "is bad and was not used",
                 "The reader notebook failed"):  # fmt: skip
        assert part in said
    said = words_of(build(human), "deviations")
    for part in (
        "It is not known whether",
        "aki stopped the run",
        "cut short",
        "not confirmed that stirrer stopped",
    ):
        assert part in said


def test_more_kinds_of_deviation(empty: Any) -> None:
    empty.begin()
    empty.add(ev.StepStarted("repeat", "every 30 s", background=True), step="4")
    empty.add(ev.RoundsMissed(3, 90.0), step="4")
    empty.add(ev.Warned("W101", "clock is off"))
    empty.add(ev.ClockJumped(12.0))
    empty.add(ev.StepStarted("weigh", "weigh reactor"), step="5")
    empty.add(ev.StepEnded("failed", error="no answer"), step="5")
    empty.add(ev.ErrorHandled("skip"), step="5")
    empty.add(ev.Asked("q", "ok?", "confirm"), step="6")
    empty.add(ev.Withdrawn("q", "the run was stopped"), step="6")
    said = words_of(build(empty), "deviations")
    for part in (
        "3 rounds of step 4",
        "W101",
        "jumped by 12 s",
        "weigh reactor",
        "was withdrawn: the run was stopped",
    ):
        assert part in said
    assert "it was skipped, as decided by protocol" in words_of(build(empty), "procedure")


@pytest.mark.parametrize(
    ("decision", "told"),
    [("resume", "goes on where it was"), ("finish", "only the clean-up"), ("close", "ends here")],
)
def test_an_interruption_is_told(empty: Any, decision: Any, told: str) -> None:
    empty.begin()
    empty.add(ev.StepStarted("dispense", "dispense 20 mL acetone into reactor"), step="2")
    empty.add(ev.RecoveryBegun("Mio", 1, 754.0, ("act-2",), ("2",)))
    empty.add(ev.RecoveryDecided(decision, "Mio", "nothing had moved"))
    empty.add(
        ev.GuardTripped("plate.temperature", "plate.temperature is 91 °C, above 90 °C", 91.0, "°C", "stop")
    )
    empty.add(ev.DeviceLost("the cable is out"))
    page = build(empty)
    for part in ("died during: dispense 20 mL acetone into reactor", "Mio took the run over after 0:12:34", "act-2",
                 told, "nothing had moved", "plate.temperature is 91 °C", "the cable is out"):  # fmt: skip
        assert part in words_of(page, "deviations"), part
        assert part in words_of(page, "procedure"), part
    assert "中断" in words_of(build(empty, "ja"), "deviations")


def recovered(empty: Any, status: str, by: str) -> Any:
    """A dose whose end was settled in a recovery, after one that came to no decision; its step failed then."""
    empty.begin()
    empty.add(ev.StepStarted("dispense", "dispense 5 mL water into reactor"), step="2")
    move = Transfer("bottle/1", "reactor", Interval.exactly(5))
    empty.add(ev.Intended("act-1", "dispense", {}, (), (move,), 9.0), step="2", device="dispenser")
    empty.add(ev.RecoveryBegun("Mio", 1, 10.0, ("act-1",), ("2",)))
    empty.add(ev.RecoveryBegun("Mio", 2, 10.0, ("act-1",), ("2",)))
    empty.add(
        ev.Asked("q1", "What became of it?", "decide", ("done", "not started")), step="2", device="dispenser"
    )
    empty.add(ev.Answered("q1", "not started", "Mio"), step="2", device="dispenser")
    drawn = Interval(0.0, 2.5, 5.0) if status == "not_started" else None
    empty.add(ev.Settled("act-1", status, by=by, drawn=drawn), step="2", device="dispenser")
    empty.add(ev.RecoveryDecided("resume", "Mio"))
    empty.add(ev.StepEnded("failed", error="it was not started"), step="2")
    empty.add(ev.ErrorHandled("ask", "it was not started", "labcore", "refused"), step="2")
    return build(empty)


def test_what_a_person_settled_is_said_by_their_word(empty: Any) -> None:
    page = recovered(empty, "not_started", "Mio")
    rows = [
        row.cells for block in section(page, "procedure") if isinstance(block, Table) for row in block.rows
    ]
    (act,) = [row for row in rows if "dispense 5" in row[1] and "Not started" in row[1]]
    assert act[1].startswith("Not started, by the word of Mio: ")
    assert (
        "The device had begun: 0 to 5\N{NO-BREAK SPACE}mL left bottle/1, and what did not arrive may be in the tool."
        in act[1]
    )
    assert act[2].endswith("; settled by Mio")
    assert act[2].startswith("dispenser")
    (answer,) = [row for row in rows if "What became of it?" in row[1]]
    assert answer[2] == "Mio"
    said = words_of(page, "procedure")
    assert said.count("The process that ran this protocol died") == 1
    assert "The recovery before ended without a decision" in said
    assert "labcore asks after an interruption" in said
    assert "settled by Mio" in words_of(page, "materials")


@pytest.mark.parametrize(
    ("by", "told"),
    [("policy", "nobody was asked"), ("recovery", "settled by the recovery"), ("dispenser", "")],
)
def test_who_settled_it_without_a_person(empty: Any, by: str, told: str) -> None:
    said = words_of(recovered(empty, "unknown", by), "procedure")
    assert told in said
    assert ("settled by" in said) is bool(told)


def test_open_ends_are_questions(human: Any, robot: Any) -> None:
    said = words_of(build(human), "open")
    assert "not answered: “Is it <b>cloudy</b> | yet?”" in said
    assert "outcome not known: dispense 20\u00a0mL of dianhydride solution" in said
    assert "It is not known where reactor stands." in said
    assert words_of(build(robot), "open") == "No question is open."


def test_conditions_and_measurements(empty: Any) -> None:
    empty.begin()
    empty.add(ev.StepStarted("repeat", "every 60 s"), step="2")
    for number, mass in enumerate((38.0, 38.6, 39.2)):
        seen = empty.add(ev.Observed("mass", "reactor", mass, "g", mass - 0.01, mass + 0.01, "good", "balance", ()),
                         step=f"2#{number}", device="balance", after=60.0)  # fmt: skip
        shown: Any = {"mass(reactor)": {"value": mass, "unit": "g"}}
        held = mass >= 39
        empty.add(ev.ConditionTested("mass(reactor) >= 39 g", held, "until", shown, (seen,)), step="2")
    said = words_of(build(empty), "procedure")
    assert "Measured: mass of reactor 39.200\u00a0g (39.190 to 39.210)." in said
    assert "The condition mass(reactor) >= 39 g held with mass(reactor) = 39.2\u00a0g (tested 3×)." in said


def test_nothing_is_made_up_where_nothing_was(empty: Any) -> None:
    empty.add(ev.RunStarted("p", "d", "lab", True, None, {}))
    page = build(empty)
    said = [
        one.text
        for part in page.sections
        for block in part.blocks
        if isinstance(block, Prose)
        for one in block.statements
    ]
    assert "No picture was taken." in said
    assert "Nothing was observed." in said
    assert "No device was connected." in said
    assert "No deviation is on record." in said
    assert page.banner.outcome == "running"


def test_a_long_run_is_thinned_with_a_note(make_robot: Callable[..., Any]) -> None:
    page = build(make_robot(120, 300.0, 7200.0))
    table = next(one for one in section(page, "observations") if isinstance(one, Table))
    assert 30 <= len(table.rows) < 45
    assert len(table.all_rows) == 120
    assert f"{len(table.rows)} of 120 rows are shown" in table.note
    assert {"doubtful", "bad"} <= {row.cells[3] for row in table.rows}
