"""Parameters of the precipitation polymerisation; the fitted set and its limits are in `description.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

REACTANTS = ("4,4'-oxydianiline", "pyromellitic dianhydride")


@dataclass(frozen=True, slots=True)
class Kinetics:
    """k L/mol/s at 22 degC, activation kJ/mol, nucleation 1/m3/s, tension J/m2, solubility mmol/L of units.

    diffusion m2/s; surface m/s; unit g/mol of a repeat unit; density g/mL and index of a particle.
    """

    reactants: tuple[str, str] = REACTANTS
    k: float = 0.76
    activation: float = 40.0
    nucleation: float = 3.5e16
    tension: float = 0.0104
    solubility: float = 0.02
    diffusion: float = 1.35e-12
    surface: float = 5.3e-5
    unit: float = 418.4
    density: float = 1.4
    index: float = 1.57


def kinetics(entry: Mapping[str, Any]) -> Kinetics:
    """Read `world.chemistry`: any field of `Kinetics` by its name, in its unit."""
    from .errors import WorldError

    known = {each.name for each in fields(Kinetics)}
    unknown = sorted(set(entry) - known)
    if unknown:
        raise WorldError(f"world.chemistry: unknown {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    given: dict[str, Any] = {name: float(value) for name, value in entry.items() if name != "reactants"}
    if "reactants" in entry:
        one, other = entry["reactants"]
        given["reactants"] = (str(one), str(other))
    return replace(Kinetics(), **given)
