"""The units of the language: their spellings, their sizes, and the names of what they measure.

Sizes are exact ratios of integers, so that conversions round once. Symbols, prefixes and factors: BIPM, The
International System of Units (SI Brochure), 9th edition, tables 2 to 8. A revolution is a base of its own, so
that a speed of rotation is no frequency. Micro is written with the Greek mu, as NFKC writes the micro sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

from labcore.model.dimensions import NOTHING, Vector, dimension_name, vector


class _ExplainedError(ValueError):
    """A ValueError that says what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UnitError(_ExplainedError):
    """A unit is unknown, or two quantities do not go together."""


class QuantityError(_ExplainedError):
    """A text is not a quantity."""


Parts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit, `numerator / denominator` times its base units (m, g, s, K, mol, revolution, A)."""

    name: str
    numerator: int
    denominator: int
    vector: Vector
    parts: Parts
    dimension: str
    point: bool = False  # a mark on a scale (°C), not an amount


_PREFIXES = {
    "": (1, 1),
    "p": (1, 10**12),
    "n": (1, 10**9),
    "μ": (1, 10**6),
    "m": (1, 1000),
    "c": (1, 100),
    "d": (1, 10),
    "h": (100, 1),
    "k": (1000, 1),
    "M": (10**6, 1),
}

_ENERGY = vector(length=2, mass=1, time=-2)
_POWER = vector(length=2, mass=1, time=-3)
_VOLTAGE = vector(length=2, mass=1, time=-3, current=-1)
_PRESSURE = vector(length=-1, mass=1, time=-2)
_RESISTANCE = vector(length=2, mass=1, time=-3, current=-2)
_CONDUCTANCE = vector(length=-2, mass=-1, time=3, current=2)

# symbol, other spellings, prefixes allowed, numerator, denominator, dimension
_ATOMS: tuple[tuple[str, str, str, int, int, Vector], ...] = (
    ("m", "", "nμmck", 1, 1, vector(length=1)),
    ("g", "gram grams", "nμmk", 1, 1, vector(mass=1)),
    ("s", "sec second seconds", "nμm", 1, 1, vector(time=1)),
    ("min", "minute minutes", "", 60, 1, vector(time=1)),
    ("h", "hr hour hours", "", 3600, 1, vector(time=1)),
    ("d", "day days", "", 86400, 1, vector(time=1)),
    ("K", "", "m", 1, 1, vector(temperature=1)),
    ("mol", "", "pnμmk", 1, 1, vector(amount=1)),
    ("L", "l", "nμmcd", 1, 1000, vector(length=3)),
    ("rev", "", "", 1, 1, vector(angle=1)),
    ("deg", "", "", 1, 360, vector(angle=1)),
    ("rpm", "RPM", "", 1, 60, vector(angle=1, time=-1)),
    ("Hz", "", "kM", 1, 1, vector(time=-1)),
    ("A", "", "μm", 1, 1, vector(current=1)),
    ("V", "", "μmk", 1000, 1, _VOLTAGE),
    ("W", "", "μmk", 1000, 1, _POWER),
    ("J", "", "mk", 1000, 1, _ENERGY),
    ("N", "", "μmk", 1000, 1, vector(length=1, mass=1, time=-2)),
    ("Pa", "", "mhkM", 1000, 1, _PRESSURE),
    ("bar", "", "m", 10**8, 1, _PRESSURE),
    ("Ω", "ohm Ohm", "mkM", 1000, 1, _RESISTANCE),
    ("S", "", "μm", 1, 1000, _CONDUCTANCE),
    ("%", "percent", "", 1, 100, NOTHING),
    ("ppm", "", "", 1, 10**6, NOTHING),
    ("pH", "", "", 1, 1, vector(acidity=1)),
)


def _spelt(prefix: str, symbol: str, others: str) -> tuple[str, ...]:
    """Return every accepted spelling of a prefixed unit; words take no prefix."""
    symbols = (symbol, *(other for other in others.split() if not prefix or other in ("l", "ohm", "Ohm")))
    leads = ("μ", "u") if prefix == "μ" else (prefix,)
    return tuple(lead + name for name in symbols for lead in leads)


def _atoms() -> dict[str, Unit]:
    table: dict[str, Unit] = {}
    for symbol, others, prefixes, above, below, dimension in _ATOMS:
        for prefix in ("", *prefixes):
            up, down = _PREFIXES[prefix]
            name = prefix + symbol
            unit = _made(name, above * up, below * down, dimension, ((name, 1),))
            table.update(dict.fromkeys(_spelt(prefix, symbol, others), unit))
    for prefix in ("", "p", "n", "μ", "m"):
        molar = _ratio_of(table[f"{prefix}mol"], table["L"])
        table.update(dict.fromkeys(_spelt(prefix, "M", ""), molar))
    celsius = Unit("°C", 1, 1, vector(temperature=1), (("°C", 1),), "temperature", point=True)
    return table | {"°C": celsius, "degC": celsius, "": _made("", 1, 1, NOTHING, ())}


def _made(name: str, above: int, below: int, dimension: Vector, parts: Parts) -> Unit:
    shared = gcd(above, below)
    return Unit(name, above // shared, below // shared, dimension, parts, dimension_name(dimension, name))


def _ratio_of(over: Unit, under: Unit) -> Unit:
    return merged(((over, 1), (under, -1)))


def merged(factors: tuple[tuple[Unit, int], ...]) -> Unit:
    """Return the product of units to whole powers, named after its parts."""
    exponents: dict[str, int] = {}
    above = below = 1
    total = NOTHING
    for unit, power in factors:
        for name, exponent in unit.parts:
            exponents[name] = exponents.get(name, 0) + exponent * power
        up, down = (unit.numerator, unit.denominator) if power > 0 else (unit.denominator, unit.numerator)
        above, below = above * up ** abs(power), below * down ** abs(power)
        total = tuple(a + b * power for a, b in zip(total, unit.vector, strict=True))
    parts = tuple((name, exponent) for name, exponent in exponents.items() if exponent)
    if sum(abs(exponent) for _, exponent in parts) > 12:
        raise UnitError("Too many units are multiplied here.", "Split the calculation.")
    return _made(_written(parts), above, below, total, parts)


def _written(parts: Parts) -> str:
    over = "*".join(name if power == 1 else f"{name}^{power}" for name, power in parts if power > 0)
    under = "".join(f"/{name}" if power == -1 else f"/{name}^{-power}" for name, power in parts if power < 0)
    return (over or "1") + under if parts else ""


ATOMS = _atoms()
