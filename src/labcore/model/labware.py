"""Catalogued labware: what a vessel of a type holds and how it is shaped."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Labware:
    """One type of container. Volumes in mL, lengths in mm."""

    name: str
    capacity: float
    inner_diameter: float
    outer_diameter: float
    height: float

    def takes(self, volume: float) -> bool:
        """Say whether so many mL fit; the line that says so is off by 1 %."""
        return volume <= self.capacity * 1.01


# Dimensions are of common catalogue glassware: ND24 screw vials, GL45 bottles, ISO 3819 beakers.
CATALOGUE: dict[str, Labware] = {
    ware.name: ware
    for ware in (
        Labware("vial-20ml", 20.0, 25.0, 27.5, 57.0),
        Labware("vial-50ml", 50.0, 35.0, 38.0, 75.0),
        Labware("flask-100ml", 100.0, 56.0, 60.0, 75.0),
        Labware("beaker-100ml", 100.0, 46.0, 50.0, 70.0),
        Labware("bottle-250ml", 250.0, 64.0, 70.0, 143.0),
        Labware("bottle-500ml", 500.0, 80.0, 86.0, 181.0),
        Labware("bottle-1000ml", 1000.0, 95.0, 101.0, 230.0),
        Labware("waste-1000ml", 1000.0, 95.0, 101.0, 230.0),
    )
}
