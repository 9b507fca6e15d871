"""An amount that is known within bounds. The unit is its owner's business."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

_NOISE = 1e-9  # relative: bounds that cross by less are rounding, not contradiction


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds and the most likely value: `low <= mid <= high`, all finite. ValueError if they are not."""

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        if self.low <= self.mid <= self.high and isfinite(self.high - self.low):
            return
        slack = _NOISE * max(abs(self.low), abs(self.mid), abs(self.high))
        if not (isfinite(slack) and self.low - slack <= self.mid <= self.high + slack):
            raise ValueError(f"not an interval: {self.low!r} <= {self.mid!r} <= {self.high!r}")
        object.__setattr__(self, "low", min(self.low, self.mid))
        object.__setattr__(self, "high", max(self.high, self.mid))

    @classmethod
    def exactly(cls, value: float) -> Interval:
        """Return the interval of one value."""
        return cls(value, value, value)

    @classmethod
    def around(cls, value: float, *, relative: float = 0.0, absolute: float = 0.0) -> Interval:
        """Return `value` plus or minus a share of itself and a fixed amount."""
        margin = abs(value) * relative + absolute
        return cls(value - margin, value, value + margin)

    @classmethod
    def between(cls, low: float, high: float) -> Interval:
        """Return everything from `low` to `high`, the middle being as likely as anything."""
        return cls(low, low + (high - low) / 2, high)

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.mid + other.mid, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.mid - other.mid, self.high - other.low)

    def scale(self, factor: float) -> Interval:
        """Return the interval times a number; a negative one turns it round."""
        low, high = sorted((self.low * factor, self.high * factor))
        return Interval(low, self.mid * factor, high)

    def hull(self, other: Interval) -> Interval:
        """Return the smallest interval that holds both; its middle lies between theirs."""
        mid = self.mid + (other.mid - self.mid) / 2
        return Interval(min(self.low, other.low), mid, max(self.high, other.high))

    def intersect(self, other: Interval) -> Interval | None:
        """Return what both allow, None if they contradict. The middle is this one's, moved inside."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return None if low > high else Interval(low, min(max(self.mid, low), high), high)

    def clamp_low(self, floor: float) -> Interval:
        """Return the interval with nothing below `floor`."""
        return Interval(max(self.low, floor), max(self.mid, floor), max(self.high, floor))

    def contains(self, value: float) -> bool:
        """Say whether `value` is possible."""
        return self.low <= value <= self.high

    @property
    def width(self) -> float:
        """Return high minus low."""
        return self.high - self.low

    @property
    def relative_width(self) -> float:
        """Return the width as a share of the middle; infinite where the middle is 0 and the width is not."""
        if self.width == 0.0:
            return 0.0
        return self.width / abs(self.mid) if self.mid else inf
