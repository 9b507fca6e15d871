"""State changes only by events; an illegal one raises and nothing happens."""

from __future__ import annotations

from typing import Any

import pytest

from labcore.errors import IllegalEvent
from labcore.model import event as ev
from labcore.model.effect import Effect, Placement, SetOutput, Touched
from labcore.model.event import Event
from labcore.model.interval import Interval
from labcore.state.reduce import fold, reduce
from labcore.state.reduce_acts import BAD_REMEMBERED, IMAGES_REMEMBERED, REDUCE_ACTS
from labcore.state.reduce_control import REDUCE_CONTROL
from labcore.state.reduce_recovery import REDUCE_RECOVERY
from labcore.state.reduce_trouble import REDUCE_TROUBLE
from labcore.state.run_state import Output, RunState, evolve


def events(*bodies: tuple[ev.Body, str | None]) -> list[Event]:
    return [Event(i, float(i), "", "labcore", body, step) for i, (body, step) in enumerate(bodies)]


STARTED = ev.RunStarted("p", "d", "lab", True, 1, {})
BEGUN = (STARTED, None)


def test_a_step_is_live_between_its_first_and_last_event() -> None:
    state = fold(events(BEGUN, (ev.StepStarted("wait", "w"), "1")))
    assert set(state.live) == {"", "1"}
    state = reduce(state, Event(2, 2.0, "", "labcore", ev.StepEnded("done"), "1"))
    assert set(state.live) == {""}
    assert state.live[""].next == 2


@pytest.mark.parametrize(
    ("bodies", "reason"),
    [
        ([BEGUN, BEGUN], "starts once"),
        ([BEGUN, (ev.StepEnded("done"), "1")], "not under way"),
        ([BEGUN, (ev.StepStarted("wait", "w"), "1.1")], "cannot start here"),
        (
            [BEGUN, (ev.StepStarted("wait", "w"), "1"), (ev.StepStarted("wait", "w"), "1")],
            "cannot start here",
        ),
        ([BEGUN, (ev.Settled("act-1", "done"), "1")], "without an intent"),
        ([BEGUN, (ev.RunEnded("done"), None), (ev.StepStarted("wait", "w"), "1")], "follows the end"),
        ([BEGUN, (ev.RoundStarted(1, 0.0), "1")], "not under way"),
        ([BEGUN, (ev.ErrorHandled("retry"), "1")], "nothing failed"),
        ([BEGUN, (ev.StepEnded("done"), None)], "step_ended without a step"),
        ([BEGUN, (ev.StepEnded("done"), "")], "step '' is not under way"),
        ([BEGUN, (ev.RoundsMissed(1, 0.0), "1")], "rounds_missed: step '1' is not under way"),
    ],
)
def test_what_cannot_follow_is_refused(bodies: list[tuple[ev.Body, str | None]], reason: str) -> None:
    *before, last = events(*bodies)
    state = fold(before)
    with pytest.raises(IllegalEvent, match=reason):
        reduce(state, last)
    assert state == fold(before)


def test_a_gap_in_positions_is_refused() -> None:
    with pytest.raises(IllegalEvent, match="cannot follow"):
        reduce(RunState(), Event(1, 0.0, "", "labcore", STARTED))


def test_a_second_intent_of_one_act_is_refused() -> None:
    intent = ev.Intended("act-1", "dispense", {}, (), (), 1.0)
    with pytest.raises(IllegalEvent, match="already intended"):
        fold(events(BEGUN, (intent, None), (intent, None)))


def test_plugin_events_never_change_state() -> None:
    before = fold(events(BEGUN))
    after = reduce(before, Event(1, 5.0, "", "labcore", ev.PluginEvent("x/y", 1, {"status": "ended"})))
    assert (after.live, after.status, after.ledger) == (before.live, before.status, before.ledger)


def test_an_observer_that_catches_up_does_not_replace_what_is_newer() -> None:
    def seen(value: float, evidence: int) -> ev.Observed:
        return ev.Observed("turbidity", "v", value, "", value, value, "good", "eye", (evidence,))

    image = ev.ImageTaken("v", "00", "image/png", 1, 1)
    state = fold(events(BEGUN, (image, None), (image, None), (seen(4.0, 2), None), (seen(1.0, 1), None)))
    assert state.seen["turbidity", "v"].body.value == 4.0


def test_bad_observations_are_not_kept() -> None:
    bad = ev.Observed("turbidity", "v", 4.0, "", 3.0, 5.0, "bad", "eye", (0,))
    assert fold(events(BEGUN, (bad, None))).seen == {}


@pytest.mark.parametrize(
    ("status", "amount", "held"),
    [
        ("done", None, Interval(9.0, 10.0, 11.0)),
        ("done", Interval(9.9, 10.0, 10.1), Interval(9.9, 10.0, 10.1)),
        ("partly", Interval(1.0, 2.0, 3.0), Interval(1.0, 2.0, 3.0)),
        ("not_started", None, Interval(0.0, 0.0, 0.0)),
        ("unknown", None, Interval(0.0, 5.5, 11.0)),
    ],
)
def test_settlements_move_what_they_say(status: str, amount: Interval | None, held: Interval) -> None:
    from labcore.model.effect import Transfer

    stated = [
        ev.VesselStated(n, "vial-50ml", n, {"w": Interval.exactly(v)} if v else {}, "me")
        for n, v in (("a", 50.0), ("b", 0.0))
    ]
    intent = ev.Intended("act-1", "dispense", {}, (), (Transfer("a", "b", Interval(9.0, 10.0, 11.0)),), 1.0)
    settled = ev.Settled("act-1", status, (), amount)  # type: ignore[arg-type]
    state = fold(events(BEGUN, (stated[0], None), (stated[1], None), (intent, None), (settled, None)))
    assert state.ledger.vessel("b").volume == held
    assert state.intents == {}


