"""The names of what units measure, as powers of base dimensions."""

from __future__ import annotations

import re

Vector = tuple[int, ...]

_BASES = ("length", "mass", "time", "temperature", "amount", "angle", "current", "acidity")
NOTHING: Vector = (0,) * len(_BASES)


def vector(**powers: int) -> Vector:
    """Return the powers of the base dimensions, for example `vector(length=3, time=-1)`."""
    return tuple(powers.get(base, 0) for base in _BASES)


# name, powers, the unit in which a calculated value of it comes
_NAMED: tuple[tuple[str, Vector, str], ...] = (
    ("length", vector(length=1), "mm"),
    ("area", vector(length=2), "mm^2"),
    ("volume", vector(length=3), "mL"),
    ("mass", vector(mass=1), "g"),
    ("time", vector(time=1), "s"),
    ("temperature difference", vector(temperature=1), "K"),
    ("amount", vector(amount=1), "mmol"),
    ("angle", vector(angle=1), "deg"),
    ("current", vector(current=1), "A"),
    ("pH", vector(acidity=1), "pH"),
    ("concentration", vector(amount=1, length=-3), "mmol/L"),
    ("mass concentration", vector(mass=1, length=-3), "g/L"),
    ("molar mass", vector(mass=1, amount=-1), "g/mol"),
    ("volume flow", vector(length=3, time=-1), "mL/min"),
    ("speed", vector(length=1, time=-1), "mm/s"),
    ("rotation", vector(angle=1, time=-1), "rpm"),
    ("frequency", vector(time=-1), "Hz"),
    ("attenuation", vector(length=-1), "1/cm"),
    ("force", vector(length=1, mass=1, time=-2), "N"),
    ("pressure", vector(length=-1, mass=1, time=-2), "mbar"),
    ("energy", vector(length=2, mass=1, time=-2), "J"),
    ("power", vector(length=2, mass=1, time=-3), "W"),
    ("voltage", vector(length=2, mass=1, time=-3, current=-1), "V"),
    ("resistance", vector(length=2, mass=1, time=-3, current=-2), "Ω"),
    ("conductance", vector(length=-2, mass=-1, time=3, current=2), "S"),
)
PREFERRED = {powers: unit for _, powers, unit in _NAMED}
_NAMES = {powers: name for name, powers, _ in _NAMED}
_VECTORS = {name: powers for name, powers, _ in _NAMED} | {"number": NOTHING, "ratio": NOTHING}


def dimension_name(powers: Vector, unit: str = "") -> str:
    """Return what a unit measures: "volume", "ratio" for "%", "number" for none, else like "mass/time"."""
    if powers == NOTHING:
        return "ratio" if unit else "number"
    named = _NAMES.get(powers)
    if named is not None:
        return named
    over = [_power(base, power) for base, power in zip(_BASES, powers, strict=True) if power > 0]
    under = [f"/{_power(base, -power)}" for base, power in zip(_BASES, powers, strict=True) if power < 0]
    return ("*".join(over) or "1") + "".join(under)


def _power(base: str, power: int) -> str:
    name = {"temperature": "temperature difference", "acidity": "pH"}.get(base, base)
    return name if power == 1 else f"{name}^{power}"


_FACTOR = re.compile(r"([*/]?)([^*/^]+)(?:\^([0-9]+))?")


def dimension_vector(name: str) -> Vector | None:
    """Return the powers behind a dimension's name, None for what is none: the inverse of `dimension_name`.

    "temperature" has none: a point on a scale is no amount.
    """
    known = _VECTORS.get(name)
    if known is not None:
        return known
    total = list(NOTHING)
    for sign, base, power in _FACTOR.findall(name):
        part = NOTHING if base == "1" else _VECTORS.get(base)
        if part is None:
            return None
        times = int(power or 1) * (-1 if sign == "/" else 1)
        total = [a + b * times for a, b in zip(total, part, strict=True)]
    return tuple(total)
