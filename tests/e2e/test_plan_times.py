"""How long a plan says a run takes, against how long it takes on the simulated bench."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


def test_the_plan_of_a_robot_run_is_right_within_a_fifth(labcore: Call, protocols: Path) -> None:
    what = (
        protocols / "polyamic_acid" / "protocol.yaml",
        "--lab",
        protocols / "polyamic_acid" / "robot.yaml",
    )
    plan = json.loads(labcore("plan", *what, "--json").out)
    labcore("simulate", *what, "--seed", "1", "--quiet")
    events = [json.loads(line) for line in labcore("events", "last", "--json").out.splitlines()]
    began = {event["step"]: event["at"] for event in events if event["kind"] == "step_started"}
    took = {
        event["step"]: event["at"] - began[event["step"]]
        for event in events
        if event["kind"] == "step_ended" and event["step"] in began
    }
    planned = {one["step"]: one["duration_s"] for one in plan["timeline"]}
    assert plan["duration_s"] == pytest.approx(events[-1]["at"], rel=0.2)
    for step in ("1", "2", "5"):  # place, and two doses of 20 mL
        assert planned[step] == pytest.approx(took[step], rel=0.2)
