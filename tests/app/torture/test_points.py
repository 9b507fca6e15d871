"""Points: as text, from marks, and a fair choice among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labcore.app.torture.knife import Marks
from labcore.app.torture.point import Point, Trial, parse_point, parse_trial
from labcore.app.torture.points import act_points, chosen, journal_points, spread, wire_points
from labcore.errors import UsageError

TEXTS = ("commit-12-before", "commit-0-after", "commit+3-after", "write-pump 2-b-4-7", "read-stirrer-2")


@pytest.mark.parametrize("text", TEXTS)
def test_a_point_is_its_text(text: str) -> None:
    assert str(parse_point(text)) == text


def test_a_device_may_have_any_name() -> None:
    assert parse_point("write-pump 2-b-4-7") == Point("write", 4, device="pump 2-b", size=7)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("way", ["witness", "unknown"])
def test_a_trial_is_its_text(text: str, way: Any) -> None:
    assert str(parse_trial(f"{text},commit+1-after/{way}")) == f"{text},commit+1-after/{way}"
    assert parse_trial(f"{text}/{way}") == Trial((parse_point(text),), way)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/unknown",
        "commit-1-before",
        "commit-1-before/nobody",
        "commit-x-before/unknown",
        "write-1/unknown",
    ],
)
def test_what_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_trial(text)
    assert "torture prints it" in caught.value.remedy


def test_a_point_says_itself_in_words() -> None:
    said = [parse_point(text).said() for text in TEXTS]
    assert said == [
        "before event 12 was written", "after event 0 was written", "after commit 3 of the recovery was written",
        "7 bytes into write 4 to pump 2-b", "after answer 2 of stirrer was read",
    ]  # fmt: skip


def commit(
    first: int, last: int, opened: dict[str, str] | None = None, closed: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "commit": [first, last],
        "kinds": [],
        "opened": opened or {},
        "closed": list(closed),
        "world": 0,
        "t": 0.0,
    }


MARKS: list[dict[str, Any]] = [
    {"began": 0.0, "world": 0},
    commit(0, 2),
    {"write": "pump", "number": 1, "size": 3},
    {"read": "pump", "number": 1},
    commit(3, 3, {"act-1": "pump"}),
    {"write": "pump", "number": 2, "size": 2},
    {"write": "plate", "number": 1, "size": 9},
    {"read": "pump", "number": 2},
    {"write": "pump", "number": 3, "size": 1},
    {"read": "pump", "number": 3},
    commit(4, 4, closed=("act-1",)),
    {"read": "pump", "number": 4},
    commit(5, 5, {"act-2": "person"}),
    commit(6, 6, closed=("act-2",)),
]


def test_every_commit_has_two_sides() -> None:
    assert [str(one) for one in journal_points(MARKS)] == [
        f"commit-{n}-{side}" for n, side in
        [(0, "before"), (2, "after"), (3, "before"), (3, "after"), (4, "before"), (4, "after"), (5, "before"), (5, "after"),
         (6, "before"), (6, "after")]
    ]  # fmt: skip


def test_only_what_a_device_at_work_says_and_hears_is_cut() -> None:
    assert [str(one) for one in wire_points(MARKS)] == [
        "write-pump-2-0", "write-pump-2-1", "write-pump-2-2", "read-pump-2", "write-pump-3-0", "write-pump-3-1", "read-pump-3",
    ]  # fmt: skip


def test_an_act_has_five_boundaries_and_three_without_a_wire() -> None:
    assert [str(one) for one in act_points(MARKS)] == [
        "commit-3-before", "commit-3-after", "write-pump-3-1", "read-pump-3", "commit-4-after",
        "commit-5-before", "commit-5-after", "commit-6-after",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "found"), [(0, []), (1, [0]), (2, [0, 9]), (4, [0, 3, 6, 9]), (99, list(range(10)))]
)
def test_a_choice_is_even_and_has_both_ends(wanted: int, found: list[int]) -> None:
    assert spread(range(10), wanted) == found


@pytest.mark.parametrize(("wanted", "journal", "wire"), [(4, 2, 2), (9, 2, 7), (5, 2, 3)])
def test_what_one_side_leaves_over_goes_to_the_other(wanted: int, journal: int, wire: int) -> None:
    found = chosen(
        [Point("commit", n) for n in range(2)], [Point("read", n, device="a") for n in range(9)], wanted
    )
    assert [one.kind for one in found] == ["commit"] * journal + ["read"] * wire


def test_marks_outlive_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "marks"
    path.write_text(
        '{"began":1.0,"world":7}\n{"commit":[0,3],"kinds":["a"],"opened":{},"closed":[],"t":1.5}\n{"comm'
    )
    marks = Marks.read(path)
    assert (marks.acknowledged, marks.world_at_start, marks.seconds_to("a")) == (3, 7, 0.5)
    assert marks.seconds_to("b") is None
    nothing = Marks.read(tmp_path / "none")
    assert (nothing.acknowledged, nothing.world_at_start, nothing.lines) == (-1, 0, ())
