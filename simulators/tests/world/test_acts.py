"""The world as a fold of acts: places, liquids, the record on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labcore_simulators.world import World, WorldError

Make = Callable[..., dict[str, Any]]
React = Callable[..., World]


def _work(bench: World, *, looks: bool) -> dict[str, Any]:
    bench.lift("rack/A1", 1.0, by="robot")
    assert bench.place_of("reactor") is None
    bench.put("reactor", "stirrer", 2.0, by="robot")
    bench.set_stirring("stirrer", 300.0, 3.0)
    for start, bottle in ((4.0, "bottle/1"), (10.0, "bottle/2")):
        for step in range(8):
            portion = bench.draw(bottle, 2.5, start + step / 2, by="robot")
            bench.pour("reactor", portion, start + step / 2 + 0.25, by="robot")
    for look in range(40 if looks else 0):
        bench.truth("reactor", 14.0 + 3.7 * look)
    bench.pour("reactor", bench.draw("reactor", 5.0, 200.0, by="robot"), 200.5, by="robot")
    return bench.truth("reactor", 400.0)


def test_looking_changes_nothing(lab: Make) -> None:
    looked = _work(World.from_lab(lab(), seed=5), looks=True)
    assert looked == _work(World.from_lab(lab(), seed=5), looks=False)
    assert looked["attenuation_per_cm"] > 1.0


def test_reopened_world_is_the_same_world(lab: Make, tmp_path: Path) -> None:
    first = World.from_lab(lab(), seed=5, folder=tmp_path)
    truth = _work(first, looks=True)
    picture = first.picture("stirrer", 400.0, camera="camera")
    again = World.from_lab(lab(), seed=5, folder=tmp_path, now=9000.0)
    assert again.clock == pytest.approx(400.0)
    assert again.truth("reactor", 9000.0) == truth
    assert np.array_equal(again.picture("stirrer", 9000.0, camera="camera"), picture)
    assert again.acts() == first.acts()


def test_every_act_is_on_disk_before_the_answer(lab: Make, tmp_path: Path) -> None:
    bench = World.from_lab(lab(), seed=5, folder=tmp_path)
    kinds = ["open"]
    for kind, act in (
        ("draw", lambda: bench.draw("bottle/1", 1.0, 1.0, by="robot")),
        ("lift", lambda: bench.lift("rack/A1", 2.0, by="person")),
        ("put", lambda: bench.put("reactor", "stirrer", 3.0, by="person")),
        ("stir", lambda: bench.set_stirring("stirrer", 200.0, 4.0)),
        ("heat", lambda: bench.set_heating("stirrer", 40.0, 5.0)),
    ):
        act()
        kinds.append(kind)
        lines = (tmp_path / "acts.jsonl").read_text().splitlines()
        assert [json.loads(line)["act"] for line in lines] == kinds
    assert [entry["n"] for entry in bench.acts()] == list(range(6))


def test_line_cut_by_a_kill_is_dropped(lab: Make, tmp_path: Path) -> None:
    World.from_lab(lab(), seed=5, folder=tmp_path).draw("bottle/1", 1.0, 1.0, by="robot")
    record = tmp_path / "acts.jsonl"
    whole = record.read_bytes()
    record.write_bytes(whole + b'{"n":2,"t":3.0,"by":"ro')
    bench = World.from_lab(lab(), seed=5, folder=tmp_path)
    assert bench.truth("bottle/1", 0.0)["volume_ml"] == pytest.approx(249.0)
    assert record.read_bytes() == whole


def test_damaged_record_is_named(lab: Make, tmp_path: Path) -> None:
    World.from_lab(lab(), seed=5, folder=tmp_path)
    with (tmp_path / "acts.jsonl").open("a") as record:
        record.write("not json\n")
    with pytest.raises(WorldError, match=r"acts\.jsonl:2.*damaged"):
        World.from_lab(lab(), seed=5, folder=tmp_path)


def test_folder_of_another_lab_is_refused(lab: Make, tmp_path: Path) -> None:
    World.from_lab(lab(), seed=5, folder=tmp_path)
    with pytest.raises(WorldError, match="another lab or seed"):
        World.from_lab(lab(), seed=6, folder=tmp_path)


def test_snapshot_and_restore(react: React) -> None:
    bench = react(5.0)
    kept = bench.snapshot()
    ahead = bench.truth("reactor", 300.0)
    bench.pour("reactor", bench.draw("bottle/3", 5.0, 300.0, by="hand"), 300.0, by="hand")
    bench.restore(kept)
    assert bench.truth("reactor", 300.0) == ahead


def test_amounts_drawn_and_poured_add_up(lab: Make) -> None:
    bench = World.from_lab(lab(), seed=1)
    portion = bench.draw("bottle/3", 510.0, 0.0, by="robot")
    assert portion.volume_ml == pytest.approx(500.0)
    assert bench.acts()[-1]["air_ml"] == pytest.approx(10.0)
    part, rest = portion.split(60.0)
    assert bench.pour("reactor", part, 1.0, by="robot") == pytest.approx(50.0)
    assert bench.acts()[-1]["spilled_ml"] == pytest.approx(10.0)
    assert rest.volume_ml == pytest.approx(440.0)
    assert bench.truth("reactor", 1.0)["contents"] == {"acetone": pytest.approx(50.0)}


def test_robot_errs_more_than_a_person(lab: Make) -> None:
    bench = World.from_lab(lab(), seed=1)
    errors: dict[str, list[float]] = {"robot": [], "person": []}
    for turn in range(120):
        hand = ("robot", "person")[turn % 2]
        bench.put("reactor", "stirrer", float(turn), by=hand)
        errors[hand].append(bench.truth("reactor", float(turn))["offset_mm"])
    assert np.sqrt(np.mean(np.square(errors["robot"]))) == pytest.approx(3.0, rel=0.25)
    assert np.sqrt(np.mean(np.square(errors["person"]))) == pytest.approx(0.7, rel=0.25)


def test_time_does_not_go_back(lab: Make) -> None:
    bench = World.from_lab(lab(), now=100.0)
    bench.advance(110.0)
    assert bench.clock == pytest.approx(10.0)
    with pytest.raises(WorldError, match="time goes back"):
        bench.advance(105.0)


def test_occupied_place_and_unknown_vessel_are_refused(lab: Make) -> None:
    bench = World.from_lab(lab())
    with pytest.raises(WorldError, match="'bottle/1' stands there"):
        bench.put("reactor", "bottle/1", 0.0, by="robot")
    with pytest.raises(WorldError, match="no vessel 'flask'.*reactor"):
        bench.draw("flask", 1.0, 0.0, by="robot")
    assert bench.lift("stirrer", 0.0, by="robot") is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"vessels": {"reactor": {"at": "rack/A1", "labware": "bucket"}}}, "bucket.*known: vial-50ml"),
        (
            {"stock": {"acetone": {"in": "bottle/1", "volume": "250 parsecs"}}},
            "stock.acetone.volume.*parsecs",
        ),
        ({"vessels": {"a": {"at": "rack/A1"}, "b": {"at": "rack/A1"}}}, "two vessels"),
        ({"world": {"chemistry": {"speed": 1}}}, "unknown speed; known: activation"),
    ],
)
def test_lab_that_makes_no_sense_is_named(lab: Make, change: dict[str, Any], says: str) -> None:
    with pytest.raises(WorldError, match=says):
        World.from_lab({**lab(), **change})
