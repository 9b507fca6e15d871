"""P12: from a stop asked for in a run to the driver's own stop frames, journal on disk, in real time."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import anyio

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.app.api import check, how_to_run, run_checked
from labcore.model.event import Event, StepStarted
from labcore.model.observation import Observable
from labcore.plugin.observer import Desk, Observer

LAB = """
lab: measured stops
devices: {stirrer: {driver: ika-namur, port: "sim://ika-rct"}}
positions: {plate: {fits: vial-50ml, station: stirrer}}
vessels: {vial: {at: plate, labware: vial-50ml}}
observers: [OBSERVERS]
"""
PROTOCOL = """
labcore: 1
name: measured
devices: {stirrer: [stirring]}
steps:
  - stir: {vessel: vial, speed: 300 rpm}
  - wait: 1 h
"""


class Stuck(Observer):
    """A subscriber that takes a second over every event."""

    observables = (Observable("nothing", "", 0.0, 1.0, "never observed"),)

    async def see(self, event: Event, desk: Desk) -> None:
        """Take a second."""
        await anyio.sleep(1)


def stop_in_run(count: int, *, stuck: bool) -> list[float]:
    """Stop `count` runs; return s from the request to the first stop frame on the wire of each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["LABCORE_STATE"] = str(folder / "state")
        (folder / "lab.yaml").write_text(LAB.replace("OBSERVERS", "stuck" if stuck else ""))
        (folder / "protocol.yaml").write_text(PROTOCOL)
        return [_stopped(folder) for _ in range(count)]


def _stopped(folder: Path) -> float:
    asked: list[float] = []

    async def watch(run: Any) -> None:
        position = -1
        while True:
            changed = run.writer.changed
            for event in run.writer.after(position, 100):
                position = event.position
                if isinstance(event.body, StepStarted) and event.body.verb == "wait":
                    await anyio.sleep(0.05)  # the run has come to rest
                    asked.append(anyio.current_time())
                    run.control.post("stop", "benchmark")
            await changed.wait()

    catalog = EntryPointCatalog({("observers", "stuck"): Stuck})
    checked = check(folder / "protocol.yaml", lab=folder / "lab.yaml", catalog=catalog)
    more = {"watch": watch, "journal_full": True}
    how = how_to_run(
        checked, simulate=False, speed=None, seed=None, data=folder / "data", by="benchmark", more=more
    )
    finished = run_checked(checked, how)
    wire = (finished.folder / "wire" / "stirrer.jsonl").read_text(encoding="utf-8").splitlines()
    finished.record.close()
    entries = [json.loads(line) for line in wire]
    return next(one["t"] for one in entries if "STOP_4" in one.get("text", "")) - asked[0]
