"""Draw the timeline: a lane a step, a lane a device, one time axis."""

from __future__ import annotations

from dataclasses import dataclass

from labcore_notebook.charts import svg
from labcore_notebook.notebook import Bar, Lane, Timeline, Tone
from labcore_notebook.numbers import plain

WIDTH, LEFT, RIGHT = 860.0, 262.0, 14.0
ROW, HEAD, FOOT = 23.0, 26.0, 44.0
MANY = 100  # strokes; more are drawn thinner
STEP_COLOUR = "#8ea3b5"
TONES: dict[Tone, str] = {"warn": svg.WARN, "bad": svg.BAD, "missing": "#c3cbd2"}


@dataclass(frozen=True, slots=True)
class _Scale:
    length: float

    def x(self, at: float) -> float:
        """Return the place of a time (s) on the drawing, px."""
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(at, 0.0), self.length) / self.length


def draw(timeline: Timeline) -> str:
    """Return the timeline as SVG."""
    scale = _Scale(timeline.length)
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


def _axis(timeline: Timeline, scale: _Scale, bottom: float) -> list[str]:
    unit, symbol = svg.time_unit(timeline.length)
    parts: list[str] = []
    for tick in svg.time_ticks(0, timeline.length / unit, symbol, 8):
        x = scale.x(tick * unit)
        parts.append(svg.line(x, 6, x, bottom + 4))
        parts.append(
            svg.words(plain(tick), x, bottom + 18, text_anchor="middle", fill=svg.MUTED, font_size=11)
        )
    parts.append(svg.line(LEFT, bottom + 4, WIDTH - RIGHT, bottom + 4, stroke="#b8c1c8"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    label = f"{timeline.axis} / {symbol}"
    return [*parts, svg.words(label, middle, bottom + 37, text_anchor="middle", fill=svg.MUTED)]


def _lane(lane: Lane, y: float, colour: str, scale: _Scale) -> list[str]:
    middle = y + ROW / 2
    label_room = 62 if lane.detail and lane.label.isdigit() is False else 20
    parts = [svg.line(0, y, WIDTH - RIGHT, y)]
    if lane.label.replace("F", "").isdigit():
        parts.append(svg.words(lane.label, 14, middle + 4, text_anchor="end", fill=svg.MUTED, font_size=11))
        parts.append(svg.words(svg.fit(lane.detail, LEFT - 34), 24, middle + 4))
    else:
        parts.append(svg.words(svg.fit(lane.label, LEFT - label_room), 0, middle + 4))
        room = LEFT - 24 - 6.4 * len(lane.label)
        if lane.detail and room > 40:
            detail = svg.fit(lane.detail, room, 10.5)
            parts.append(
                svg.words(detail, LEFT - 14, middle + 4, text_anchor="end", fill=svg.MUTED, font_size=10.5)
            )
    parts += [_bar(bar, y, colour, scale) for bar in lane.bars]
    ink = colour if colour != STEP_COLOUR else "#56697a"
    thin = 1.3 if len(lane.ticks) <= MANY else 0.5
    for tick in lane.ticks:
        x = scale.x(tick)
        parts.append(svg.line(x, middle - 4.5, x, middle + 4.5, stroke=ink, stroke_width=thin))
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
