"""The little of SVG that two charts need: elements with escaped text, round ticks, text that fits."""

from __future__ import annotations

import math
import unicodedata
from xml.sax.saxutils import escape, quoteattr

INK, MUTED, HAIR, PAPER = "#1f2a33", "#66727d", "#e4e8eb", "#ffffff"
ACCENT, WARN, BAD = "#1b6e73", "#b7791f", "#b3382c"
# No amber and no red: these are kept for what did not go to plan.
LANES = ("#4a78a8", "#8467a8", "#2f8a7d", "#5f7486", "#7b8f3f", "#9a5a8c", "#3f6f80")
FONT = "'Helvetica Neue', 'Segoe UI', 'Hiragino Sans', 'Noto Sans CJK JP', 'Noto Sans JP', Arial, sans-serif"


def tag(name: str, *children: str, **attributes: str | float) -> str:
    """Return an element; `children` are markup already, attribute names are written with `_` for `-`."""
    pairs = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_text(value))}" for key, value in attributes.items()
    )
    return f"<{name}{pairs}>{''.join(children)}</{name}>" if children else f"<{name}{pairs}/>"


def words(text: str, x: float, y: float, **attributes: str | float) -> str:
    """Return text at a point."""
    return tag("text", escape(text), **{"x": x, "y": y, "font_size": 11.5, "fill": INK, **attributes})


def tooltip(text: str) -> str:
    """Return the text a browser shows when one points at the element that holds it."""
    return tag("title", escape(text))


def picture(width: float, height: float, label: str, *children: str) -> str:
    """Return the whole drawing; `label` says what it shows to those who cannot see it."""
    return tag(
        "svg",
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_text(width)} {_text(height)}",
        role="img",
        aria_label=label,
        font_family=FONT,
        width=width,
        height=height,
    )


def line(x1: float, y1: float, x2: float, y2: float, **attributes: str | float) -> str:
    """Return a line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **{"stroke": HAIR, "stroke_width": 1, **attributes})


def ticks(low: float, high: float, about: int) -> list[float]:
    """Return about that many round numbers between `low` and `high`."""
    if not high > low:
        return [low]
    rough = (high - low) / max(1, about)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(index * step, 12) for index in range(first, math.floor(high / step + 1e-9) + 1)]


def time_ticks(low: float, high: float, symbol: str, about: int) -> list[float]:
    """Return about that many ticks at steps natural to a unit of time ("s", "min", "h")."""
    steps = (1, 2, 3, 4, 6, 12, 24, 48, 72, 168) if symbol == "h" else (1, 2, 5, 10, 15, 20, 30, 60)
    rough = (high - low) / max(1, about)
    step = next((one for one in steps if one >= rough * 0.999), None)
    if step is None or rough < 0.4:
        return ticks(low, high, about)
    return [
        float(one) for one in range(-(-int(low) // step) * step, int(high + 1e-9) + 1, step) if one >= low
    ]


def time_unit(length: float) -> tuple[float, str]:
    """Return (seconds, symbol) of the unit in which a span of time is best read."""
    if length <= 180:
        return 1.0, "s"
    return (60.0, "min") if length <= 3 * 3600 else (3600.0, "h")


def fit(text: str, width: float, size: float = 11.5) -> str:
    """Shorten text to about `width` px; wide characters count double."""
    for index in range(len(text)):
        if extent(text[: index + 1], size) > width:
            return text[: max(1, index - 1)].rstrip() + "…"
    return text


def extent(text: str, size: float = 11.5) -> float:
    """Return about how wide a text is, px."""
    return sum(size * (1.0 if unicodedata.east_asian_width(char) in "WF" else 0.5) for char in text)


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
