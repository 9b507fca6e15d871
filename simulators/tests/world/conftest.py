"""A bench with two monomers, a solvent and a reactor on a stirrer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcore_simulators.world import World

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def lab() -> Make:
    def make(**world: Any) -> dict[str, Any]:
        monomer = {"volume": "250 mL", "concentration": "10 mmol/L", "solvent": "acetone"}
        return {
            "positions": {"stirrer": {"station": "stirrer"}, "rack/A1": {}},
            "stock": {
                "diamine": {"in": "bottle/1", "solute": "4,4'-oxydianiline", **monomer},
                "dianhydride": {"in": "bottle/2", "solute": "pyromellitic dianhydride", **monomer},
                "acetone": {"in": "bottle/3", "volume": "500 mL"},
            },
            "vessels": {"reactor": {"at": "rack/A1", "labware": "vial-50ml"}},
            "world": {"evaporation": 0, **world},
        }

    return make


@pytest.fixture
def react(lab: Make) -> Callable[..., World]:
    """Bring the reactor to the stirrer and mix the monomers: 40 mL at `mmol_per_l` of each from 0 s on."""

    def mixed(mmol_per_l: float = 5.0, *, offset: float = 0.0, tilt: float = 0.0, **world: Any) -> World:
        hand = {"hand": {"offset": offset, "tilt": tilt}}
        bench = World.from_lab(lab(placement=hand, **world), seed=3)
        bench.lift("rack/A1", 0.0, by="hand")
        bench.put("reactor", "stirrer", 0.0, by="hand")
        bench.set_stirring("stirrer", 300.0, 0.0)
        each = 4.0 * mmol_per_l
        volumes = {"bottle/1": each, "bottle/2": each, "bottle/3": 40.0 - 2 * each}
        for bottle, volume in volumes.items():
            for _ in range(4):
                bench.pour("reactor", bench.draw(bottle, volume / 4, 3.0, by="hand"), 3.0, by="hand")
        return bench

    return mixed
