"""The judge finds what must not be, and nothing else: each seeded fault has its sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labcore.app.torture.deeds import deeds
from labcore.app.torture.judge import Evidence, Verdict, judge
from labcore.app.torture.knife import Marks
from labcore.app.torture.witness import witness_says
from labcore.app.torture.world import Fact, Truth, facts, left_on
from labcore.model import event as ev
from labcore.model.effect import Placement, SetOutput, Transfer
from labcore.model.event import Body, Event
from labcore.model.interval import Interval
from labcore.model.plan import Plan
from labcore.state.reduce import fold

TEN = Transfer("bottle", "vial", Interval.around(10.0, relative=0.01))
PROTOCOL = """
labcore: 1
name: test
vessels: {vial: {labware: vial-50ml}}
materials: {water: {}}
devices: {hand: [dosing, placing, stirring]}
steps:
  - dispense: {material: water, into: vial, volume: 10 mL}
  - dispense: {material: water, into: vial, volume: 10 mL}
    repeatable: true
finally: [{note: x}]
"""
LAB = """
lab: bench
devices: {hand: {driver: operator}}
positions: {bench: {fits: vial-50ml, station: hand}, rack: {fits: vial-50ml}}
stock: {water: {in: bottle, volume: 100 mL}}
vessels: {vial: {at: bench, labware: vial-50ml}}
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    pytest.importorskip("labcore_operator")
    from labcore.adapters.entry_points import EntryPointCatalog
    from labcore.pipeline.prepare import prepare
    from labcore.pipeline.resolve import Sources

    found = prepare(Sources(PROTOCOL, "p.yaml", LAB, "lab.yaml"), EntryPointCatalog()).plan
    assert found is not None
    return found


def dose(act: str, ml: float = 10.0) -> ev.Intended:
    return ev.Intended(act, "dispense", {"volume": ml}, (), (TEN,), 9.0)


def place(act: str) -> ev.Intended:
    return ev.Intended(act, "place", {"vessel": "vial"}, (), (Placement("vial", "rack"),), 9.0)


def done(act: str) -> ev.Settled:
    return ev.Settled(act, "done", (), Interval.around(10.0, relative=0.01))


def poured(ml: float = 10.0) -> list[dict[str, Any]]:
    return [
        {"act": "draw", "vessel": "bottle", "got_ml": ml},
        {"act": "pour", "vessel": "vial", "accepted_ml": ml},
    ]


MOVED = [{"act": "lift", "vessel": "vial"}, {"act": "put", "vessel": "vial", "place": "rack"}]
START = (
    ev.RunStarted("p", "d", "bench", True, 0, {}),
    ev.VesselStated("bottle", "bottle-500ml", "bottle", {"water": Interval.exactly(100.0)}, "lab"),
    ev.VesselStated("vial", "vial-50ml", "bench", {}, "lab"),
)
Story = Sequence[Body | list[dict[str, Any]]]


@pytest.fixture
def verdict(plan: Plan) -> Callable[..., Verdict]:
    """Judge a story: bodies are events of step `step`, lists are lines of the world's record."""

    def tell(story: Story, *, step: str = "1", truth: float | None = None, **more: Any) -> Verdict:
        return judge(replace(evidence(plan, story, step, truth), **more))

    return tell


def evidence(plan: Plan, story: Story, step: str, truth: float | None) -> Evidence:
    events: list[Event] = []
    record: list[Fact] = []
    lines: list[dict[str, Any]] = [{"began": 0.0, "world": 0}]
    for one in (*START, ev.StepStarted("dispense", "dose"), *story):
        if isinstance(one, list):
            record += [Fact(len(record) + n, data["act"], data) for n, data in enumerate(one)]
            continue
        key = None if one.kind in ("run_started", "vessel_stated", "run_ended") else step
        events.append(Event(len(events), 0.0, "", "simulated", one, key, "hand"))
        opened = {one.act: "hand"} if isinstance(one, ev.Intended) else {}
        closed = [one.act] if isinstance(one, ev.Settled) else []
        position = events[-1].position
        lines.append(
            {
                "commit": [position, position],
                "kinds": [one.kind],
                "opened": opened,
                "closed": closed,
                "world": len(record),
                "t": 0.0,
            }
        )
    state = fold(events)
    volume = state.vessels["vial"].volume.mid if truth is None else truth
    truths = {"vial": Truth(volume, state.vessels["vial"].place)}
    return Evidence(plan, events, state, [Marks(tuple(lines))], record, truths)


END = ev.RunEnded("done")


def test_a_story_without_fault_has_no_findings(verdict: Any) -> None:
    found = verdict([dose("act-1"), poured(), done("act-1"), place("act-2"), MOVED, done("act-2"), END])
    assert found.findings == []
    assert (found.issued, found.unknown) == (2, 0)


