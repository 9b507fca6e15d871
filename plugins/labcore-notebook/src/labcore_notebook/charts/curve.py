"""Draw values over time with their 90 % intervals, the additions to the vessel, and the onset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labcore_notebook.charts import svg
from labcore_notebook.notebook import Curve, Mark, Point
from labcore_notebook.numbers import plain

WIDTH, HEIGHT = 860.0, 350.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 16.0, 42.0, 50.0
DENSE = 80  # from here on a band reads better than bars


@dataclass(frozen=True, slots=True)
class _Scale:
    start: float
    end: float
    low: float
    high: float

    def x(self, at: float) -> float:
        """Return the place of a time (s), px."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (at - self.start) / (self.end - self.start)

    def y(self, value: float) -> float:
        """Return the place of a value, px."""
        value = min(max(value, self.low), self.high)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.low) / (self.high - self.low)


def draw(curve: Curve) -> str:
    """Return the curve as SVG."""
    scale = _scale(curve)
    parts = [*_onset(curve, scale), *_axes(curve, scale), *_marks(curve.marks, scale)]
    parts += _band(curve.points, scale) if len(curve.points) > DENSE else _error_bars(curve.points, scale)
    parts += [_line(curve.points, scale), *_points(curve.points, scale), *_legend(curve)]
    return svg.picture(WIDTH, HEIGHT, curve.title, *parts)


def _scale(curve: Curve) -> _Scale:
    times = [one.at for one in curve.points]
    length = max(times) - min(times)
    unit, _ = svg.time_unit(max(times))
    start = (
        0.0
        if min(times) <= 0.35 * max(times)
        else svg.ticks(min(times) / unit, max(times) / unit, 8)[0] * unit
    )
    start = min(start, min(times))
    low, high = curve.y_range or _range(curve.points)
    return _Scale(start, max(times) + 0.03 * (length or 1.0), low, high)


def _range(points: Sequence[Point]) -> tuple[float, float]:
    ends = [end for one in points for end in (one.low, one.high) if end is not None]
    low, high = min(ends), max(ends)
    room = 0.08 * (high - low) or abs(high) * 0.1 or 1.0
    return low - room, high + room


def _axes(curve: Curve, scale: _Scale) -> list[str]:
    unit, symbol = svg.time_unit(scale.end)
    base = HEIGHT - BOTTOM
    parts: list[str] = []
    for tick in svg.ticks(scale.low, scale.high, 5):
        y = scale.y(tick)
        parts.append(svg.line(LEFT, y, WIDTH - RIGHT, y))
        parts.append(svg.words(plain(tick), LEFT - 9, y + 4, text_anchor="end", fill=svg.MUTED))
    for tick in svg.time_ticks(scale.start / unit, scale.end / unit, symbol, 9):
        x = scale.x(tick * unit)
        parts.append(svg.line(x, base, x, base + 5, stroke="#9aa5ae"))
        parts.append(svg.words(plain(tick), x, base + 19, text_anchor="middle", fill=svg.MUTED))
    parts.append(svg.line(LEFT, base, WIDTH - RIGHT, base, stroke="#9aa5ae"))
    parts.append(
        svg.words(f"{curve.axis_x} / {symbol}", (LEFT + WIDTH - RIGHT) / 2, base + 40, text_anchor="middle")
    )
    middle = (TOP + base) / 2
    turned = f"rotate(-90 16 {middle:.1f})"
    return [*parts, svg.words(curve.axis_y, 16, middle, text_anchor="middle", transform=turned)]


def _onset(curve: Curve, scale: _Scale) -> list[str]:
    if curve.onset is None:
        return []
    left, right = (scale.x(at) for at in curve.onset)
    shade = svg.tag(
        "rect",
        x=left,
        y=TOP,
        width=max(2.0, right - left),
        height=HEIGHT - TOP - BOTTOM,
        fill=svg.ACCENT,
        fill_opacity=0.1,
    )
    label = svg.words(
        curve.onset_label,
        (left + right) / 2,
        TOP + 14,
        text_anchor="middle",
        fill=svg.ACCENT,
        font_weight=600,
    )
    return [shade, label]


def _marks(marks: Sequence[Mark], scale: _Scale) -> list[str]:
    """Draw numbered lines; numbers that would touch are set one above the other."""
    parts: list[str] = []
    last, level = -100.0, 0
    for number, mark in enumerate(marks, 1):
        if not scale.start <= mark.at <= scale.end:
            continue
        x = scale.x(mark.at)
        level = level + 1 if x - last < 18 and level < 1 else 0
        last = x
        y = TOP - 11 - 17 * level
        parts.append(svg.line(x, y + 7, x, HEIGHT - BOTTOM, stroke="#9aa5ae", stroke_dasharray="2 3"))
        parts.append(
            svg.tag("circle", svg.tooltip(mark.text), cx=x, cy=y, r=7.5, fill=svg.PAPER, stroke="#7a8791")
        )
        parts.append(svg.words(str(number), x, y + 3.7, text_anchor="middle", font_size=10, fill=svg.INK))
    return parts


