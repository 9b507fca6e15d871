"""Runs that are taken over, from outside: what never began, what was begun with something else, what the lab remembers."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import anyio
import pytest

import labcore
from labcore.adapters.entry_points import EntryPointCatalog
from labcore.adapters.latch import Latch
from labcore.adapters.loop import run_loop, run_virtual
from labcore.app.interrupted import read_interrupted
from labcore.app.places import lab_folder
from labcore.app.recovering import Takeover, recover
from labcore.app.running import Options
from labcore.capabilities import Act, Outcome, Stirring
from labcore.errors import UsageError
from labcore.model.quantity import Quantity
from labcore.plugin.driver import DriverOptions, Identity, SafeAct, Site
from labcore.records.run_folder import HEADER, JOURNAL, interrupted_runs

TEXT = """
labcore: 1
name: notes
steps:
  - note: one
  - wait: 10 s
  - note: two
"""
DEAD = 2**22 + 1  # no process has this number


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def cut(folder: Path, events: int) -> None:
    """Leave a run as if its process had died after so many events."""
    with sqlite3.connect(folder / JOURNAL) as db:
        db.execute("DELETE FROM events WHERE position >= ?", (events,))
    db.close()
    header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
    (folder / HEADER).write_text(json.dumps({**header, "pid": DEAD}), encoding="utf-8")
    mark = folder.parent.parent / "under-way" / folder.name
    mark.parent.mkdir(exist_ok=True)
    mark.touch()


@pytest.fixture
def killed(tmp_path: Path, data: Path) -> Any:
    """A simulated run, cut off after its first remark."""

    def run(text: str = TEXT, events: int | None = None, **how: Any) -> Path:
        path = tmp_path / "p.yaml"
        path.write_text(text, encoding="utf-8")
        done = labcore.simulate(path, data=data, **how)
        noted = next(event.position for event in done.events() if event.kind == "noted")
        done.record.close()
        cut(done.folder, noted + 1 if events is None else events)
        return done.folder

    return run


def test_it_is_listed_and_recovered(killed: Any, data: Path) -> None:
    folder = killed()
    assert interrupted_runs(data) == [folder]
    assert labcore.open_run("last", data=data).word == "interrupted"
    done = labcore.recover("last", data=data, decision="resume", by="Ann")
    assert done.word == "done"
    assert [event.body.text for event in done.events() if event.kind == "noted"] == ["one", "two"]
    assert interrupted_runs(data) == []
    with pytest.raises(UsageError, match="has ended: done"):
        labcore.recover("last", data=data, decision="resume")


@pytest.mark.parametrize("left", ["no journal", "an empty file", "a journal without events"])
def test_one_that_was_killed_before_its_first_event_never_began(killed: Any, data: Path, left: str) -> None:
    folder = killed(events=0)
    shutil.rmtree(folder / "report")
    if left != "a journal without events":
        for path in folder.glob(f"{JOURNAL}*"):
            path.unlink()
    if left == "an empty file":
        (folder / JOURNAL).touch()
    run = labcore.open_run("last", data=data)
    assert run.word == "never began"
    assert run.world == "simulated"
    assert list(run.events()) == []
    with pytest.raises(UsageError, match="never began: nothing was moved"):
        read_interrupted(folder)


def versions(folder: Path, **changed: str) -> None:
    header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
    header["versions"] |= {name.replace("_", "-"): number for name, number in changed.items()}
    (folder / HEADER).write_text(json.dumps(header), encoding="utf-8")


def test_one_that_was_begun_with_another_version_is_refused_but_can_be_closed(
    killed: Any, data: Path
) -> None:
    folder = killed()
    versions(folder, labcore="0.0.1")
    with pytest.raises(UsageError, match=r"begun with labcore 0\.0\.1, installed is labcore") as caught:
        labcore.recover("last", data=data, decision="resume")
    assert "Install labcore 0.0.1" in caught.value.remedy
    assert "--policy close" in caught.value.remedy
    assert read_interrupted(folder).state.recoveries == 0
    assert labcore.recover("last", data=data, decision="close", by="Ann").word == "aborted"


def test_a_plugin_that_the_run_does_not_use_may_change(killed: Any, data: Path) -> None:
    versions(killed(), some_plugin="0.0.1")
    assert labcore.recover("last", data=data, decision="resume").word == "done"


def test_a_copy_that_somebody_changed_is_refused(killed: Any, data: Path) -> None:
    folder = killed()
    (folder / "protocol.yaml").write_text(TEXT.replace("note: two", "note: three"), encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be made again as it was; nothing was touched"):
        labcore.recover("last", data=data, decision="resume")


def test_a_run_from_now_goes_on_in_the_world_it_began_with(tmp_path: Path, data: Path) -> None:
    pytest.importorskip("labcore_simulators")
    from labcore.app.api import check, how_to_run, run_checked
    from labcore.app.lab_state import correct
    from labcore.model.event import VesselStated
    from labcore.model.interval import Interval

    lab = tmp_path / "lab.yaml"
    lab.write_text(
        """
