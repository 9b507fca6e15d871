"""What is said of an act whose end nobody knows becomes exactly this settlement; what cannot be meant says why."""

from __future__ import annotations

from typing import Any

import pytest

from labcore.model.effect import Placement, SetOutput, Touched, Transfer
from labcore.model.event import Intended, Settled
from labcore.model.interval import Interval
from labcore.state.settling import (
    most_moved,
    only_sets_outputs,
    possible_ends,
    possible_words,
    settle_as,
)

POUR = Transfer("bottle", "vial", Interval(9.0, 10.0, 11.0))
DOSE = Intended("act-1", "dispense", {}, (), (Touched("vial"), POUR), 9.0)
TWO = (Placement("vial", "plate"), Placement("cap", "hood"))
MOVE = Intended("act-2", "place", {"origin": "rack"}, (), TWO, 9.0)
STIR = Intended("act-3", "stir", {}, (), (SetOutput("robot", "speed", 300.0), Touched("vial")), 9.0)
LOST = Intended("act-4", "place", {}, (), (Placement("vial", "plate"),), 9.0)
SEEN = {"intended": "12:00"}


@pytest.mark.parametrize(
    ("intent", "said", "settled"),
    [
        (DOSE, "Done", Settled("act-1", "done", DOSE.effects, None, SEEN, "", "Ann")),
        (DOSE, "yes", Settled("act-1", "done", DOSE.effects, None, SEEN, "", "Ann")),
        (STIR, " NOT_started ", Settled("act-3", "not_started", (), None, SEEN, "", "Ann")),
        (STIR, "not started", Settled("act-3", "not_started", (), None, SEEN, "", "Ann")),
        (MOVE, "No", Settled("act-2", "not_started", (), None, SEEN, "", "Ann")),
        (MOVE, "UNKNOWN", Settled("act-2", "unknown", (), None, SEEN, "", "Ann")),
        (MOVE, " at  hood ", Settled("act-2", "done", TWO, None, SEEN, "", "Ann")),
        (MOVE, "AT rack", Settled("act-2", "not_started", (), None, SEEN, "", "Ann")),
        (
            DOSE,
            " 4-6 mL ",
            Settled("act-1", "partly", (), Interval(4.0, 5.0, 6.0), SEEN, "4-6 mL by the word of Ann", "Ann"),
        ),
    ],
)
def test_an_answer_means_this(intent: Intended, said: str, settled: Settled) -> None:
    assert settle_as(intent, said, "Ann", SEEN) == settled


@pytest.mark.parametrize(
    ("intent", "said", "message"),
    [
        (STIR, " what", "' what' is none of done, not started, unknown"),
        (MOVE, "there", "'there' is none of at hood, at plate, not started, unknown"),
        (
            MOVE,
            "at home",
            "the act has nothing to do with 'home': say one of at hood, at plate, not started, unknown; correct the lab afterwards",
        ),
        (
            LOST,
            "at rack",
            "the act has nothing to do with 'rack': say one of at plate, not started, unknown; correct the lab afterwards",
        ),
        (DOSE, "17 mL", "17 mL cannot be: it is something from 0 to 16.5 mL"),
    ],
)
def test_what_cannot_be_meant_says_what_can(intent: Intended, said: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        settle_as(intent, said, "Ann")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("said", "drawn"),
    [
        ("not started", Interval(0.0, 5.5, 11.0)),
        ("4-6 mL", Interval(4.0, 7.5, 11.0)),
        ("12-14 mL", Interval(12.0, 13.0, 14.0)),
        ("done", None),
        ("unknown", None),
    ],
)
def test_with_bytes_on_the_wire_more_may_have_left_the_source_than_arrived(said: str, drawn: Any) -> None:
    assert settle_as(DOSE, said, "Ann", {"wire": "> G1"}).drawn == drawn
    assert settle_as(DOSE, said, "Ann", SEEN).drawn is None


def test_the_evidence_is_the_settlements_own() -> None:
    given = dict(SEEN)
    settled = settle_as(STIR, "done", "Ann", given)
    given["more"] = "x"
    assert settled.evidence == SEEN
    assert settle_as(STIR, "done", "Ann").evidence == {}


def test_what_may_be_said_of_an_act_follows_from_its_effects() -> None:
    words = "done, not started, unknown"
    assert [possible_words(one) for one in (DOSE, STIR, MOVE)] == [
        f"{words}, or how much: 12 mL, 10-14 mL",
        words,
        "at hood, at plate, not started, unknown",
    ]
    assert possible_ends(MOVE) == ("at hood", "at plate", "not started", "unknown")
    assert [most_moved(one) for one in (DOSE, STIR, MOVE)] == [16.5, None, None]
    assert [only_sets_outputs(one) for one in (DOSE, STIR, MOVE)] == [False, True, False]
