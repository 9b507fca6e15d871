"""The material ledger: what is known stays an interval that holds the truth."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.model.effect import Placement, Transfer
from labcore.model.interval import Interval
from labcore.model.vessel import VesselState
from labcore.state.ledger import Ledger, lose_place, place, transfer


def two(first: dict[str, Interval], second: dict[str, Interval]) -> Ledger:
    return Ledger({"a": VesselState("vial-50ml", "x", first), "b": VesselState("vial-50ml", "y", second)})


def test_a_transfer_moves_the_interval() -> None:
    ledger = transfer(two({"water": Interval.exactly(20)}, {}), Transfer("a", "b", Interval(9.9, 10, 10.1)))
    assert ledger.vessel("a").volume == Interval(20 - 10.1, 10, 20 - 9.9)
    assert ledger.vessel("b").contents["water"] == Interval(9.9, 10, 10.1)


def test_a_mixture_leaves_with_its_composition() -> None:
    ledger = transfer(
        two({"water": Interval.exactly(30), "acetone": Interval.exactly(10)}, {}),
        Transfer("a", "b", Interval.exactly(20)),
    )
    held = ledger.vessel("b").contents
    assert (held["water"].mid, held["acetone"].mid) == (15.0, 5.0)


def test_nothing_goes_below_zero() -> None:
    ledger = transfer(two({"water": Interval.exactly(1)}, {}), Transfer("a", "b", Interval(0, 5, 10)))
    assert ledger.vessel("a").volume == Interval(0.0, 0.0, 1.0)


def test_liquid_from_a_vessel_nobody_stated_is_named_unknown() -> None:
    ledger = transfer(two({}, {}), Transfer("nobody's", "b", Interval.exactly(3)))
    assert ledger.vessel("b").contents == {"unknown": Interval.exactly(3)}


def test_what_goes_where_nobody_stated_a_vessel_leaves_all_the_same() -> None:
    ledger = transfer(two({"water": Interval.exactly(5)}, {}), Transfer("a", "nobody's", Interval.exactly(3)))
    assert ledger.vessel("a").volume == Interval.exactly(2)
    assert set(ledger.vessels) == {"a", "b"}
    assert place(ledger, Placement("nobody's", "z")) == ledger


def test_what_is_drawn_from_a_vessel_that_may_be_empty_may_be_air() -> None:
    ledger = transfer(two({"m": Interval(0, 1, 2)}, {}), Transfer("a", "b", Interval(0.9, 1, 1.1)))
    assert ledger.vessel("b").volume == Interval(0.0, 1.0, 1.1)


def test_places() -> None:
    ledger = place(two({}, {}), Placement("a", "z"))
    assert ledger.at("z") == "a"
    lost = lose_place(ledger, Placement("a", "y"))
    assert lost.vessel("a").place is None
    assert [lost.may_be_at(one) for one in ("z", "y", "x")] == ["a", "a", None]
    assert lost.may_be_at("z", but="a") is None
    assert lose_place(lost, Placement("a", "x")).vessel("a").maybe == ("z", "y", "x")
    assert place(lost, Placement("a", "x")).may_be_at("z") is None
    assert lose_place(ledger, Placement("nobody", "z")) == ledger


volumes = st.floats(0, 20, allow_nan=False)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.booleans(), volumes, st.floats(-1, 1)), max_size=12), volumes, volumes)
def test_the_truth_stays_inside(moves: list[tuple[bool, float, float]], first: float, second: float) -> None:
    """Whatever is moved, with an error inside the stated uncertainty, the true volume of each material is inside."""
    ledger = two({"m": Interval.exactly(first)}, {"n": Interval.exactly(second)})
    truth = {"a": {"m": first}, "b": {"n": second}}
    for forward, volume, error in moves:
        source, target = ("a", "b") if forward else ("b", "a")
        there = sum(truth[source].values())
        really = min(volume * (1 + 0.05 * error), there)
        if volume * 0.95 > there:
            continue  # check refuses to draw more than there is
        ledger = transfer(ledger, Transfer(source, target, Interval.around(volume, relative=0.05)))
        shares = {name: amount / there if there else 0.0 for name, amount in truth[source].items()}
        for name, share in shares.items():
            truth[source][name] -= really * share
            truth[target][name] = truth[target].get(name, 0.0) + really * share
        for vessel, contents in truth.items():
            for name, amount in contents.items():
                held = ledger.vessel(vessel).contents.get(name, Interval.exactly(0.0))
                assert held.low - 1e-6 <= amount <= held.high + 1e-6
