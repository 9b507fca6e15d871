"""What a measurement says about how much is in a vessel, and what that leaves of what was known."""

from __future__ import annotations

from typing import Any

import pytest

from labcore.model.event import Event, Noted, Observed
from labcore.model.interval import Interval
from labcore.model.vessel import VesselState, Weighed
from labcore.state.narrowing import (
    LIGHTEST_TO_HEAVIEST,
    bounds,
    by_weight,
    consistent,
    mass_of,
    measured_volumes,
    narrowed,
    weighed,
)

exactly = Interval.exactly
WATER = {"water": exactly(1.0)}


def near(found: Interval | None, low: float, mid: float, high: float) -> bool:
    assert found is not None
    return (found.low, found.mid, found.high) == pytest.approx((low, mid, high))


def seen(
    low: Any, value: Any, high: Any, unit: str = "mL", quality: Any = "good", what: str = "volume"
) -> Observed:
    return Observed(what, "vial", value, unit, low, high, quality, "eye", (3,))


# ------------------------------------------------------------------------------------------ observations
def test_an_observation_bounds_two_and_a_half_times_as_widely_as_it_says() -> None:
    assert bounds(seen(9.0, 10.0, 12.0), "mL") == Interval(7.5, 10.0, 15.0)
    assert near(bounds(seen(0.009, 0.01, 0.012, "L"), "mL"), 7.5, 10.0, 15.0)
    assert bounds(seen(10.0, 10.0, 10.0), "mL") == exactly(10.0)


@pytest.mark.parametrize(
    "body",
    [
        seen(9.0, 10.0, 12.0, quality="doubtful"), seen(None, 10.0, 12.0), seen(9.0, None, 12.0), seen(9.0, 10.0, None),
        seen(11.0, 10.0, 12.0), seen(9.0, 10.0, 9.5), seen(9.0, 10.0, 12.0, "g"), seen(9.0, 10.0, 12.0, "furlong"),
    ],
)  # fmt: skip
def test_what_is_not_good_or_no_volume_bounds_nothing(body: Observed) -> None:
    assert bounds(body, "mL") is None
    vessel = VesselState("vial-50ml", None)
    evidence, volumes = measured_volumes(vessel, Event(5, 0.0, "", "real", body), WATER, 2)
    assert (evidence, volumes) == ((5, 3), ())


def test_a_volume_that_was_seen_counts_if_nothing_touched_the_vessel_since() -> None:
    vessel, event = VesselState("vial-50ml", None), Event(5, 0.0, "", "real", seen(9.0, 10.0, 12.0))
    assert measured_volumes(vessel, event, WATER, 2) == ((5, 3), (Interval(7.5, 10.0, 15.0),))
    for body, touched in (
        (seen(9.0, 10.0, 12.0), 3), (seen(9.0, 10.0, 12.0, ""), 2), (seen(9.0, 10.0, 12.0, what="level"), 2),
        (Noted("x", "me"), 2),
    ):  # fmt: skip
        assert measured_volumes(vessel, Event(5, 0.0, "", "real", body), WATER, touched) == ((), ())


def test_a_weighing_counts_with_the_one_before_it() -> None:
    body = seen(29.0, 30.0, 31.0, "g", what="mass")
    vessel = VesselState("vial-50ml", None, {"water": Interval(0.0, 9.0, 50.0)}, tare=exactly(20.0))
    once = weighed(vessel, 2, exactly(25.0))
    assert once.weighed == (Weighed(2, exactly(25.0), vessel.volume),)
    twice = weighed(once, 5, exactly(30.0))
    thrice = weighed(twice, 7, exactly(31.0))
    assert [one.position for one in thrice.weighed] == [5, 7]
    evidence, volumes = measured_volumes(twice, Event(5, 0.0, "", "real", body), WATER, 9)
    assert evidence == (2, 5)
    assert volumes[0] == exactly(10.0)
    assert measured_volumes(twice, Event(6, 0.0, "", "real", body), WATER, 9) == ((), ())


# ------------------------------------------------------------------------------------------ weighing
def weighing(position: int, mass: float, volume: Interval, **added: Interval) -> Weighed:
    return Weighed(position, exactly(mass), volume, added)


def test_without_tare_the_difference_to_the_weighing_before_tells() -> None:
    first = weighing(1, 30.0, exactly(10.0), water=Interval(0.0, 5.0, 8.0))
    vessel = VesselState(
        "v", None, {"water": Interval(0, 15, 20)}, weighed=(first, weighing(2, 34.0, exactly(15)))
    )
    assert by_weight(vessel, WATER) == (exactly(14.0),)
    later = weighing(2, 34.0, exactly(15), water=exactly(3.0))
    assert by_weight(VesselState("v", None, vessel.contents, weighed=(first, later)), WATER) == (
        exactly(17.0),
    )


