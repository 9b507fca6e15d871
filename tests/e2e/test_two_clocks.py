"""One engine, two clocks: the same events in the same order for each step and each device."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

Call = Callable[..., Any]
SHORT = """
labcore: 1
name: overnight, shortened
vessels: {reactor: {labware: vial-50ml}}
materials: {acetone: {}}
devices: {dispenser: [dosing], mover: [placing], stirrer: [stirring], camera: [imaging]}
steps:
  - place_vial: {vessel: reactor, onto: stirrer}
  - dispense: {material: acetone, into: reactor, volume: 10 mL}
  - stir: {vessel: reactor, speed: 300 rpm}
  - image: {vessel: reactor}
    every: 60 s
    times: 5
finally:
  - stop: {device: stirrer}
"""


def orders(labcore: Call) -> dict[str, list[tuple[str, str]]]:
    """Return the kinds of events of each step and of each device, in order."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in labcore("events", "last", "--json").out.splitlines():
        event = json.loads(line)
        what = (
            event["data"].get("method") or event["data"].get("outcome") or event["data"].get("status") or ""
        )
        for owner in (
            event["step"] and f"step {event['step']}",
            event["device"] and f"device {event['device']}",
        ):
            if owner:
                found[owner].append((event["kind"], what))
    return found


def test_virtual_and_scaled_time_give_the_same_order(labcore: Call, protocols: Path, tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(SHORT, encoding="utf-8")
    lab = protocols / "overnight_watch" / "lab.yaml"
    labcore("run", "short.yaml", "--lab", lab, "--simulate", "--seed", "4", "--quiet")
    virtual = orders(labcore)
    labcore("run", "short.yaml", "--lab", lab, "--simulate", "--seed", "4", "--speed", "40", "--quiet")
    scaled = orders(labcore)
    assert virtual == scaled
    assert len(virtual) > 8
