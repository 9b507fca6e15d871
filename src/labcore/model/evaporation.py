"""How fast an open vessel may lose liquid to the air: an upper rate per labware and solvent.

Source: D. Mackay, I. van Wesenbeeck, Environ. Sci. Technol. 2014, 48, 10259: a free surface loses 1464 P M ug/m2/h
(P in Pa, M in g/mol). It was found on quiescent pools and open pans; in a vessel the walls only slow it down. `DRAUGHT`
is our margin for a fume hood. Hotter than 25 °C the rate is taken to double every 10 K, which is more than the vapour
pressure of any common solvent does; boiling is not covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import pi

from labcore.model.labware import Labware
from labcore.model.solvents import SOLVENTS, Solvent, solvent

POOL = 1464e-6  # g/m2/h per Pa g/mol
DRAUGHT = 1.5
ROOM = 25.0  # °C; the rates are those of a room not warmer than this
DOUBLES_EVERY = 10.0  # K


@dataclass(frozen=True, slots=True)
class Loss:
    """What an open vessel may lose at most of one solvent: `rate` in mL/h, for all `materials` that are made with it.

    No materials means: every material that no other loss names.
    """

    solvent: str
    rate: float
    materials: tuple[str, ...] = ()


def losses(labware: Labware, solvents: Mapping[str, str]) -> tuple[Loss, ...]:
    """Return the losses of an open vessel; `solvents` names each material's solvent, "" where nobody says.

    A solvent that is not in the table is taken for the most volatile one that is.
    """
    known: dict[str, tuple[Solvent, list[str]]] = {}
    for material, name in solvents.items():
        found = solvent(name or material)
        if found is not None:
            known.setdefault(found.name, (found, []))[1].append(material)
    named = [Loss(one.name, rate(labware, one), tuple(names)) for one, names in known.values()]
    return (*named, Loss("unknown", max(rate(labware, one) for one in SOLVENTS)))


def rate(labware: Labware, liquid: Solvent) -> float:
    """Return how much of a liquid an open vessel may lose, mL/h."""
    area = pi * (labware.inner_diameter / 1000) ** 2 / 4
    grams = POOL * liquid.vapour_pressure * liquid.molar_mass * area
    return float(f"{DRAUGHT * grams / liquid.density:.3g}")


def faster_by(warmth: float) -> float:
    """Return how many times faster it goes beside something of `warmth` °C."""
    return float(2.0 ** (max(0.0, warmth - ROOM) / DOUBLES_EVERY))


def lost(rates: Iterable[Loss], there: Iterable[str], hours: float) -> tuple[dict[str, float], float]:
    """Return how much (mL) of each material that is there, and of all together, may be gone after some hours."""
    rates, there = tuple(rates), tuple(there)
    named = {name for one in rates for name in one.materials}
    each: dict[str, float] = {}
    total = 0.0
    for one in rates:
        mine = [name for name in there if (name in one.materials if one.materials else name not in named)]
        each.update(dict.fromkeys(mine, one.rate * hours))
        total += one.rate * hours if mine else 0.0
    return each, total
