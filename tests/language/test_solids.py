"""Solids that a lab file puts into vessels, in both ways of writing them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BENCH = (Path(__file__).parent / "bench.yaml").read_text(encoding="utf-8")
PROTOCOL = "{labcore: 1, name: p, vessels: {reactor: {labware: vial-50ml}}, steps: [{note: here}]}"


@pytest.mark.parametrize(
    "written",
    [
        "contents: {solid: {name: caffeine, mass: 400 mg}}",
        "solid: {name: caffeine, mass: 0.4 g}",
        "contents: {caffeine: {mass: 0.4 g}}",
    ],
)
def test_a_solid_is_stated_as_what_it_is(check: Callable[..., Any], written: str) -> None:
    lab = BENCH.replace(
        "reactor: {at: rack/A1, labware: vial-50ml, empty: true}", f"reactor: {{at: rack/A1, {written}}}"
    )
    prepared = check(PROTOCOL, lab)
    stated = next(one for one in prepared.plan.bench if one.vessel == "reactor")
    assert stated.solids == {"caffeine": pytest.approx(0.4)}
    assert stated.contents == {}


def test_a_solid_without_a_mass_of_its_own_unit_is_refused(check: Callable[..., Any]) -> None:
    lab = BENCH.replace(
        "reactor: {at: rack/A1, labware: vial-50ml, empty: true}",
        "reactor: {at: rack/A1, solid: {name: caffeine, mass: 4 mL}}",
    )
    assert [one.code for one in check(PROTOCOL, lab).errors] == ["E301"]
