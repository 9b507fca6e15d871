"""A portion of liquid with everything that travels with it.

Materials, solutes, dissolved product, particles, solids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

EMPTY = 1e-9
"""Less than this (mL) is nothing."""


def _scaled(amounts: Mapping[str, float], factor: float) -> dict[str, float]:
    return {name: amount * factor for name, amount in amounts.items()}


def _added(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    total = dict(one)
    for name, amount in other.items():
        total[name] = total.get(name, 0.0) + amount
    return total


@dataclass(frozen=True, slots=True)
class Liquid:
    """Volume mL, materials mL, solutes mmol, dissolved polymer repeat units mmol, temperature deg C.

    `numbers` are polymer particles by size class (a count for each class of `population.SIZES`), `solids`
    grams of undissolved solid by name, `grains` their numbers. All amounts are extensive: portions add and
    split.
    """

    volume_ml: float = 0.0
    materials: Mapping[str, float] = field(default_factory=dict)
    solutes: Mapping[str, float] = field(default_factory=dict)
    product: float = 0.0
    numbers: Numbers | None = None
    solids: Mapping[str, float] = field(default_factory=dict)
    grains: Mapping[str, float] = field(default_factory=dict)
    temperature: float = 22.0

    def part(self, fraction: float) -> Liquid:
        """Return `fraction` (0..1) of it, evenly mixed."""
        return replace(
            self,
            volume_ml=self.volume_ml * fraction,
            materials=_scaled(self.materials, fraction),
            solutes=_scaled(self.solutes, fraction),
            product=self.product * fraction,
            numbers=None if self.numbers is None else self.numbers * fraction,
            solids=_scaled(self.solids, fraction),
            grains=_scaled(self.grains, fraction),
        )

    def split(self, volume_ml: float) -> tuple[Liquid, Liquid]:
        """Return a portion of `volume_ml` (at most all there is) and the rest."""
        fraction = 0.0 if self.volume_ml <= EMPTY else min(max(volume_ml / self.volume_ml, 0.0), 1.0)
        return self.part(fraction), self.part(1.0 - fraction)

    def plus(self, other: Liquid) -> Liquid:
        """Return both together; volumes are taken as additive."""
        if other.volume_ml <= 0.0 and not other.solids and other.numbers is None:
            return self
        volume = self.volume_ml + other.volume_ml
        warmth = self.volume_ml * self.temperature + other.volume_ml * other.temperature
        return Liquid(
            volume,
            _added(self.materials, other.materials),
            _added(self.solutes, other.solutes),
            self.product + other.product,
            _together(self.numbers, other.numbers),
            _added(self.solids, other.solids),
            _added(self.grains, other.grains),
            warmth / volume if volume > 0 else self.temperature,
        )

    def concentration(self, solute: str) -> float:
        """Return the concentration of a solute in mmol/L."""
        return 0.0 if self.volume_ml <= EMPTY else 1e3 * self.solutes.get(solute, 0.0) / self.volume_ml

    def as_dict(self) -> dict[str, Any]:
        """Return plain data from which `from_dict` makes an equal portion."""
        plain: dict[str, Any] = {
            "volume_ml": self.volume_ml,
            "materials": dict(self.materials),
            "temperature": self.temperature,
        }
        if self.solutes:
            plain["solutes"] = dict(self.solutes)
        if self.product:
            plain["product"] = self.product
        if self.numbers is not None:
            plain["numbers"] = self.numbers.tolist()
        if self.solids:
            plain |= {"solids": dict(self.solids), "grains": dict(self.grains)}
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Liquid:
        """Make the portion that `as_dict` described."""
        data = dict(plain)
        if data.get("numbers") is not None:
            import numpy as np

            data["numbers"] = np.asarray(data["numbers"], dtype=np.float64)
        return cls(**data)


def _together(one: Numbers | None, other: Numbers | None) -> Numbers | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other
