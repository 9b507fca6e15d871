"""GRBL's numbered settings, as kept in its EEPROM.

Source: gnea/grbl, doc/markdown/settings.md and doc/csv/setting_codes_en_US.csv (numbers, units, formats).
"""

from __future__ import annotations

from collections.abc import Mapping

AXES = "XYZ"
Vector = tuple[float, float, float]

DEFAULTS: Mapping[int, float] = {
    0: 10, 1: 25, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0,
    10: 1, 11: 0.010, 12: 0.002, 13: 0,
    20: 1, 21: 0, 22: 1, 23: 7, 24: 300.0, 25: 3000.0, 26: 250, 27: 1.0,
    30: 1000, 31: 0, 32: 0,
    100: 80.0, 101: 80.0, 102: 400.0,
    110: 6000.0, 111: 6000.0, 112: 3000.0,
    120: 500.0, 121: 500.0, 122: 250.0,
    130: 420.0, 131: 300.0, 132: 60.0,
}  # fmt: skip
_WITH_DECIMALS = {11, 12, 24, 25, 27}
_BYTE = {0, 1, 2, 3, 10, 23}
_FLAGS = {4, 5, 6, 13, 20, 21, 22, 32}


class Settings:
    """The values by number, with GRBL's rules for storing one."""

    def __init__(self, values: Mapping[int, float] | None = None) -> None:
        self.values = dict(DEFAULTS) | dict(values or {})

    def __getitem__(self, number: int) -> float:
        return self.values[number]

    def vector(self, start: int) -> Vector:
        """Return the three axis values that begin at setting `start`."""
        return self.values[start], self.values[start + 1], self.values[start + 2]

    def flag(self, number: int) -> bool:
        """Return a setting that is on or off."""
        return bool(self.values[number])

    def listing(self) -> str:
        """Return the answer to `$$`."""
        return "".join(f"${number}={self._text(number)}\r\n" for number in sorted(self.values))

    def store(self, number: int, value: float) -> int:
        """Store one value; return 0 or GRBL's error number."""
        if value < 0:
            return 4
        if number not in DEFAULTS:
            return 3
        if number == 0 and value < 3:
            return 6
        if number == 20 and value and not self.flag(22):
            return 10
        self.values[number] = self._kept(number, value)
        if number == 22 and not value:
            self.values[20] = 0
        return 0

    @staticmethod
    def _kept(number: int, value: float) -> float:
        if number in _FLAGS:
            return float(bool(value))
        if number in _BYTE:
            return float(int(value) & 0xFF)
        if number == 26:
            return float(int(value) & 0xFFFF)
        # A rate or resolution of nothing would divide by zero; the firmware has no guard of its own.
        return max(value, 1e-3) if 100 <= number < 130 or number in (24, 25) else min(value, 1e9)

    def _text(self, number: int) -> str:
        if number in _WITH_DECIMALS or number >= 100:
            return f"{self.values[number]:.3f}"
        return f"{self.values[number]:.0f}"

    def snapshot(self) -> dict[str, float]:
        """Return the values as plain data."""
        return {str(number): value for number, value in self.values.items()}

    def restore(self, state: Mapping[str, float]) -> None:
        """Take over what `snapshot` gave."""
        self.values = {int(number): float(value) for number, value in state.items()}