def _colour(point: Point) -> str:
    return {"good": svg.ACCENT, "doubtful": svg.WARN, "bad": svg.BAD}[point.quality]


def _error_bars(points: Sequence[Point], scale: _Scale) -> list[str]:
    parts: list[str] = []
    for one in points:
        if one.low is None or one.high is None or one.high <= one.low:
            continue
        x, low, high = scale.x(one.at), scale.y(one.low), scale.y(one.high)
        path = f"M{x:.2f} {low:.2f}V{high:.2f}M{x - 3.5:.2f} {low:.2f}h7M{x - 3.5:.2f} {high:.2f}h7"
        parts.append(
            svg.tag("path", d=path, stroke=_colour(one), stroke_width=1.1, stroke_opacity=0.6, fill="none")
        )
    return parts


def _band(points: Sequence[Point], scale: _Scale) -> list[str]:
    good = [one for one in points if one.quality == "good" and one.low is not None and one.high is not None]
    if len(good) < 2:
        return []
    upper = [f"{scale.x(one.at):.1f},{scale.y(one.high or 0.0):.1f}" for one in good]
    lower = [f"{scale.x(one.at):.1f},{scale.y(one.low or 0.0):.1f}" for one in reversed(good)]
    band = svg.tag("polygon", points=" ".join([*upper, *lower]), fill=svg.ACCENT, fill_opacity=0.18)
    return [band, *_error_bars([one for one in points if one.quality != "good"], scale)]


def _line(points: Sequence[Point], scale: _Scale) -> str:
    good = [
        f"{scale.x(one.at):.1f},{scale.y(one.value):.1f}"
        for one in points
        if one.quality == "good" and one.value is not None
    ]
    return svg.tag(
        "polyline",
        points=" ".join(good),
        fill="none",
        stroke=svg.ACCENT,
        stroke_width=1.4,
        stroke_opacity=0.75,
    )


def _points(points: Sequence[Point], scale: _Scale) -> list[str]:
    radius = 3.4 if len(points) <= DENSE else 1.8
    bad = [
        _cross(scale.x(one.at), HEIGHT - BOTTOM if one.value is None else scale.y(one.value))
        for one in points
        if _unused(one)
    ]
    return bad + [
        _point(one, scale.x(one.at), scale.y(one.value), radius)
        for one in points
        if one.value is not None and not _unused(one)
    ]


def _unused(point: Point) -> bool:
    """Say whether a point is only marked: bad ones are, on the axis if they have no value."""
    return point.quality == "bad" or point.value is None


def _point(point: Point, x: float, y: float, radius: float) -> str:
    fill = svg.ACCENT if point.quality == "good" else svg.PAPER
    return svg.tag("circle", cx=x, cy=y, r=radius, fill=fill, stroke=_colour(point), stroke_width=1.3)


def _legend(curve: Curve) -> list[str]:
    """Draw the legend above the plot, at the right."""
    qualities = {one.quality for one in curve.points}
    texts = dict(zip(("good", "doubtful", "bad", "interval"), curve.legend, strict=True))
    shown = [key for key in texts if key in qualities or key == "interval"]
    x = WIDTH - RIGHT - sum(_width(texts[key]) + 30 for key in shown) + 16
    parts: list[str] = []
    for key in shown:
        parts += [_sample(key, x, 14.0), svg.words(texts[key], x + 9, 18, font_size=11, fill=svg.MUTED)]
        x += _width(texts[key]) + 30
    return parts


def _sample(key: str, x: float, y: float) -> str:
    match key:
        case "good" | "doubtful":
            return _point(Point(0, 0, 0, 0, "good" if key == "good" else "doubtful", ()), x, y, 3.4)
        case "bad":
            return _cross(x, y)
    path = f"M{x:.2f} {y - 6}v12M{x - 3.5:.2f} {y - 6}h7M{x - 3.5:.2f} {y + 6}h7"
    return svg.tag("path", d=path, stroke=svg.ACCENT, stroke_width=1.1, stroke_opacity=0.6, fill="none")


def _cross(x: float, y: float) -> str:
    path = f"M{x - 3.5:.2f} {y - 3.5:.2f}l7 7m0 -7l-7 7"
    return svg.tag("path", d=path, stroke=svg.BAD, stroke_width=1.5, fill="none")


def _width(text: str) -> float:
    return sum(11.0 if ord(char) > 0x2E80 else 5.7 for char in text)
