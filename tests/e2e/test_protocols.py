"""Every protocol of the repository: no problems with any of its labs, and the outcome its README promises."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Call = Callable[..., Any]
Event = dict[str, Any]
PROTOCOLS = Path(__file__).parents[2] / "protocols"
HEAVY = pytest.mark.skipif("LABCORE_HEAVY" not in os.environ, reason="takes long; set LABCORE_HEAVY=1")
QUICK = 15.0  # s, a simulation on a busy machine with two cores
NIGHT = 60.0  # s, 288 pictures taken, stored and analysed
ROUNDS = 24 * 60 // 5


def _kind(path: Path) -> str:
    """Say what a file is by its first key: `labcore` (a protocol), `lab`, or anything else."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return next(iter(data)) if isinstance(data, dict) else ""


def pairs() -> list[Any]:
    """Return every protocol with every lab of its folder."""
    files = {path: _kind(path) for path in sorted(PROTOCOLS.glob("*/*.yaml"))}
    return [
        pytest.param(one, lab, id=f"{one.parent.name}-{lab.stem}")
        for one, kind in files.items()
        if kind == "labcore"
        for lab, other in files.items()
        if other == "lab" and lab.parent == one.parent
    ]


def simulated(labcore: Call, protocol: Path, lab: Path, seed: int, limit: float = QUICK) -> list[Event]:
    """Return the events of a simulation that ended well and in time."""
    began = time.monotonic()
    labcore("simulate", protocol, "--lab", lab, "--seed", str(seed), "--quiet")
    wall = time.monotonic() - began
    print(f"{protocol.parent.name} with {lab.stem}: simulated in {wall:.1f} s")
    found = [json.loads(line) for line in labcore("events", "last", "--json").out.splitlines()]
    assert [one["outcome"] for one in data(found, "run_ended")] == ["done"]
    assert wall < limit, f"{wall:.1f} s"
    return found


def data(found: list[Event], kind: str) -> list[dict[str, Any]]:
    return [event["data"] for event in found if event["kind"] == kind]


def observed(found: list[Event], what: str) -> list[Event]:
    return [one for one in found if one["kind"] == "observed" and one["data"]["observable"] == what]


def acts(found: list[Event], method: str) -> list[Event]:
    return [one for one in found if one["kind"] == "intended" and one["data"]["method"] == method]


def test_every_folder_has_a_protocol_and_a_lab() -> None:
    assert {values.values[0].parent for values in pairs()} == {
        folder for folder in PROTOCOLS.iterdir() if folder.is_dir()
    }
    assert len(pairs()) >= 7


@pytest.mark.parametrize(("protocol", "lab"), pairs())
def test_it_has_no_problems(labcore: Call, protocol: Path, lab: Path) -> None:
    checked = labcore("check", protocol, "--lab", lab, "--json").json()
    assert checked["ok"] is True
    assert [one for one in checked["problems"] if one["severity"] != "note"] == []


@pytest.mark.parametrize(
    ("lab", "pictures", "questions"), [("robot", 25, 1), ("human", 12, 10), ("mixed", 25, 2)]
)
def test_polyamic_acid_ends_cloudy_whoever_does_it(
    labcore: Call, lab: str, pictures: int, questions: int
) -> None:
    folder = PROTOCOLS / "polyamic_acid"
    found = simulated(labcore, folder / "protocol.yaml", folder / f"{lab}.yaml", seed=11)
    assert {one["status"] for one in data(found, "settled")} == {"done"}
    assert len(data(found, "image_taken")) >= pictures
    assert len(data(found, "asked")) == len(data(found, "answered")) >= questions
    poured = [one["data"]["arguments"]["volume"]["value"] for one in acts(found, "dispense")]
    assert poured == pytest.approx([20, 20])  # 0.2 mmol of each make 40 mL: nothing is left to fill up
    usable = [one["data"] for one in observed(found, "turbidity") if one["data"]["quality"] != "bad"]
    assert len(usable) > 0.8 * len(data(found, "image_taken"))
    assert usable[-1]["value"] > 4
    assert usable[-1]["low"] < usable[-1]["value"]


def test_titration_stops_at_the_first_reading_past_its_target(labcore: Call) -> None:
    folder = PROTOCOLS / "titration"
    found = simulated(labcore, folder / "protocol.yaml", folder / "lab.yaml", seed=2)
    readings = [one["data"]["value"] for one in observed(found, "pH")]
    assert readings[-1] >= 7
    assert len(readings) > 10
    assert all(value < 7 for value in readings[:-1])
    doses = [one["data"]["arguments"]["volume"]["value"] for one in acts(found, "dispense")][1:]
    assert len(doses) == len(readings) - 1
    assert all(0.1 - 1e-9 <= dose <= 0.5 + 1e-9 for dose in doses)
    assert sum(doses) == pytest.approx(10, abs=1.0)  # 10 mL of acid and base of one concentration
    assert f"pH {readings[-1]:g}" in data(found, "noted")[-1]["text"]