def test_of_what_nobody_knows_the_density_nothing_is_told() -> None:
    ink = weighing(1, 30.0, exactly(10.0), ink=exactly(5.0))
    plain = weighing(2, 34.0, exactly(15))
    contents = {"water": exactly(15.0), "ink": exactly(0.0)}
    assert by_weight(VesselState("v", None, contents, weighed=(ink, plain)), WATER) == ()
    full = {"water": exactly(15.0), "ink": exactly(1.0)}
    assert by_weight(VesselState("v", None, full, tare=exactly(20.0), weighed=(plain,)), WATER) == ()
    vessel = VesselState("v", None, {"water": exactly(15.0)}, tare=exactly(20.0), weighed=(plain, ink))
    assert by_weight(vessel, WATER) == ()
    only_tare = VesselState(
        "v", None, {"water": Interval(0, 14, 50)}, tare=exactly(20.0), weighed=(ink, plain)
    )
    assert by_weight(only_tare, WATER) == (exactly(14.0),)


def test_a_vessel_that_should_be_empty_and_weighs_something_holds_some_liquid() -> None:
    vessel = VesselState("v", None, {}, tare=exactly(20.0), weighed=(weighing(1, 36.0, exactly(0.0)),))
    (found,) = by_weight(vessel, {})
    assert near(found, 16.0 / LIGHTEST_TO_HEAVIEST.high, 16.0, 16.0 / LIGHTEST_TO_HEAVIEST.low)
    empty = VesselState("v", None, {}, tare=exactly(20.0), weighed=(weighing(1, 20.0, exactly(0.0)),))
    assert by_weight(empty, {}) == (exactly(0.0),)


def test_where_some_came_and_some_went_what_is_too_much_may_be_either() -> None:
    """10 mL of water came and 5 mL of oil went, by the books 6 g more; 8 g more were weighed."""
    densities = {"water": exactly(1.0), "oil": exactly(0.8)}
    first = weighing(1, 30.0, exactly(20.0), water=exactly(10.0), oil=exactly(-5.0))
    vessel = VesselState(
        "v", None, {"water": exactly(25.0)}, weighed=(first, weighing(2, 38.0, exactly(25.0)))
    )
    (found,) = by_weight(vessel, densities)
    assert near(found, 27.0, 25.0 + 2.0 / 0.9, 27.5)
    came = weighing(1, 30.0, exactly(20.0), water=exactly(10.0), oil=exactly(5.0))
    vessel = VesselState(
        "v", None, {"water": exactly(35.0)}, weighed=(came, weighing(2, 48.0, exactly(35.0)))
    )
    (found,) = by_weight(vessel, densities)
    assert near(found, 38.0, 40.0, 42.5), "all came: the mass over a density"


def test_parts_are_narrowed_by_what_they_weigh_together() -> None:
    densities = {"water": exactly(1.0), "oil": exactly(0.8)}
    parts = {"water": Interval(0.0, 10.0, 20.0), "oil": exactly(5.0)}
    assert consistent(parts, densities, exactly(14.0)) == {"water": exactly(10.0), "oil": exactly(5.0)}
    assert consistent(parts, densities, exactly(25.0)) is None
    assert consistent({}, {}, exactly(1.0)) is None
    assert consistent({}, {}, exactly(0.0)) == {}
    assert mass_of({"water": Interval(1, 2, 3), "oil": Interval(-5, 0, 5)}, densities) == Interval(-3, 2, 7)


# ------------------------------------------------------------------------------------------ narrowing
def test_what_is_known_better_is_shared_among_the_materials_within_their_bounds() -> None:
    contents = {"water": Interval(5.0, 10.0, 15.0), "oil": Interval(0.0, 5.0, 10.0)}
    vessel = VesselState("v", None, contents, lost=1.0)
    found = narrowed(vessel, Interval(20.0, 22.0, 23.0))
    assert found.volume == Interval(20.0, 22.0, 23.0)
    assert found.contents == {"water": Interval(10.0, 13.5, 15.0), "oil": Interval(5.0, 8.5, 10.0)}
    assert found.lost == 0.0
    assert narrowed(vessel, Interval(5.5, 10.0, 20.0)).lost == 0.5


def test_a_volume_that_contradicts_the_books_counts_more_than_they_do() -> None:
    vessel = VesselState("v", None, {"water": exactly(5.0)})
    found = narrowed(vessel, Interval(8.0, 9.0, 10.0))
    assert found.total == Interval(8.0, 9.0, 10.0)
    assert found.contents == {"water": exactly(5.0)}


def test_what_is_known_now_tells_what_there_was_at_the_last_weighing() -> None:
    first, last = (
        weighing(1, 30.0, Interval(0, 10, 20)),
        weighing(2, 35.0, Interval(0, 10, 20), water=exactly(4.0)),
    )
    vessel = VesselState("v", None, {"water": Interval(0.0, 14.0, 24.0)}, weighed=(first, last))
    found = narrowed(vessel, Interval(11.0, 12.0, 13.0))
    assert found.weighed[0] == first
    assert found.weighed[1].volume == Interval(7.0, 8.0, 9.0)
    less = narrowed(
        VesselState("v", None, {"water": Interval(0, 1, 2)}, weighed=(last,)), Interval(1.0, 1.5, 2.0)
    )
    assert less.weighed[0].volume == exactly(0.0)
