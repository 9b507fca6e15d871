"""One run at a time on a device; the next one remembers what the last one left, and asks."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are ended the POSIX way")


@pytest.mark.parametrize("lab", ["elsewhere", "served"])
def test_a_second_run_on_the_same_ports_is_refused_at_once_with_the_owners_pid(first: Any, lab: str) -> None:
    rival = first.rivals[lab]
    assert rival.code == 2, rival.err
    assert f"in use by process {first.pid} (run {first.run})" in rival.err
    assert rival.wall < 30  # it does not wait for the other run, which goes on for longer
    assert [run["id"] for run in first.place.runs()][0] == first.run
    assert rival.err.count("\n") == 1


def test_the_next_run_remembers_where_the_vial_stands_and_asks(first: Any) -> None:
    place, again = first.place, first.place.folder / "again.yaml"
    acts = place.acts()
    refused = place.call("run", again, "--lab", place.lab, stdin="n\n", code=5)
    stands = (
        rf"reactor at stirrer: (1|0\.99\d*) mL acetone \[0\.9[\d.]* to 1\.0[\d.]*\] \(by run {first.run}\)"
    )
    assert re.search(stands, refused.out), refused.out  # it is open: some of it may have evaporated
    assert "may it begin?" in refused.out
    assert (place.acts(), place.runs()[-1]["state"]) == (acts, "stopped")  # it says that it was refused
    silent = place.call("run", again, "--lab", place.lab, stdin="", code=5)  # nobody there to answer
    assert place.acts() == acts
    assert "may it begin?" in silent.out

    before = place.runs()[-1]["id"]  # it was refused, moved nothing, and says how things stand all the same
    done = place.call("run", again, "--lab", place.lab, "--yes")
    run = re.search(r"^run (\S+)$", done.out, re.MULTILINE)
    assert run, done.out
    found = place.events(run[1])
    stated = {e["data"]["vessel"]: e["data"] for e in found if e["kind"] == "vessel_stated"}
    assert {one["by"] for one in stated.values()} == {f"run {before}"}
    assert stated["reactor"]["place"] == "stirrer"
    assert stated["reactor"]["contents"]["acetone"]["mid"] == pytest.approx(1.0)
    assert stated["bottle/3"]["contents"]["acetone"]["mid"] == pytest.approx(499.0)
    methods = [e["data"]["method"] for e in found if e["kind"] == "intended"]
    assert methods[0] == "stir"  # it stands there: nothing is placed
    assert methods[-1] == "stop_stirring"
    assert "place" not in methods