lab: small
devices: {hand: {driver: operator}}
positions: {bench: {fits: vial-50ml}}
stock: {water: {in: bottle, volume: 100 mL, solvent: water}}
vessels: {vial: {at: bench, labware: vial-50ml}}
""",
        encoding="utf-8",
    )
    protocol = tmp_path / "p.yaml"
    protocol.write_text(
        """
labcore: 1
name: pours
vessels: {vial: {labware: vial-50ml}}
materials: {water: {}}
devices: {hand: [dosing]}
steps:
  - dispense: {material: water, into: vial, volume: 2 mL}
  - note: one
  - dispense: {material: water, into: vial, volume: 3 mL}
""",
        encoding="utf-8",
    )
    correct("small", VesselStated("vial", "vial-50ml", "bench", {"water": Interval.exactly(7.0)}, "Ann"))
    checked = check(protocol, lab=lab, simulate=True, from_now=True)
    how = how_to_run(checked, simulate=True, speed=None, seed=1, data=data, more={"from_now": True})
    done = run_checked(checked, how)
    noted = next(event.position for event in done.events() if event.kind == "noted")
    done.record.close()
    cut(done.folder, noted + 1)
    again = labcore.recover("last", data=data, decision="resume")
    assert again.word == "done"
    assert again.state.ledger.vessels["vial"].volume.mid == pytest.approx(12.0, abs=0.3)


def test_two_cannot_take_it_over(killed: Any, data: Path) -> None:
    read = read_interrupted(killed())
    labcore.recover("last", data=data, decision="resume")
    options = Options(data, True, True)
    with pytest.raises(UsageError, match="taken over by somebody else just now; nothing was touched"):
        run_virtual(partial(recover, read, EntryPointCatalog(), options, Takeover(decision="close")))


def test_a_rehearsal_goes_on_with_its_own_clock(tmp_path: Path, data: Path) -> None:
    """A run with `--speed` has a time of its own: that it lay about for days is nothing to it, and its speed stays."""
    path = tmp_path / "p.yaml"
    path.write_text(TEXT.replace("10 s", "20 min"), encoding="utf-8")
    done = labcore.run(path, data=data, simulate=True, speed=6000)
    noted = next(event.position for event in done.events() if event.kind == "noted")
    done.record.close()
    cut(done.folder, noted + 1)
    again = labcore.recover("last", data=data, decision="resume")
    assert again.word == "done"
    (begun,) = [event for event in again.events() if event.kind == "recovery_begun"]
    assert begun.body.away == 0.0
    assert again.events()[-1].at == pytest.approx(1200.0, abs=200.0)
    assert again.events()[-1].wall < "2026-01-02"


class Hand:
    """Somebody who stirs; leaving them takes a moment."""

    capabilities = (Stirring,)
    Options = DriverOptions
    transport = simulator = "person"
    limits: Mapping[str, Any] = {}
    watchdog: tuple[str, ...] = ()
    left: ClassVar[list[str]] = []

    def __init__(self, site: Site, options: Any) -> None:
        self.name = site.device

    async def connect(self) -> Identity:
        return Identity("Ann")

    async def disconnect(self) -> None:
        await anyio.sleep(0.01)
        self.left.append(self.name)

    def safe(self) -> tuple[SafeAct, ...]:
        return ()

    def stir(self, speed: Quantity) -> Act:
        return Act((f"STIR {speed}",), self._did, 5.0)

    def stop_stirring(self) -> Act:
        return Act(("HALT",), self._did, 5.0)

    async def speed(self) -> Quantity:
        return Quantity(0, "rpm")

    async def _did(self) -> Outcome:
        return Outcome("done")


@pytest.mark.parametrize("virtual", [True, False])
def test_a_simulation_is_nothing_to_the_lab(
    killed: Any, catalog_with: Any, tmp_path: Path, data: Path, virtual: bool
) -> None:
    """No emergency stop holds it, it holds no port, and it leaves no memory."""
    catalog, lab = catalog_with(hand=Hand), tmp_path / "lab.yaml"
    lab.write_text("lab: small\ndevices: {hand: {driver: hand}}\n", encoding="utf-8")
    text = TEXT.replace(
        "steps:", "devices: {hand: [stirring]}\nsteps:\n  - stir: {device: hand, speed: 300 rpm}"
    )
    run = read_interrupted(killed(text, lab=lab, catalog=catalog))
    Latch(lab_folder("small")).set("Bob")
    Hand.left.clear()
    how, options = Takeover(decision="finish", ask=False), Options(data, True, virtual, by="Ann")
    run_on = run_virtual if virtual else run_loop
    state = run_on(partial(recover, run, catalog, options, how))
    assert (state.outcome, state.outputs) == ("stopped", {})
    assert Hand.left == ["hand"]
    assert not (lab_folder("small") / "lab.json").exists()
