"""Catalogue A1, A2 and B8: real processes killed at every boundary of every act; what counts is the world's own record."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

Torture = Callable[..., Any]
HEAVY = pytest.mark.skipif("LABCORE_HEAVY" not in os.environ, reason="takes long; set LABCORE_HEAVY=1")
pytestmark = [
    pytest.mark.skipif(
        not hasattr(os, "fork"), reason="without fork each kill takes seconds: see test_interpreters.py"
    ),
    pytest.mark.timeout(1200),
]


@pytest.fixture(autouse=True)
def _simulators() -> None:
    for name in ("labcore_gantry", "labcore_namur", "labcore_operator", "labcore_simulators"):
        pytest.importorskip(name)


def nothing_wrong(report: Any) -> None:
    """Say what went wrong, with the commands that show it again."""
    assert not report.failing, "\n".join(
        f"{one['doubled'] + one['lost'] + one['ledger'] + one['other']}\n  {one['replay']}"
        for one in report.failing
    )
    assert report.code == 0
    assert report.data["ok"]


def test_a1_twenty_steps_killed_at_five_boundaries_of_every_act(torture: Torture) -> None:
    report = torture("twenty", "--acts", "--settle", "in-turn")
    nothing_wrong(report)
    numbers = report.numbers
    assert numbers["kills"] == numbers["trials"] >= 100
    assert (numbers["doubled"], numbers["lost"], numbers["ledger"], numbers["other"]) == (0, 0, 0, 0)
    assert numbers["issued"] > 10 * numbers["trials"]
    assert numbers["unknown"] > 0
    assert {"done", "failed"} == set(numbers["outcomes"])
    print(f"restart to a decision: median {numbers['ready_median_s']} s, longest {numbers['ready_max_s']} s")
    assert numbers["ready_median_s"] < 1.0


@HEAVY
@pytest.mark.parametrize("protocol", ["loops", "parallel", "retry", "pause", "nested"])
def test_a2_a_hundred_points_of_five_protocols(torture: Torture, protocol: str) -> None:
    report = torture(protocol, "--points", "100", "--settle", "in-turn")
    nothing_wrong(report)
    assert report.numbers["kills"] == 100


@pytest.mark.parametrize("protocol", ["loops", "parallel", "retry", "pause", "nested"])
def test_some_points_of_each_of_them(torture: Torture, protocol: str) -> None:
    report = torture(protocol, "--points", "8", "--settle", "in-turn")
    nothing_wrong(report)
    assert report.numbers["kills"] == 8


REGRESSIONS = {
    "an act that an earlier recovery had sent again was sent a third time": "write-dispenser-64-17,commit+11-after/witness",
    "and the same for a vessel that is carried": "write-dispenser-8-0,commit+4-before,commit+8-before/witness",
}


@pytest.mark.parametrize("trial", REGRESSIONS.values(), ids=REGRESSIONS)
def test_what_torture_has_found_stays_found(torture: Torture, trial: str) -> None:
    nothing_wrong(torture("nested", "--only", trial))


def test_a_recovery_that_is_killed_three_deep(torture: Torture) -> None:
    report = torture("nested", "--points", "2", "--deep", "3", "--settle", "in-turn")
    nothing_wrong(report)
    assert max(one["trial"].count(",") for one in report.data["trials"]) == 3
    assert report.numbers["kills"] > 2 * report.numbers["trials"]


# --------------------------------------------------------------------------------------- B8
POLICIES = {
    "nothing said": {"more": ""},
    "skip": {"more": "on_error: skip"},
    "repeat": {"more": "repeatable: true\n    on_error: {retry: 1, then: stop}"},
    "query": {"more": "", "tells": True},
}


@pytest.mark.parametrize("policy", POLICIES)
def test_b8_a_dose_cut_in_half_is_repeated_only_where_that_is_allowed(one_dose: Torture, policy: str) -> None:
    report = one_dose("--acts", "--settle", "unknown", **POLICIES[policy])
    nothing_wrong(report)
    assert report.numbers["kills"] == len(report.data["trials"]) == 5
    issued = [one["issued"] for one in report.data["trials"]]
    unknown = [one["unknown"] for one in report.data["trials"]]
    outcomes = {one["outcome"] for one in report.data["trials"]}
    if policy == "query":
        assert (issued, sum(unknown), outcomes) == ([1] * 5, 0, {"done"})
    elif policy == "repeat":
        assert sum(unknown) >= 2
        assert outcomes == {"done"}
        assert max(issued) == 2, (
            "an answer that was read and not recorded: the dose is done again, as allowed"
        )
    else:
        assert max(issued) == 1
        assert sum(unknown) >= 2
        skipped = policy == "skip"  # else the step fails: nobody is there to be asked
        assert outcomes == ({"done"} if skipped else {"done", "failed"})


# --------------------------------------------------------------------------------------- it can fail
def test_a_pump_that_doses_twice_is_found_with_a_command_that_shows_it(one_dose: Torture) -> None:
    report = one_dose("--only", "commit-9-after/unknown", bug="twice")
    assert report.code == 4
    (trial,) = report.failing
    assert "4.000 mL came where 2.100 mL were asked for" in trial["doubled"][0]
    assert trial["replay"].endswith("--only commit-9-after/unknown")
    assert "something that must not be" in report.page
    assert "--only commit-9-after/unknown" in report.page


def test_a_pump_that_says_ok_and_does_nothing_keeps_no_record_and_is_called_so(one_dose: Torture) -> None:
    report = one_dose("--only", "commit-9-after/unknown", bug="lazy")
    assert report.data["undisturbed"]["unrecorded"] == ["pump"]
    assert "Not judged: pump" in report.page
