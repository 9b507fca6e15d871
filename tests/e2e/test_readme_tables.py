"""The outcomes that protocols/polyamic_acid/README.md states are those that its runs have."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

import labcore
from labcore.cli.plan import clock

FOLDER = Path(__file__).parents[2] / "protocols" / "polyamic_acid"
HEAVY = pytest.mark.skipif("LABCORE_HEAVY" not in os.environ, reason="takes long; set LABCORE_HEAVY=1")
ROW = re.compile(r"^\| (robot|human|mixed) \| ([\d.]+ mmol) \| (.+) \|$", re.MULTILINE)
ROWS = [match.groups() for match in ROW.finditer((FOLDER / "README.md").read_text(encoding="utf-8"))]


def rows() -> list[Any]:
    """Return every row of the table; those by a robot take a few seconds each."""
    return [
        pytest.param(*row, id="-".join(row[:2]), marks=() if row[0] == "robot" else HEAVY) for row in ROWS
    ]


def outcome(run: Any) -> str:
    """Return what a row says after its lab and its monomer."""
    events = run.events()
    at = {event.position: event.at for event in events}
    seen = [
        event.body for event in events if event.kind == "observed" and event.body.observable == "turbidity"
    ]
    first = next(one for one in seen if one.value is not None and one.value >= 2.5)
    last = seen[-1]
    flags = "".join(f", {flag}" for flag in last.flags if flag != "uncalibrated")
    return " | ".join(
        (
            str(sum(event.kind == "intended" for event in events)),
            str(sum(event.kind == "image_taken" for event in events)),
            f"{min(at[one] for one in first.evidence):.0f} s: {first.value:.1f}",
            f"{last.value:.1f} ({last.low:.1f} to {last.high:.1f}){flags}",
            clock(run.state.at),
        )
    )


def test_the_table_is_there() -> None:
    assert len(ROWS) == 7


@pytest.mark.parametrize(("lab", "monomer", "stated"), rows())
def test_a_row_is_what_its_run_gives(lab: str, monomer: str, stated: str, tmp_path: Path) -> None:
    run = labcore.simulate(
        FOLDER / "protocol.yaml",
        lab=FOLDER / f"{lab}.yaml",
        seed=1,
        parameters={"monomer": monomer},
        data=tmp_path,
    )
    assert stated == outcome(run)
    assert run.state.ledger.vessels["reactor"].volume.mid == pytest.approx(40.0, abs=0.05)
    run.record.close()
