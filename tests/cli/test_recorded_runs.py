"""Commands that look at what was recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio

import labcore
from labcore.adapters.entry_points import EntryPointCatalog
from labcore.model.event import Event
from labcore.plugin.observer import Desk, Observer

Call = Callable[..., Any]
SMALL = {
    "p.yaml": "labcore: 1\nname: small\nsteps:\n  - wait: 1 s\n",
    "lab.yaml": "lab: small\nobservers: [late]\n",
}


def test_a_notebook_in_another_language_stands_beside_the_runs_own(call: Call, data: Path) -> None:
    own = call("notebook", "last")
    page = Path(own.out.splitlines()[-1])
    assert page.name == "notebook.html"
    before = page.read_bytes()
    assert "実験ノート" in before.decode()
    other = Path(call("notebook", "last", "--language", "en").out.splitlines()[-1])
    assert other == page.with_name("notebook.en.html")
    assert "Laboratory notebook" in other.read_text(encoding="utf-8")
    assert page.read_bytes() == before


def test_the_world_is_named_alike_in_list_and_summary(call: Call, data: Path) -> None:
    assert [one["world"] for one in call("runs", "--json").json()] == ["simulated"]
    assert "simulated" in call("runs").out
    assert call("show", "last", "--json").json()["world"] == "simulated"
    assert "(simulated)" in call("show", "last").out


def test_a_kind_that_no_event_has_is_refused(call: Call, data: Path) -> None:
    found = call("events", "last", "--kind", "settled", "--kind", "run_ended", "--json")
    assert {json.loads(line)["kind"] for line in found.out.splitlines()} == {"settled", "run_ended"}
    wrong = call("events", "last", "--kind", "setled")
    assert (wrong.code, wrong.out) == (2, "")
    assert "Did you mean settled?" in wrong.err
    assert "vessel_stated" in call("events", "last", "--kind", "nonsense").err


def test_a_stated_vessel_reads_as_everywhere(call: Call, data: Path) -> None:
    stated = call("events", "last", "--kind", "vessel_stated").out
    assert "bottle/3 at bottle/3: 500 mL acetone [495 to 505] (" in stated
    assert "reactor at rack/A1: empty (" in stated


class Late(Observer):
    """Waits for ever, longer than it may."""

    limit = 0.1
    kinds = frozenset({"run_ended"})

    async def see(self, event: Event, desk: Desk) -> None:
        await anyio.Event().wait()


def test_a_run_in_which_real_time_decided_is_called_not_reproducible(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "late"
    folder.mkdir()
    for name in ("p.yaml", "lab.yaml"):
        (folder / name).write_text(SMALL[name], encoding="utf-8")
    catalog = EntryPointCatalog({("observers", "late"): Late})
    labcore.simulate(folder / "p.yaml", lab=folder / "lab.yaml", data=folder / "data", catalog=catalog)
    shown = call("show", "last", "--data", str(folder / "data"))
    assert "not reproducible" in shown.out
    assert call("show", "last", "--json", "--data", str(folder / "data")).json()["reproducible"] is False
    page = Path(call("notebook", "last", "--data", str(folder / "data")).out.splitlines()[-1])
    text = page.read_text(encoding="utf-8")
    assert "The reader late failed (strike 1): took longer than 0.1 s of real time" in text
    assert "The same seed need not give the same from here on." in text


def test_any_other_simulated_run_is_reproducible(call: Call, data: Path) -> None:
    assert call("show", "last", "--json").json()["reproducible"] is True
    assert "not reproducible" not in call("show", "last").out
