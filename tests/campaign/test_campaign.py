"""A small campaign with every test run: invariants hold, one seed is one journal, planted bugs are found."""

from __future__ import annotations

import os

import pytest

from campaign.bugs import all_bugs, planted
from campaign.bugs_found import FOUND
from campaign.one import play
from campaign.scenario import draw

SEEDS = int(os.environ.get("LABCORE_SEEDS", "24"))
TWICE = int(os.environ.get("LABCORE_SEEDS_TWICE", "6"))
MANY = bool(os.environ.get("LABCORE_HEAVY"))
FEW = (
    "commit_after_the_act",
    "forget_finally",
    "replay_an_act",
    "settle_done_on_timeout",
    "swallow_a_cancel",
)


@pytest.fixture(autouse=True)
def own_state(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABCORE_STATE", f"{tmp_path}/state")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_invariant_holds(seed: int) -> None:
    verdict = play(draw(seed))
    assert verdict.failure is None, f"make campaign SEED={seed}: {verdict.failure}"
    assert verdict.ending


@pytest.mark.parametrize("seed", range(TWICE))
def test_one_seed_is_one_journal(seed: int) -> None:
    assert play(draw(seed)).lines == play(draw(seed)).lines


@pytest.mark.parametrize("name", list(all_bugs()) if MANY else FEW)
def test_a_planted_bug_is_found(name: str) -> None:
    seed, rule = FOUND[name]
    scenario = draw(seed)
    with planted(all_bugs()[name]):
        failure = play(scenario).failure
    assert failure is not None, (
        f"seed {seed} finds {name} no more: make campaign-bugs BUGS={name} looks for another"
    )
    assert failure.rule == rule


def test_at_least_thirty_bugs_are_planted_and_each_has_its_seed() -> None:
    assert len(all_bugs()) >= 30
    assert set(FOUND) == set(all_bugs())


def test_a_seed_that_breaks_an_invariant_breaks_it_with_less_trouble() -> None:
    from campaign.one import shrunk

    seed, rule = FOUND["forget_finally"]
    scenario = draw(seed)
    with planted(all_bugs()["forget_finally"]):
        least = shrunk(scenario, rule)
        assert play(least).failure is not None
    trouble = (len(least.faults), len(least.kills), len(least.words))
    assert sum(trouble) <= sum((len(scenario.faults), len(scenario.kills), len(scenario.words)))
