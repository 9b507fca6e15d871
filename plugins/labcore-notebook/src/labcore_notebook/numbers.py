"""Write numbers for people: digits that the uncertainty supports, units, and times as h:mm:ss."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from statistics import median

MINUS = "\N{MINUS SIGN}"
MOST_DECIMALS = 6


def plain(value: float) -> str:
    """Write a value without stated uncertainty, at most six significant digits."""
    text = f"{value:.6g}"
    return _sign(text if "e" not in text else f"{value:.3e}")


def fixed(value: float, decimals: int | None) -> str:
    """Write a value with that many decimals; None: as many as it needs."""
    if decimals is None:
        return plain(value)
    text = f"{value:.{decimals}f}"
    return _sign(text[1:] if text.startswith("-") and not text.strip("-0.") else text)


def decimals(half_width: float) -> int | None:
    """Return the decimals an uncertainty supports: two digits of it if it begins with 1, else one.

    None if it is 0 or without bound.
    """
    if not half_width > 0 or math.isinf(half_width):
        return None
    exponent = math.floor(math.log10(half_width) + 1e-9)
    digits = 2 if half_width / 10.0**exponent < 2 - 1e-9 else 1
    return min(MOST_DECIMALS, max(0, digits - 1 - exponent))


def common_decimals(half_widths: Iterable[float]) -> int | None:
    """Return the decimals for a whole column, from the median half-width."""
    widths = [width for width in half_widths if width > 0]
    return decimals(median(widths)) if widths else None


def clock(seconds: float) -> str:
    """Write a time since the start, or a duration, as h:mm:ss (rounded to the second)."""
    whole = round(abs(seconds))
    sign = MINUS if seconds < 0 and whole else ""
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def wall(stamp: str) -> str:
    """Write an ISO 8601 stamp as date, time and UTC; what cannot be read is given back."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _sign(text: str) -> str:
    return text.replace("-", MINUS)
