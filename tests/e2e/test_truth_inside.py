"""Random protocols on the simulated bench: what is really in the vials lies inside what the ledger says.

The gantry draws with a calibration that is off, doses are cut half-way, liquids evaporate, a person weighs and reads
levels. Only the test looks at the world.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import labcore
from labcore.records.finished import FinishedRun

LAB: dict[str, Any] = {
    "lab": "truth bench",
    "devices": {
        "dispenser": {"driver": "gantry-dispenser", "port": "sim://gantry", "syringe": "25 mL"},
        "hotplate": {"driver": "ika-namur", "port": "sim://ika-rct", "watchdog": "60 s"},
        "scale": {"driver": "operator"},
    },
    "positions": {
        "balance": {"fits": "vial-50ml", "station": "scale"},
        "hotplate": {"fits": "vial-50ml", "station": "hotplate"},
        "rack/A1": {"fits": "vial-20ml"},
    },
    "stock": {
        "acetone": {"in": "bottle/1", "volume": "400 mL", "solvent": "acetone"},
        "brine": {"in": "bottle/2", "volume": "400 mL", "solvent": "water"},
    },
    "vessels": {
        "weighed": {"at": "balance", "labware": "vial-50ml", "tare": "32 g", "contents": {"acetone": "8 mL"}},
        "warm": {"at": "hotplate", "labware": "vial-50ml", "contents": {"acetone": "5 mL"}},
        "shut": {"at": "rack/A1", "labware": "vial-20ml", "closed": True, "contents": {"brine": "8 mL"}},
    },
}
ROOM = {"weighed": 40.0, "warm": 40.0, "shut": 11.0}


def steps(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield steps that fit the vials whatever happens to them."""
    room = dict(ROOM)
    for _ in range(chance.randint(4, 9)):
        kind = chance.choice(("dose", "dose", "cut", "transfer", "wait", "weigh", "read", "heat"))
        vial, volume = chance.choice(sorted(room)), round(chance.uniform(0.5, 4.0), 2)
        dose: dict[str, Any] = {
            "material": chance.choice(("acetone", "brine")),
            "into": vial,
            "volume": f"{volume} mL",
        }
        if kind in ("dose", "cut") and room[vial] > volume:
            room[vial] -= volume
            cut = {"timeout": f"{chance.uniform(1, 12):.2f} s", "on_error": "skip"} if kind == "cut" else {}
            yield {"dispense": dose, **cut}
        elif kind == "transfer" and vial != "warm" and room["warm"] > volume:
            room["warm"] -= volume
            yield {
                "transfer": {"from": vial, "into": "warm", "volume": f"{volume / 4:.2f} mL"},
                "on_error": "skip",
            }
        elif kind == "wait":
            yield {"wait": f"{chance.choice((1, 20, 90))} min"}
        elif kind == "weigh":
            yield {"weigh": {"vessel": "weighed"}}
        elif kind == "read":
            yield {"measure": {"what": "volume", "in": vial, "of": "scale"}}
        elif kind == "heat":
            yield {"heat": {"vessel": "warm", "temperature": f"{chance.randint(30, 45)} °C"}}


def simulated(seed: int, folder: Path) -> FinishedRun:
    """Run the random protocol of a seed."""
    folder.mkdir()
    protocol = {
        "labcore": 1,
        "name": f"random {seed}",
        "steps": [{"note": "begin"}, *steps(random.Random(seed))],
    }
    for name, data in (("protocol", protocol), ("lab", LAB)):
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return labcore.simulate(folder / "protocol.yaml", lab=folder / "lab.yaml", seed=seed, data=folder)


def test_the_truth_of_the_bench_lies_inside(tmp_path: Path) -> None:
    from labcore_simulators.world import World

    seen: set[str] = set()
    for seed in range(20):
        run = simulated(seed, tmp_path / str(seed))
        assert run.word == "done", run.state.reason
        world = World.from_lab(LAB, seed=seed, folder=run.folder / "world", now=run.state.at)
        for name in ROOM:
            held, truth = run.state.vessels[name].volume, world.truth(name, run.state.at)["volume_ml"]
            assert held.low - 1e-6 <= truth <= held.high + 1e-6, f"seed {seed}, {name}: {truth} not in {held}"
        seen |= {getattr(event.body, "status", event.kind) for event in run.events()}
        run.record.close()
    assert {"done", "partly", "volume_narrowed"} <= seen, "these seeds do not try what they should"


def test_what_the_protocol_wants_closed_is_closed_in_the_simulated_world(tmp_path: Path) -> None:
    from labcore_simulators.world import World

    protocol = {
        "labcore": 1,
        "name": "closed",
        "vessels": {"warm": {"closed": True}},
        "steps": [
            {"wait": "5 h"},
            {
                "dispense": {"material": "brine", "into": "shut", "volume": "1 mL"}
            },  # the world lives while it is used
        ],
    }
    for name, data in (("protocol", protocol), ("lab", LAB)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    run = labcore.simulate(tmp_path / "protocol.yaml", lab=tmp_path / "lab.yaml", data=tmp_path)
    shut = {**LAB["vessels"], "warm": {**LAB["vessels"]["warm"], "closed": True}}
    world = World.from_lab({**LAB, "vessels": shut}, folder=run.folder / "world", now=run.state.at)
    assert world.truth("warm", run.state.at)["volume_ml"] == 5.0
    assert run.state.vessels["warm"].lost == 0.0
    assert world.truth("weighed", run.state.at)["volume_ml"] < 8.0
    run.record.close()
