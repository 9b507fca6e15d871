"""Whose version counts when a run is taken over: what it uses, and nothing else that is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import labcore
from labcore.app.api import check
from labcore.app.interrupted import Interrupted
from labcore.app.recovering import Takeover, refuse_other_versions
from labcore.errors import UsageError
from labcore.plugin.catalog import Listed
from labcore.state.run_state import RunState

PROTOCOL = """
labcore: 1
name: stirs
devices: {stirrer: [stirring]}
steps:
  - stir: {device: stirrer, speed: 300 rpm}
"""
LAB = """
lab: small
devices:
  stirrer: {driver: plate, port: "socket://127.0.0.1:9"}
  spare: {driver: other, port: "socket://127.0.0.1:10"}
observers: [eye]
"""
INSTALLED = (
    Listed("drivers", "plate", "plates", "2.0", "x"),
    Listed("drivers", "other", "others", "2.0", "x"),
    Listed("drivers", "stir", "a-driver-named-like-a-verb", "2.0", "x"),
    Listed("verbs", "stir", "stirs", "2.0", "x"),
    Listed("verbs", "heat", "heats", "2.0", "x"),
    Listed("observers", "eye", "eyes", "2.0", "x"),
    Listed("observers", "ear", "ears", "2.0", "x"),
)


class Installed:
    """A catalog that says what is installed, and nothing more."""

    def listed(self) -> tuple[Listed, ...]:
        return INSTALLED


class Eye:
    """An observer that sees nothing."""

    observables = ()


@pytest.fixture
def refuse(tmp_path: Path, catalog_with: Any, state: Path) -> Callable[..., None]:
    """Take over a run that was begun with these versions."""
    from labcore.adapters.entry_points import EntryPointCatalog

    (tmp_path / "p.yaml").write_text(PROTOCOL, encoding="utf-8")
    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    plate = catalog_with().load("drivers", "plate")
    known: Any = {("drivers", "plate"): plate, ("drivers", "other"): plate, ("observers", "eye"): Eye}
    checked = check(tmp_path / "p.yaml", lab=tmp_path / "lab.yaml", catalog=EntryPointCatalog(known))
    assert checked.ok, checked.problems

    def take_over(versions: Mapping[str, str] | None) -> None:
        header = {} if versions is None else {"versions": versions}
        run = Interrupted(tmp_path / "run-1", (), RunState(), header)
        installed: Any = Installed()
        refuse_other_versions(run, checked.prepared, installed)

    return take_over


@pytest.mark.parametrize("used", ["plates", "stirs", "eyes"])
def test_another_version_of_what_it_uses_is_refused(refuse: Callable[..., None], used: str) -> None:
    same = {"labcore": labcore.__version__, "plates": "2.0", "stirs": "2.0", "eyes": "2.0"}
    refuse(same)
    with pytest.raises(UsageError) as caught:
        refuse({**same, used: "1.0"})
    assert caught.value.message == (
        f"run run-1 was begun with {used} 1.0, installed is {used} 2.0; nothing was touched"
    )
    assert caught.value.remedy == f"Install {used} 1.0 and recover again, or close the run: --policy close."


def test_all_that_changed_is_named_in_order(refuse: Callable[..., None]) -> None:
    with pytest.raises(UsageError) as caught:
        refuse({"stirs": "1.0", "labcore": "0.0.1", "eyes": "2.0", "plates": "1.5"})
    assert caught.value.message == (
        "run run-1 was begun with labcore 0.0.1, plates 1.5, stirs 1.0, installed is "
        f"labcore {labcore.__version__}, plates 2.0, stirs 2.0; nothing was touched"
    )


@pytest.mark.parametrize("unused", ["others", "heats", "ears", "a-driver-named-like-a-verb", "gone"])
def test_what_it_does_not_use_may_change(refuse: Callable[..., None], unused: str) -> None:
    refuse({unused: "1.0"})


@pytest.mark.parametrize("versions", [None, {}])
def test_a_record_that_names_no_versions_is_taken_as_it_is(
    refuse: Callable[..., None], versions: Any
) -> None:
    refuse(versions)


def test_whoever_says_nothing_is_asked() -> None:
    assert Takeover() == Takeover({}, None, True, "", None)