def test_no_kind_of_event_is_handled_twice() -> None:
    parts = (REDUCE_ACTS, REDUCE_CONTROL, REDUCE_RECOVERY, REDUCE_TROUBLE)
    kinds = [kind for part in parts for kind in part]
    assert sorted(kinds) == sorted(set(kinds)), "the second handler would hide the first"


def test_a_kind_that_nobody_knows_is_refused() -> None:
    class Strange:
        kind = "strange"

    strange: ev.Body = Strange()  # type: ignore[assignment]
    with pytest.raises(IllegalEvent, match="^event 1: unknown kind 'strange'$"):
        fold(events(BEGUN, (strange, None)))


def test_what_is_remembered_of_pictures_and_bad_observations_is_bounded() -> None:
    image = ev.ImageTaken("v", "00", "image/png", 1, 1)
    state = fold(events(BEGUN, *[(image, None)] * (IMAGES_REMEMBERED + 2)))
    assert list(state.image_at) == list(range(3, IMAGES_REMEMBERED + 3))
    bad = ev.Observed("turbidity", "v", None, "", None, None, "bad", "eye", (), ("dark",))
    state = fold(events(BEGUN, *[(bad, None)] * (BAD_REMEMBERED + 2)))
    assert state.unusable["turbidity", "v"].evidence == tuple(range(3, BAD_REMEMBERED + 3))
    assert state.unusable["turbidity", "v"].flags == ("dark",)


def test_a_volume_of_a_vessel_that_nobody_stated_is_nobodys() -> None:
    narrowed = ev.VolumeNarrowed("v", Interval.exactly(1.0), Interval.exactly(1.0), "balance")
    assert fold(events(BEGUN, (narrowed, None))).ledger.vessels == {}


@pytest.mark.parametrize(
    ("effect", "status", "touched", "outputs"),
    [
        (Touched("v"), "done", {"v": 3}, []),
        (Placement("v", "rack"), "done", {"v": 3}, []),
        (SetOutput("d", "speed", 300.0, "rpm"), "done", {}, [("d", "speed")]),
        (SetOutput("d", "speed", 300.0, "rpm"), "unknown", {}, [("d", "speed")]),
        (SetOutput("d", "speed", 300.0, "rpm"), "not_started", {}, []),
    ],
)
def test_an_effect_changes_what_it_is_about(
    effect: Effect, status: Any, touched: dict[str, int], outputs: list[tuple[str, str]]
) -> None:
    intent, step = ev.Intended("act-1", "do", {}, (), (effect,), 1.0), ev.StepStarted("stir", "s")
    before = fold(events(BEGUN, (step, "1"), (intent, "1")))
    state = reduce(before, Event(3, 3.0, "", "real", ev.Settled("act-1", status), "1"))
    live = {key: evolve(one, acted=status) for key, one in before.live.items()}
    on = {name: Output(300.0, "rpm", "1", 3.0, act=intent) for name in outputs}
    assert state == evolve(
        before, position=3, at=3.0, intents={}, begun={}, touched=touched, outputs=on, live=live
    )


@pytest.mark.parametrize(
    ("status", "place", "maybe"),
    [("done", "rack", ()), ("not_started", "plate", ()), ("unknown", None, ("plate", "rack"))],
)
def test_a_vessel_stands_where_its_act_left_it(
    status: Any, place: str | None, maybe: tuple[str, ...]
) -> None:
    stated = ev.VesselStated("v", "vial-50ml", "plate", {}, "me")
    intent = ev.Intended("act-1", "place", {}, (), (Placement("v", "rack"), Placement("nobody", "hood")), 1.0)
    state = fold(events(BEGUN, (stated, None), (intent, None), (ev.Settled("act-1", status), None)))
    assert (state.ledger.vessel("v").place, state.ledger.vessel("v").maybe) == (place, maybe)
    assert list(state.ledger.vessels) == ["v"]


def test_the_gravest_end_of_its_acts_stays_with_a_step_and_all_around_it() -> None:
    steps = [(ev.StepStarted("sequence", "b"), "1"), (ev.StepStarted("stir", "s"), "1.1")]
    acts: list[tuple[ev.Body, str | None]] = []
    for number, status in enumerate(("not_started", "done", "partly", "done", "unknown", "partly"), 1):
        act = f"act-{number}"
        settled = ev.Settled(act, status)  # type: ignore[arg-type]
        acts += [(ev.Intended(act, "stir", {}, (), (), 1.0), "1.1"), (settled, "1.1")]
    found = [fold(events(BEGUN, *steps, *acts[: 2 * n])).live for n in range(7)]
    graver = ["", "not_started", "done", "partly", "partly", "unknown", "unknown"]
    for key in ("", "1", "1.1"):
        assert [live[key].acted for live in found] == graver


def test_acts_are_counted_from_the_highest_number() -> None:
    def acts(*names: str) -> int:
        return fold(events(BEGUN, *((ev.Intended(one, "x", {}, (), (), 1.0), None) for one in names))).acts

    assert [acts("act-1"), acts("act-7"), acts("act-7", "act-2"), acts("odd"), acts("act-x")] == [
        1,
        7,
        8,
        1,
        1,
    ]
