"""pH of a mixture of monoprotic acids and bases in water at 25 degC: the charge balance, solved by bisection.

Not modelled: activity, temperature, carbon dioxide of the air, polyprotic acids.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from .liquid import EMPTY, Liquid
from .materials import Charge

PKW = 14.0


def ph(liquid: Liquid, charges: Mapping[str, Charge]) -> float:
    """Return the pH of `liquid`, 7 where there is no charged solute."""
    if liquid.volume_ml <= EMPTY:
        return 7.0
    held = [
        (liquid.concentration(name) * 1e-3, charge)
        for name, charge in charges.items()
        if name in liquid.solutes
    ]
    low, high = -1.0, 15.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _charge(middle, held) > 0 else (low, middle)
    return (low + high) / 2


def _charge(acidity: float, held: list[tuple[float, Charge]]) -> float:
    """Net charge in mol/L at a pH: positive means that the true pH is higher."""
    total = 10**-acidity - 10 ** (acidity - PKW)
    return total + math.fsum(amount * charge.sign * _charged(acidity, charge) for amount, charge in held)


def _charged(acidity: float, charge: Charge) -> float:
    """Charged share of an acid (deprotonated) or a base (protonated)."""
    if charge.pka is None:
        return 1.0
    return 1.0 / (1.0 + 10 ** (charge.sign * (acidity - charge.pka)))
