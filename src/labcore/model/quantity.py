"""Quantities: a number and a unit, with arithmetic that refuses to mix what does not go together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

from labcore.model.conversion import combined, conversion, size
from labcore.model.quantity_text import read_slowly
from labcore.model.unit_text import unit_of
from labcore.model.units import ATOMS, QuantityError, UnitError

__all__ = ["Quantity", "QuantityError", "UnitError", "format_number", "parse_quantity"]

_POINT = "°C is only a point on a scale: add or subtract K, and nothing else."


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """A finite number in a unit. Units may be spelt in any accepted way and are kept in one (`uL` as `μL`).

    UnitError if the unit is unknown, or where two quantities do not go together. Comparing and hashing ignore
    the unit and everything below 12 significant digits: `Quantity(1, "L") == Quantity(1000, "mL")`.
    """

    value: float
    unit: str

    def __post_init__(self) -> None:
        if not isfinite(self.value):
            raise QuantityError(f"{self.value} is not a finite number.")
        known = ATOMS.get(self.unit)
        name = known.name if known is not None else unit_of(self.unit).name
        if type(self.value) is not float:
            object.__setattr__(self, "value", float(self.value))
        if name != self.unit:
            object.__setattr__(self, "unit", name)

    @property
    def dimension(self) -> str:
        """Return what it measures: "volume", "rotation", "number", or a composed name such as "mass/time"."""
        return unit_of(self.unit).dimension

    def in_(self, unit: str) -> float:
        """Return the number in another unit of the same dimension."""
        if unit == self.unit:
            return self.value
        above, below = conversion(self.unit, unit)
        return self.value * above / below

    def to(self, unit: str) -> Quantity:
        """Return the same quantity in another unit."""
        return Quantity(self.in_(unit), unit)

    @property
    def is_point(self) -> bool:
        """Say whether it is a mark on a scale (°C) rather than an amount."""
        return unit_of(self.unit).point

    def __str__(self) -> str:
        return f"{format_number(self.value)} {self.unit}".rstrip()

    def __neg__(self) -> Quantity:
        self._amount("turned negative")
        return Quantity(-self.value, self.unit)

    def __abs__(self) -> Quantity:
        self._amount("made positive")
        return Quantity(abs(self.value), self.unit)

    def __add__(self, other: Quantity | float) -> Quantity:
        more = _quantity(other)
        if self.is_point and more.is_point:
            raise UnitError(f"{self} and {more} cannot be added.", _POINT)
        if more.is_point:
            return more + self
        unit = "K" if self.is_point else self.unit
        return Quantity(self.value + _matched(more, unit, self, "added to"), self.unit)

    def __radd__(self, other: float) -> Quantity:
        return _quantity(other) + self

    def __sub__(self, other: Quantity | float) -> Quantity:
        less = _quantity(other)
        if self.is_point and less.is_point:
            return Quantity(self.value - less.value, "K")
        unit = "K" if self.is_point else self.unit
        return Quantity(self.value - _matched(less, unit, self, "subtracted from"), self.unit)

    def __rsub__(self, other: float) -> Quantity:
        return _quantity(other) - self

    def __mul__(self, other: Quantity | float) -> Quantity:
        self._amount("multiplied")
        if not isinstance(other, Quantity):
            return Quantity(self.value * _number(other), self.unit)
        other._amount("multiplied")
        unit, above, below = combined(self.unit, other.unit, 1)
        return Quantity(self.value * other.value * above / below, unit)

    __rmul__ = __mul__

    def __truediv__(self, other: Quantity | float) -> Quantity:
        self._amount("divided")
        if not isinstance(other, Quantity):
            return Quantity(self.value / _number(other), self.unit)
        other._amount("divided by")
        unit, above, below = combined(self.unit, other.unit, -1)
        return Quantity(self.value / other.value * above / below, unit)

    def __rtruediv__(self, other: float) -> Quantity:
        return _quantity(other) / self

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | float) and not isinstance(other, bool):
            other = Quantity(other, "")
        if not isinstance(other, Quantity):
            return NotImplemented
        mine, theirs = unit_of(self.unit), unit_of(other.unit)
        return (mine.vector, mine.point, self._size) == (theirs.vector, theirs.point, other._size)

    def __hash__(self) -> int:
        return hash(self._size)

    def __lt__(self, other: Quantity | float) -> bool:
        return self._size < self._alike(other)

    def __le__(self, other: Quantity | float) -> bool:
        return self._size <= self._alike(other)

    def __gt__(self, other: Quantity | float) -> bool:
        return self._size > self._alike(other)

    def __ge__(self, other: Quantity | float) -> bool:
        return self._size >= self._alike(other)

    @property
    def _size(self) -> float:
        """The number in base units, without the noise of conversions."""
        unit = unit_of(self.unit)
        above, below = size(unit.numerator, unit.denominator)
        return float(f"{self.value * above / below:.12g}")

    def _alike(self, other: Quantity | float) -> float:
        their = _quantity(other)
        mine, theirs = unit_of(self.unit), unit_of(their.unit)
        if (mine.vector, mine.point) != (theirs.vector, theirs.point):
            message = f"{self} ({mine.dimension}) cannot be compared with {their} ({theirs.dimension})."
            raise UnitError(message, "Both must measure the same.")
        return their._size

    def _amount(self, what: str) -> None:
        if self.is_point:
            raise UnitError(f"{self} cannot be {what}.", _POINT)


def _quantity(value: Quantity | float) -> Quantity:
    return value if isinstance(value, Quantity) else Quantity(_number(value), "")


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is neither a quantity nor a number")
    return value


def _matched(other: Quantity, unit: str, to: Quantity, verb: str) -> float:
    """Return `other` in `unit`, which is that of amounts that go with `to`."""
    try:
        return other.in_(unit)
    except UnitError:
        remedy = _POINT if to.is_point or other.is_point else "Both must measure the same."
        message = f"{other} ({other.dimension}) cannot be {verb} {to} ({to.dimension})."
        raise UnitError(message, remedy) from None


def format_number(value: float) -> str:
    """Write a number with at most 6 significant digits and without float noise."""
    text = f"{value:.6g}"
    if "e" in text and 1e-6 <= abs(value) < 1e15:
        text = f"{float(text):.12f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{float(text):.0f}"
    return "0" if text == "-0" else text


_WRITTEN = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*")
_LONGEST = 80


def parse_quantity(text: str, *, bare: bool = False) -> Quantity:
    """Read a quantity such as "20 mL", "5uL", "0.02 1/cm", "37 °C"; QuantityError explains what is none.

    With `bare`, a number without unit is read as a plain number. Signs are kept: limits decide about them.
    """
    if not isinstance(text, str):
        raise QuantityError(f"{text!r} has no unit.", "Write a number and a unit, like 20 mL.")
    return _parse(text, bare)


@lru_cache(maxsize=8192)
def _parse(text: str, bare: bool) -> Quantity:
    match = _WRITTEN.match(text) if len(text) <= _LONGEST else None
    if match is not None:
        unit = text[match.end() :]
        if unit in ATOMS and (unit or bare):
            number = float(match[1])
            if isfinite(number):
                return Quantity(number, unit)
    return Quantity(*read_slowly(text, bare))
