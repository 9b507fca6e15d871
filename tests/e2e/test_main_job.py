"""The main job as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


def events(labcore: Call, run: str = "last") -> list[dict[str, Any]]:
    return [json.loads(line) for line in labcore("events", run, "--json").out.splitlines()]


def test_the_robot_run_ends_with_its_report(labcore: Call, protocols: Path, tmp_path: Path) -> None:
    folder = protocols / "polyamic_acid"
    result = labcore(
        "run", folder / "protocol.yaml", "--lab", folder / "robot.yaml", "--simulate", "--seed", "1"
    )
    (report,) = (tmp_path / "labcore-data" / "runs").glob("*/report/notebook.html")
    assert tmp_path / result.last == report
    page = report.read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert "Poly(amic acid) particles by precipitation polymerisation" in page
    assert page.count("data:image/jpeg;base64,") >= 2
    found = events(labcore)
    assert (found[-1]["kind"], found[-1]["data"]["outcome"]) == ("run_ended", "done")
    kinds = {event["kind"] for event in found}
    assert {"intended", "settled", "image_taken", "observed", "run_ended", "device_connected"} <= kinds
    assert {e["source"] for e in found if e["kind"] == "settled"} == {"simulated"}
    turbidity = [
        e["data"] for e in found if e["kind"] == "observed" and e["data"]["observable"] == "turbidity"
    ]
    assert len(turbidity) >= 25
    usable = [one for one in turbidity if one["value"] is not None and one["quality"] != "bad"]
    assert usable[0]["value"] < 1.0
    assert usable[-1]["value"] > 4.0
    assert usable[-1]["low"] < usable[-1]["value"]


def test_equal_seeds_give_equal_journals_and_others_differ(labcore: Call, protocols: Path) -> None:
    folder = protocols / "polyamic_acid"
    journals = []
    for seed in ("5", "5", "6"):
        labcore(
            "simulate", folder / "protocol.yaml", "--lab", folder / "robot.yaml", "--seed", seed, "--quiet"
        )
        journals.append(labcore("events", "last", "--json").out)
    assert journals[0] == journals[1]
    assert journals[0] != journals[2]


@pytest.mark.parametrize(
    ("lab", "doers"), [("human", {"person"}), ("mixed", {"dispenser", "mover", "stirrer"})]
)
def test_the_journal_tells_who_did_what(labcore: Call, protocols: Path, lab: str, doers: set[str]) -> None:
    folder = protocols / "polyamic_acid"
    labcore("simulate", folder / "protocol.yaml", "--lab", folder / f"{lab}.yaml", "--quiet")
    found = events(labcore)
    assert {e["device"] for e in found if e["kind"] == "settled"} == doers
    asked = [e["data"] for e in found if e["kind"] == "asked"]
    answered = [e["data"] for e in found if e["kind"] == "answered"]
    assert len(asked) == len(answered) > 1
    assert {one["by"] for one in answered} == {"person"}
    placed = next(e for e in found if e["kind"] == "intended" and e["data"]["method"] == "place")
    assert placed["device"] == ("person" if lab == "human" else "mover")


def test_the_truth_of_the_world_lies_inside_the_ledger(
    labcore: Call, protocols: Path, tmp_path: Path
) -> None:
    import yaml

    from labcore.app import open_run
    from labcore_simulators.world import World

    folder = protocols / "polyamic_acid"
    for seed in ("1", "2", "3"):
        labcore(
            "simulate", folder / "protocol.yaml", "--lab", folder / "robot.yaml", "--seed", seed, "--quiet",
            "--set", "monomer=0.1 mmol", "--set", "watch=30 s",
        )  # fmt: skip
        run = open_run("last", data=tmp_path / "labcore-data")
        lab = yaml.safe_load((folder / "robot.yaml").read_text(encoding="utf-8"))
        world = World.from_lab(lab, seed=int(seed), folder=run.folder / "world", now=run.state.at)
        held = run.state.ledger.vessels["reactor"]
        truth = world.truth("reactor", run.state.at)
        assert held.volume.contains(truth["volume_ml"])
        for material, amount in truth["contents"].items():
            assert held.contents[material].low - 0.02 <= amount <= held.contents[material].high + 0.02
        assert truth["place"] == held.place == "stirrer"


def test_runs_are_listed_oldest_first(labcore: Call, tmp_path: Path) -> None:
    runs = tmp_path / "labcore-data" / "runs"
    names = ["zenith", "meridian", "azimuth"]  # their order by name is not that of their beginning
    for name in names:
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"{{labcore: 1, name: {name}, steps: [{{note: hello}}]}}", encoding="utf-8")
        labcore("simulate", path, "--quiet")
        (made,) = set(runs.iterdir()) - {runs / one for one in names}
        made.rename(runs / name)
    rows = labcore("runs", "--json").json()
    assert [(row["id"], row["protocol"], row["state"]) for row in rows] == [(n, n, "done") for n in names]
    headers = [json.loads((runs / row["id"] / "header.json").read_text(encoding="utf-8")) for row in rows]
    assert [row["started"] for row in rows] == sorted(header["started"] for header in headers)
    assert headers[0]["started_ns"] < headers[1]["started_ns"] < headers[2]["started_ns"]
    assert [line.split()[0] for line in labcore("runs").out.splitlines()] == names
    assert labcore("show", "last", "--json").json()["id"] == names[-1]


def test_parameters_are_set_and_checked(labcore: Call, protocols: Path) -> None:
    path = protocols / "polyamic_acid" / "protocol.yaml"
    lab = protocols / "polyamic_acid" / "robot.yaml"
    assert "0.05 mmol" in labcore("plan", path, "--lab", lab, "--set", "monomer=0.05 mmol", "--json").out
    for given, code, said in (
        ("monomer=3 mmol", 1, "3 mmol is above its max 0.2 mmol"),
        ("monomer=3 rpm", 1, "a quantity of rotation, expected a quantity of amount"),
        ("monomr=0.1 mmol", 1, "Did you mean 'monomer'?"),
        ("monomer", 2, "write it as name=value"),
    ):
        assert said in labcore("check", path, "--lab", lab, "--set", given, code=code).err


def test_speed_is_refused_with_a_real_port_and_nothing_is_opened(
    labcore: Call, protocols: Path, tmp_path: Path
) -> None:
    lab = (protocols / "polyamic_acid" / "robot.yaml").read_text(encoding="utf-8")
    path = tmp_path / "real.yaml"
    path.write_text(lab.replace("sim://ika-rct", "/dev/ttyUSB7"), encoding="utf-8")
    result = labcore(
        "run", protocols / "polyamic_acid" / "protocol.yaml", "--lab", path, "--speed", "10", "--yes", code=2
    )
    assert "stirrer" in result.err
    assert labcore("runs", "--json").json() == []


@pytest.mark.parametrize(
    "args",
    [("run", "none.yaml"), ("events", "nothing"), ("run",), ("frobnicate",), ("answer", "x", "q1", "y")],
)
def test_wrong_usage_is_exit_code_2_without_a_traceback(labcore: Call, args: tuple[str, ...]) -> None:
    result = labcore(*args, code=2)
    assert "Traceback" not in result.err
    assert result.err.strip()
