"""Lab and protocol say what a vessel may lose; check counts it when the step is due."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labcore.pipeline.prepare import Prepared

HERE = Path(__file__).parent
BENCH = (HERE / "bench.yaml").read_text(encoding="utf-8")
STEPS = """labcore: 1
name: fill up later
vessels: {{reactor: {{labware: vial-50ml{need}}}}}
materials: {{diamine solution: {{solvent: {solvent}}}}}
devices: {{dispenser: [dosing]}}
steps:
  - dispense: {{material: diamine solution, into: reactor, volume: 30 mL}}
  - wait: 90 min
  - dispense: {{material: diamine solution, into: reactor, to_total: 40 mL}}
"""

Check = Callable[..., Prepared]


@pytest.mark.parametrize(
    ("solvent", "need", "entry", "fine"),
    [
        ("acetone", "", "", False),
        ("water", "", "", True),
        ("acetone", ", closed: true", "", True),
        ("acetone", "", ", closed: true", True),
        ("acetone", ", evaporation: 0.5 mL/h", "", True),
        ("acetone", "", ", evaporation: 0.5 mL/h", True),
        ("water", "", ", evaporation: 5 mL/h", False),
        ("acetone", ", evaporation: 0.5 mL/h", ", evaporation: 5 mL/h", False),
    ],
)
def test_what_may_evaporate_decides_whether_it_can_be_filled_up(
    check: Check, solvent: str, need: str, entry: str, fine: bool
) -> None:
    lab = BENCH.replace(
        "reactor: {at: rack/A1, labware: vial-50ml", f"reactor: {{at: rack/A1, labware: vial-50ml{entry}"
    )
    prepared = check(STEPS.format(solvent=solvent, need=need), lab)
    errors = [problem for problem in prepared.problems if problem.code[0] == "E"]
    assert [problem.code for problem in errors] == ([] if fine else ["E605"])
    assert fine or "may have evaporated" in errors[0].message


@pytest.mark.parametrize("wrong", ["evaporation: 5", "evaporation: 5 mL", "evaporation: fast", "tare: 3 mL"])
def test_a_rate_or_a_tare_that_is_none_is_refused_where_it_stands(check: Check, wrong: str) -> None:
    lab = BENCH.replace(
        "reactor: {at: rack/A1, labware: vial-50ml", f"reactor: {{at: rack/A1, {wrong}, labware: vial-50ml"
    )
    prepared = check(STEPS.format(solvent="water", need=""), lab)
    assert {problem.code for problem in prepared.errors} <= {"E301", "E302"}
    assert prepared.errors