def test_solubility_screen_ends_when_the_camera_sees_that_all_is_dissolved(
    labcore: Call, tmp_path: Path
) -> None:
    folder = PROTOCOLS / "solubility_screen"
    found = simulated(labcore, folder / "protocol.yaml", folder / "lab.yaml", seed=3)
    assert data(found, "noted")[-1]["text"] == "The vial is clear."
    readings = observed(found, "turbidity")
    last = readings[-1]["data"]
    assert last["value"] <= 0.5
    assert last["quality"] != "bad"
    seen = next(one for one in found if one["position"] == last["evidence"][0])
    assert seen["kind"] == "image_taken"
    assert seen["position"] > acts(found, "dispense")[-1]["position"]
    earlier = [one["data"]["value"] for one in readings[:-1] if one["data"]["value"] is not None]
    assert max(earlier) > 1
    truth = truth_of(labcore, tmp_path, folder / "lab.yaml", seed=3, vessel="vial")
    assert truth["turbidity"] <= 0.5 + 0.4  # the stated error of a reading
    assert 30 <= truth["volume_ml"] <= 50  # 0.4 g at 12 g/L need 33 mL


def truth_of(labcore: Call, folder: Path, lab: Path, *, seed: int, vessel: str) -> dict[str, Any]:
    """Ask the simulated world, which labcore never does."""
    from labcore_simulators.world import World

    run = labcore("runs", "--json").json()[-1]["id"]
    events = labcore("events", run, "--json").out.splitlines()
    at = json.loads(events[-1])["at"]
    kept = folder / "labcore-data" / "runs" / run / "world"
    world = World.from_lab(yaml.safe_load(lab.read_text(encoding="utf-8")), seed=seed, folder=kept, now=at)
    return dict(world.truth(vessel, at))


def test_two_flasks_are_joined_if_the_person_says_so(labcore: Call) -> None:
    folder = PROTOCOLS / "two_flasks"
    found = simulated(labcore, folder / "protocol.yaml", folder / "lab.yaml", seed=4)
    reached = observed(found, "temperature")[-1]["data"]["value"]
    assert 43 - 1 <= reached <= 47 + 1
    asked, answered = data(found, "asked"), data(found, "answered")
    judged = [one["value"] for one in answered if one["value"] in ("clear", "cloudy")]
    assert len(judged) == 1
    assert "Is it clear" in asked[-1]["text"]
    sources = [one["data"]["arguments"]["source"]["vessel"] for one in acts(found, "dispense")]
    assert sources.count("flask b") == (1 if judged == ["clear"] else 0)
    first, second = (
        [one["position"] for one in found if str(one["step"]).startswith(f"1.{n}")] for n in (1, 2)
    )
    assert first[0] < second[-1]
    assert second[0] < first[-1]  # side by side
    assert {one["device"] for one in acts(found, "stop_heating")} == {"hotplate"}


def measuring(folder: Path) -> Path:
    """Return the overnight protocol with a measurement in place of the picture."""
    text = (PROTOCOLS / "overnight_watch" / "protocol.yaml").read_text(encoding="utf-8")
    assert text.count("- image: {vessel: reactor}") == 1
    path = folder / "measuring.yaml"
    path.write_text(
        text.replace("- image: {vessel: reactor}", "- measure: {what: speed, of: stirrer}"), encoding="utf-8"
    )
    return path


def of_rounds(found: list[Event]) -> list[float]:
    return [one["data"]["due"] for one in found if one["kind"] == "round_started"]


def test_a_night_of_measurements_takes_seconds(labcore: Call, tmp_path: Path) -> None:
    lab = PROTOCOLS / "overnight_watch" / "lab.yaml"
    found = simulated(labcore, measuring(tmp_path), lab, seed=5)
    due = of_rounds(found)
    assert len(due) == ROUNDS
    assert {round(after - before, 6) for before, after in zip(due, due[1:], strict=False)} == {300.0}
    speeds = [one["data"]["value"] for one in observed(found, "speed")]
    assert len(speeds) == ROUNDS
    assert set(speeds) == {300.0}


@HEAVY
def test_a_night_of_pictures_takes_less_than_a_minute(labcore: Call) -> None:
    folder = PROTOCOLS / "overnight_watch"
    found = simulated(labcore, folder / "protocol.yaml", folder / "lab.yaml", seed=6, limit=NIGHT)
    assert len(of_rounds(found)) == len(data(found, "image_taken")) == ROUNDS
    readings = [one["data"] for one in observed(found, "turbidity")]
    assert len(readings) == ROUNDS
    assert readings[-1]["value"] > 4
