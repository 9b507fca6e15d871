"""The rules of one bench: every parameter of the lab file's `world` part, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .dissolution import Solid
from .kinetics import Kinetics, kinetics
from .materials import Charge, Material
from .placement import Scale, scales
from .quantities import lookup


@dataclass(frozen=True)
class Rules:
    """Parameters that do not change while the world lives; temperatures deg C.

    `mixing_from_offset` scales the declared assumption that a vessel off the middle of its stirrer is mixed
    worse (0 = no effect); `evaporation` scales the loss from open vessels (0 = none).
    """

    ambient: float = 22.0
    evaporation: float = 1.0
    mixing_from_offset: float = 1.0
    kinetics: Kinetics = field(default_factory=Kinetics)
    placement: Mapping[str, Scale] = field(default_factory=dict)
    materials: Mapping[str, Material] = field(default_factory=dict)
    charges: Mapping[str, Charge] = field(default_factory=dict)
    solids: Mapping[str, Solid] = field(default_factory=dict)
    camera: Mapping[str, Any] = field(default_factory=dict)

    def solvent_of(self, material: str) -> str:
        """Return the solvent of a material; a material that is not in stock is its own solvent."""
        known = self.materials.get(material)
        return material if known is None else known.solvent


def rules(world: Mapping[str, Any], materials: Mapping[str, Material], solids: Mapping[str, Solid]) -> Rules:
    """Read the lab file's `world` part."""
    charges = {name: charge for each in materials.values() for name, charge in each.charges.items()}
    return Rules(
        ambient=lookup(world, "ambient", "C", 22.0, where="world"),
        evaporation=float(world.get("evaporation", 1.0)),
        mixing_from_offset=float(world.get("mixing_from_offset", 1.0)),
        kinetics=kinetics(world.get("chemistry") or {}),
        placement=scales(world.get("placement") or {}),
        materials=materials,
        charges=charges,
        solids=solids,
        camera=world.get("camera") or {},
    )
