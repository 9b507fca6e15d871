"""What is in the bottles: solvent, solute, concentration and, for titrations, strength of each stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .liquid import Liquid
from .quantities import lookup, read
from .substances import is_solvent

ACIDS = {"acetic acid": 4.76, "hydrochloric acid": None, "hydrogen chloride": None, "benzoic acid": 4.20}
"""pKa of known monoprotic acids, None for strong ones (usual textbook values)."""
BASES = {"sodium hydroxide": None, "potassium hydroxide": None, "ammonia": 9.25}
"""pKa of the conjugate acid of known bases, None for strong ones."""


@dataclass(frozen=True, slots=True)
class Charge:
    """How a solute takes part in the acid-base balance: +1 base, -1 acid; pKa None = strong."""

    sign: int
    pka: float | None


@dataclass(frozen=True, slots=True)
class Material:
    """A stock: solvent by name, solute concentrations in mmol/L by name, charges by solute."""

    name: str
    solvent: str
    solutes: Mapping[str, float]
    charges: Mapping[str, Charge]

    def portion(self, volume_ml: float, temperature: float) -> Liquid:
        """Return `volume_ml` of it."""
        solutes = {name: amount * volume_ml * 1e-3 for name, amount in self.solutes.items()}
        return Liquid(volume_ml, {self.name: volume_ml}, solutes, temperature=temperature)


def material(name: str, entry: Mapping[str, Any]) -> Material:
    """Read one stock entry.

    Keys: `solvent` (default: the material's own name if it is a known solvent, else water), `solute` with
    `concentration`, or `acid: 0.1 mol/L` / `base: 0.1 mol/L` with an optional `pka` (without it: strong).
    """
    where = f"stock.{name}"
    solvent = str(entry.get("solvent") or (name if is_solvent(name) else "water"))
    solutes: dict[str, float] = {}
    charges: dict[str, Charge] = {}
    if entry.get("solute") is not None:
        solute = str(entry["solute"])
        solutes[solute] = read(entry.get("concentration", 0.0), "mmol/L", where=f"{where}.concentration")
        charge = _known(solute)
        if charge is not None:
            charges[solute] = charge
    for kind, sign in (("acid", -1), ("base", +1)):
        if entry.get(kind) is not None:
            solute = str(entry.get("solute") or f"{kind} of {name}")
            solutes[solute] = lookup(entry, kind, "mmol/L", 0.0, where=where)
            charges[solute] = Charge(sign, None if entry.get("pka") is None else float(entry["pka"]))
    return Material(name, solvent, solutes, charges)


def _known(solute: str) -> Charge | None:
    key = solute.strip().lower()
    if key in ACIDS:
        return Charge(-1, ACIDS[key])
    return Charge(+1, BASES[key]) if key in BASES else None
