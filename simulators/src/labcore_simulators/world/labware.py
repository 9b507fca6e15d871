"""Vessels by type: inner and outer diameter, height (mm), nominal capacity (mL) and empty mass (g)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .errors import WorldError


@dataclass(frozen=True, slots=True)
class Labware:
    """A kind of vessel, drawn and filled as an upright cylinder; lengths mm, capacity mL, tare g."""

    name: str
    inner: float
    outer: float
    height: float
    capacity: float
    tare: float

    @property
    def area(self) -> float:
        """Inner cross section, mm2."""
        return math.pi * self.inner**2 / 4

    def level(self, volume_ml: float) -> float:
        """Return the height of `volume_ml` of liquid over the inner bottom, mm."""
        return 1e3 * volume_ml / self.area


_KINDS = {
    kind.name: kind
    for kind in (
        Labware("vial-50ml", 35.0, 38.0, 75.0, 50.0, 32.0),
        Labware("vial-20ml", 25.0, 27.5, 57.0, 20.0, 15.0),
        Labware("flask-100ml", 56.0, 60.0, 75.0, 100.0, 62.0),
        Labware("beaker-100ml", 46.0, 50.0, 70.0, 100.0, 50.0),
        Labware("bottle-250ml", 66.0, 70.0, 105.0, 250.0, 230.0),
        Labware("bottle-500ml", 82.0, 86.0, 135.0, 500.0, 330.0),
        Labware("waste-5l", 160.0, 166.0, 250.0, 5000.0, 900.0),
    )
}


def labware(name: str, *, where: str) -> Labware:
    """Return the labware called `name`; raise `WorldError` naming what is known otherwise."""
    if name not in _KINDS:
        raise WorldError(
            f"{where}: labware {name!r} is not known to the simulated bench; known: {', '.join(_KINDS)}"
        )
    return _KINDS[name]