ONCE: Story = [dose("act-1"), poured(), done("act-1")]
CARRIED: Story = [place("act-1"), MOVED, done("act-1")]
FAULTS: dict[str, tuple[Story, str, str]] = {
    "sent again": ([*ONCE, dose("act-2"), poured(), done("act-2"), END], "doubled", "dispense was done 2 times"),
    "carried again": ([*CARRIED, place("act-2"), MOVED, done("act-2"), END], "doubled", "place was done 2 times"),
    "a device that doses twice": ([dose("act-1"), poured(), poured(), done("act-1"), END], "doubled", "20.000 mL came where 10.100 mL"),
    "set down twice": ([place("act-1"), MOVED, MOVED, done("act-1"), END], "doubled", "set down 2 times"),
    "no intent": ([poured(), END], "doubled", "no act of the journal stands for"),
    "the intent after the act": ([poured(), dose("act-1"), done("act-1"), END], "doubled", "no act of the journal stands for"),
    "a lie": ([dose("act-1"), done("act-1"), END], "lost", "0.000 mL arrived of 9.900 mL"),
    "half a dose called done": ([dose("act-1"), poured(5.0), done("act-1"), END], "lost", "5.000 mL arrived"),
    "not carried": ([place("act-1"), done("act-1"), END], "lost", "nothing was set down"),
    "denied": ([dose("act-1"), poured(), ev.Settled("act-1", "not_started"), END], "other", "counts as not started, but the world saw it"),
    "no end": ([dose("act-1"), poured(), done("act-1")], "other", "the run never ended"),
    "no settlement": ([dose("act-1"), END], "other", "nobody ever said what became of act-1"),
    "left on": (
        [ev.Intended("act-1", "stir", {}, (), (SetOutput("hand", "speed", 300.0, "rpm"),), 9.0), done("act-1"), END],
        "other", "hand: speed is still at 300 rpm by the journal",
    ),
    "really left on": ([[{"act": "stir", "place": "bench", "rpm": 200.0}], END], "other", "bench: speed is really still at 200"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_found(verdict: Any, name: str) -> None:
    story, where, sentence = FAULTS[name]
    found = verdict(story)
    assert any(sentence in one for one in getattr(found, where)), found


def test_what_is_repeatable_may_be_done_twice(verdict: Any) -> None:
    story = [
        dose("act-1"),
        poured(),
        ev.Settled("act-1", "unknown"),
        dose("act-2"),
        poured(),
        done("act-2"),
        END,
    ]
    assert verdict(story, step="2").doubled == []
    assert verdict(story, step="2").unknown == 1


def test_a_dose_that_ends_after_nobody_knew_belongs_to_it(verdict: Any) -> None:
    assert verdict([dose("act-1"), ev.Settled("act-1", "unknown"), poured(), END]).findings == []


def test_the_true_volume_must_be_inside(verdict: Any) -> None:
    story = [dose("act-1"), poured(), done("act-1"), END]
    assert verdict(story, truth=10.09).ledger == []
    assert (
        "vial really holds 10.200 mL, the ledger says 9.900 to 10.100 mL"
        in verdict(story, truth=10.2).ledger[0]
    )
    elsewhere = verdict(story, truths={"vial": Truth(10.0, "rack")})
    assert elsewhere.ledger == ["vial really stands at rack, the ledger says bench"]


def test_what_a_finished_run_left_out_is_lost(verdict: Any) -> None:
    wanted = frozenset({("3", "dispense", "{}"), ("4#1", "dispense", "{}")})
    assert verdict([END], wanted=wanted).lost == ["step 3: dispense {} was never done"]
    assert verdict([ev.RunEnded("stopped")], wanted=wanted).lost == []


def test_acknowledged_events_must_be_there(verdict: Any) -> None:
    marks = [
        Marks(
            (
                {"began": 0.0, "world": 0},
                {"commit": [0, 9], "kinds": [], "opened": {}, "closed": [], "t": 0.0},
            )
        )
    ]
    assert "was told that event 9 is kept; the journal ends at 4" in verdict([END], marks=marks).lost[0]


def test_devices_without_a_record_are_not_judged(verdict: Any) -> None:
    assert verdict([dose("act-1"), done("act-1"), END], unrecorded=frozenset({"hand"})).findings == []


# ------------------------------------------------------------------------------------------ the witness
@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ([], "not started"),
        (poured(), "done"),
        (poured(4.0), "3.9960-4.0040 mL"),
        (poured()[:1], "0.0000-10.0100 mL"),
    ],
)
def test_the_witness_says_what_the_world_shows(plan: Plan, seen: list[dict[str, Any]], said: str) -> None:
    told = evidence(plan, [dose("act-1"), seen], "1", 0.0)
    acts, _ = deeds(told.events, told.marks, told.record)
    assert witness_says(acts) == {"act-1": said}


@pytest.mark.parametrize(("seen", "said"), [([], "not started"), (MOVED, "at rack"), (MOVED[:1], "unknown")])
def test_and_where_a_vessel_is(plan: Plan, seen: list[dict[str, Any]], said: str) -> None:
    told = evidence(plan, [place("act-1"), seen], "1", 0.0)
    acts, _ = deeds(told.events, told.marks, told.record)
    assert witness_says(acts) == {"act-1": said}


# ------------------------------------------------------------------------------------------ the record
def test_a_torn_line_of_the_record_is_none(tmp_path: Path) -> None:
    lines = [
        json.dumps({"act": "open"}),
        json.dumps({"act": "stir", "place": "a", "rpm": 9.0}),
        '{"act": "po',
    ]
    (tmp_path / "acts.jsonl").write_text("\n".join(lines), encoding="utf-8")
    record = facts(tmp_path)
    assert [one.act for one in record] == ["open", "stir"]
    assert record[1].offset == len(lines[0]) + 1
    assert left_on(record) == {("a", "speed"): 9.0}
    off = [
        *record,
        Fact(99, "stir", {"place": "a", "rpm": 0.0}),
        Fact(120, "heat", {"place": "a", "target_c": None}),
    ]
    assert left_on(off) == {}
    assert facts(tmp_path / "none") == []
