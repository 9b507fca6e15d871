"""Draw the timeline: a lane a step, a lane a device, one time axis."""

from __future__ import annotations

from dataclasses import dataclass

from labcore_notebook.charts import svg
from labcore_notebook.notebook import Bar, Lane, Timeline, Tone
from labcore_notebook.numbers import plain

WIDTH, RIGHT = 860.0, 14.0
NARROW, WIDE = 170.0, 330.0  # px for the labels
ROW, HEAD, FOOT = 23.0, 26.0, 44.0
MANY = 100  # strokes; more are drawn thinner
STEP_COLOUR = "#8ea3b5"
TONES: dict[Tone, str] = {"warn": svg.WARN, "bad": svg.BAD, "missing": "#c3cbd2"}


@dataclass(frozen=True, slots=True)
class _Scale:
    length: float
    left: float

    def x(self, at: float) -> float:
        """Return the place of a time (s) on the drawing, px."""
        return self.left + (WIDTH - self.left - RIGHT) * min(max(at, 0.0), self.length) / self.length


def draw(timeline: Timeline) -> str:
    """Return the timeline as SVG."""
    scale = _Scale(timeline.length, _left(timeline))
    rows = sum(len(lanes) for _, lanes in timeline.groups)
    bottom = rows * ROW + len(timeline.groups) * HEAD
    parts = _axis(timeline, scale, bottom)
    y, number = 0.0, 0
    for index, (title, lanes) in enumerate(timeline.groups):
        parts.append(svg.words(title, 0, y + HEAD - 9, font_size=11, fill=svg.MUTED, font_weight=600))
        y += HEAD
        for lane in lanes:
            colour = (
                STEP_COLOUR if index == 0 and len(timeline.groups) > 1 else svg.LANES[number % len(svg.LANES)]
            )
            parts += _lane(lane, y, colour, scale)
            number += index == len(timeline.groups) - 1
            y += ROW
    return svg.picture(WIDTH, bottom + FOOT, timeline.title, *parts)


def _left(timeline: Timeline) -> float:
    """Return the room that the longest label needs, within reason."""
    texts = [_text(lane) for _, lanes in timeline.groups for lane in lanes]
    return min(WIDE, max(NARROW, *(svg.extent(text) + 44 for text in texts))) if texts else NARROW


def _text(lane: Lane) -> str:
    return lane.detail if _numbered(lane) else f"{lane.label}  {lane.detail}"


def _numbered(lane: Lane) -> bool:
    return lane.label.removeprefix("F").isdigit()


def _axis(timeline: Timeline, scale: _Scale, bottom: float) -> list[str]:
    unit, symbol = svg.time_unit(timeline.length)
    parts: list[str] = []
    for tick in svg.time_ticks(0, timeline.length / unit, symbol, 8):
        x = scale.x(tick * unit)
        parts.append(svg.line(x, 6, x, bottom + 4))
        parts.append(
            svg.words(plain(tick), x, bottom + 18, text_anchor="middle", fill=svg.MUTED, font_size=11)
        )
    parts.append(svg.line(scale.left, bottom + 4, WIDTH - RIGHT, bottom + 4, stroke="#b8c1c8"))
    middle = (scale.left + WIDTH - RIGHT) / 2
    label = f"{timeline.axis} / {symbol}"
    return [*parts, svg.words(label, middle, bottom + 37, text_anchor="middle", fill=svg.MUTED)]


def _lane(lane: Lane, y: float, colour: str, scale: _Scale) -> list[str]:
    middle = y + ROW / 2
    parts = [svg.line(0, y, WIDTH - RIGHT, y), *_label(lane, middle + 4, scale.left)]
    parts += [_bar(bar, y, colour, scale) for bar in lane.bars]
    ink = colour if colour != STEP_COLOUR else "#56697a"
    thin = 1.3 if len(lane.ticks) <= MANY else 0.5
    for tick in lane.ticks:
        x = scale.x(tick)
        parts.append(svg.line(x, middle - 4.5, x, middle + 4.5, stroke=ink, stroke_width=thin))
    return parts


def _label(lane: Lane, y: float, left: float) -> list[str]:
    """Write a step's number and text, or a device's name with its driver at the right."""
    if _numbered(lane):
        number = svg.words(lane.label, 14, y, text_anchor="end", fill=svg.MUTED, font_size=11)
        return [number, svg.words(svg.fit(lane.detail, left - 34), 24, y)]
    name = svg.fit(lane.label, left - 14)
    room = left - 24 - svg.extent(name, 12.5)
    parts = [svg.words(name, 0, y)]
    if lane.detail and room > 40:
        detail = svg.fit(lane.detail, room, 10.5)
        parts.append(svg.words(detail, left - 14, y, text_anchor="end", fill=svg.MUTED, font_size=10.5))
    return parts


def _bar(bar: Bar, y: float, colour: str, scale: _Scale) -> str:
    x, end = scale.x(bar.start), scale.x(bar.end)
    fill = TONES.get(bar.tone, colour)
    inset = 5.5 if bar.soft else 4.5
    return svg.tag(
        "rect",
        svg.tooltip(bar.text),
        x=x,
        y=y + inset,
        width=max(3.0, end - x),
        height=ROW - 2 * inset,
        rx=2.5,
        fill=fill,
        fill_opacity=0.3 if bar.soft else 0.92,
    )
