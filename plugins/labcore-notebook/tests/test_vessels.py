"""What vessels hold is folded as intervals, and what is not known widens them."""

from __future__ import annotations

from typing import Any

import pytest

from labcore.model.effect import Transfer
from labcore.model.event import VesselStated
from labcore.model.interval import Interval
from labcore_notebook.journal import read
from labcore_notebook.vessels import keep_books


def test_the_robot_run(robot: Any) -> None:
    books = keep_books(read(robot), robot)
    reactor = books.vessels["reactor"]
    assert reactor.place == "stirrer"
    assert reactor.contents["diamine solution"] == Interval.around(20.0, relative=0.01)
    assert reactor.contents["dianhydride solution"] == Interval(17.1, 17.4, 17.8)
    assert books.vessels["bottle/1"].volume.mid == pytest.approx(230.0)


def test_unknown_and_unsettled_acts_widen(human: Any) -> None:
    books = keep_books(read(human), human)
    reactor = books.vessels["reactor"]
    assert reactor.contents["dianhydride solution"] == Interval(0.0, 10.0, 20.0)
    assert reactor.place is None


def test_what_leaves_a_mixture_has_its_composition(empty: Any) -> None:
    half = {"a": Interval.exactly(10.0), "b": Interval.exactly(30.0)}
    empty.add(VesselStated("mix", "vial-50ml", "rack/A1", half, "lab"))
    empty.add(VesselStated("other", "vial-50ml", "rack/A2", {}, "lab"))
    move = Transfer("mix", "other", Interval.exactly(8.0))
    empty.act("1", "pump", "transfer", move, takes=1.0)
    books = keep_books(read(empty), empty)
    assert books.vessels["other"].contents["a"].mid == pytest.approx(2.0)
    assert books.vessels["other"].contents["b"].mid == pytest.approx(6.0)
    assert books.vessels["mix"].volume.mid == pytest.approx(32.0)
    assert len(books.cites["other"]) == 4


def test_an_act_that_did_not_start_moves_nothing(empty: Any) -> None:
    empty.begin()
    empty.add(VesselStated("reactor", "vial-50ml", "stirrer", {}, "lab"))
    empty.dispense("1", "bottle/9", 5.0, status="not_started", amount=None)
    books = keep_books(read(empty), empty)
    assert books.vessels["reactor"].volume.high == 0.0
