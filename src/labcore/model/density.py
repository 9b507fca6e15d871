"""The density of a material: stated, or from its solvent with what a solute may change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labcore.model.interval import Interval
from labcore.model.quantity import Quantity, QuantityError, UnitError, parse_quantity
from labcore.model.solvents import solvent

STATED = 0.005  # relative, of a density that somebody states
HEAVY_SOLUTE = 0.5  # kg/mol: 1 mol/L of it adds at most 0.5 g/mL
LIGHTER = 0.02  # L/mol: 1 mol/L of ammonia makes water 1 % lighter
EXPANDS = 0.0015  # 1/K, organic liquids


def density(name: str, recipe: Mapping[str, Any], warmth: float = 25.0) -> Interval | None:
    """Return a material's density in g/mL, None if nothing tells.

    `recipe` is what protocol and lab say of it. A solution without a stated density is as heavy as its solvent and as much
    heavier as its concentration allows. What stands beside something of `warmth` °C may be warm and lighter.
    """
    found = _stated(recipe.get("density")) or _of_solution(name, recipe)
    if found is None or warmth <= 25.0:
        return found
    return Interval(found.low * (1 - EXPANDS * (warmth - 25.0)), found.mid, found.high)


def _stated(value: Any) -> Interval | None:
    found = _quantity(value)
    if found is None or found.dimension != "mass concentration":
        return None
    return Interval.around(found.in_("g/mL"), relative=STATED)


def _of_solution(name: str, recipe: Mapping[str, Any]) -> Interval | None:
    liquid = solvent(str(recipe.get("solvent") or name))
    if liquid is None:
        return None
    pure = liquid.density_interval
    if not recipe.get("solute"):
        return pure
    strength = _quantity(recipe.get("concentration"))
    if strength is None or strength.dimension != "concentration":
        return None
    molar = strength.in_("mol/L")
    return Interval(pure.low * (1 - LIGHTER * molar), pure.mid, pure.high + HEAVY_SOLUTE * molar)


def _quantity(value: Any) -> Quantity | None:
    if isinstance(value, Quantity):
        return value
    try:
        return parse_quantity(str(value)) if value else None
    except (QuantityError, UnitError):
        return None
