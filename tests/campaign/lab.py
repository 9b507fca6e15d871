"""The simulated bench of a seed, as a lab file."""

from __future__ import annotations

import random
from typing import Any

import yaml

EVERYWHERE = ["mover", "dispenser", "hand"]
SOLVENTS = {"water": "water", "acid": "water", "spirit": "ethanol"}


def lab_text(rng: random.Random) -> str:
    """Write a lab: a gantry, two stirrers with watchdogs, a person who also weighs and measures."""
    by_hand, closed = rng.random() < 0.25, rng.random() < 0.5
    lab: dict[str, Any] = {
        "lab": "campaign bench",
        "devices": {
            "dispenser": {
                "driver": "gantry-dispenser", "port": "sim://gantry", "profile": "grbl11-syringe",
                "syringe": rng.choice(["5 mL", "10 mL", "25 mL"]),
            },
            "mover": {"driver": "operator"} if by_hand else {"same_as": "dispenser"},
            "hand": {"driver": "operator"},
            "stirrer": _plate(rng),
            "plate": _plate(rng),
        },
        "positions": {
            "rack/A1": _position("hand"), "rack/A2": _position("hand"), "rack/A3": _position("hand"),
            "stirrer": _position("stirrer"), "hotplate": _position("plate"),
        },
        "stock": {
            name: {"in": f"bottle/{number}", "volume": "400 mL", "labware": "bottle-500ml",
                   "reach": ["dispenser", "hand"], "solvent": solvent}
            for number, (name, solvent) in enumerate(SOLVENTS.items(), 1)
        },
        "vessels": {
            "a": _vessel("rack/A1", closed, {"water": "15 mL"}),
            "b": _vessel("stirrer", closed),
            "c": _vessel("hotplate", closed, {"water": "5 mL"}),
            "d": _vessel("rack/A3", closed, {"acid": "12 mL", "water": "6 mL"}),
        },
        "observers": ["tally"] if rng.random() < 0.3 else [],
        "world": {"evaporation": 0 if closed else 1, "person": {"absence": 0.05, "mistake": 0.0, "speed": 2.0}},
    }  # fmt: skip
    return yaml.safe_dump(lab, sort_keys=False)


def _plate(rng: random.Random) -> dict[str, Any]:
    watchdog = rng.choice(["20 s", "30 s", "60 s", "300 s"])
    return {"driver": "ika-namur", "port": "sim://ika-rct", "watchdog": watchdog}


def _position(station: str | None = None) -> dict[str, Any]:
    there: dict[str, Any] = {"fits": "vial-50ml", "reach": EVERYWHERE}
    return there if station is None else {**there, "station": station}


def _vessel(place: str, closed: bool, contents: dict[str, str] | None = None) -> dict[str, Any]:
    inside: dict[str, Any] = {"contents": contents} if contents else {"empty": True}
    return {"at": place, "labware": "vial-50ml", "closed": closed, **inside}
