"""A notebook page as data: sections of blocks, every statement with the positions of the events it rests on.

Nothing here knows about HTML or Markdown. All texts are already in the notebook's language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from labcore.model.world import World

Tone = Literal["plain", "good", "warn", "bad", "missing"]
Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence. `cites` are event positions, never empty: an absence cites all that was read."""

    text: str
    cites: tuple[int, ...]
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Fact:
    """A label with its value; `detail` (an interval) belongs to the value and may be set smaller."""

    label: str
    value: str
    cites: tuple[int, ...]
    tone: Tone = "plain"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A table column; `keep` its cells on one line."""

    title: str
    align: Align = "left"
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A table row: one statement spread over cells."""

    cells: tuple[str, ...]
    cites: tuple[int, ...]
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Prose:
    """Sentences, one a line."""

    statements: tuple[Statement, ...]
    kind: Literal["prose"] = "prose"


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values; `title` may be empty."""

    title: str
    facts: tuple[Fact, ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to read at once and, if these are a selection, `note` says so and `all_rows` has every one.

    `sources` heads the column of citations, if not as usual; `dense` asks for rows close together.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    all_rows: tuple[Row, ...] = ()
    sources: str = ""
    dense: bool = False
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time in a lane, s since the run began. `tone` marks what did not go to plan."""

    start: float
    end: float
    text: str
    cites: tuple[int, ...]
    tone: Tone = "plain"
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the timeline; `ticks` are instants (pictures, rounds), s."""

    label: str
    detail: str
    bars: tuple[Bar, ...]
    ticks: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """Steps and devices against time, 0 to `length` s."""

    title: str
    caption: Statement
    groups: tuple[tuple[str, tuple[Lane, ...]], ...]
    length: float
    axis: str
    kind: Literal["timeline"] = "timeline"


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its 90 % interval at `at` s; None where nothing could be said."""

    at: float
    value: float | None
    low: float | None
    high: float | None
    quality: Literal["good", "doubtful", "bad"]
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant worth a line across a curve; `text` goes into the legend below."""

    at: float
    text: str
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Values of one observable over time; `onset` is the span (s) in which it began to rise, if known."""

    title: str
    axis_x: str
    axis_y: str
    legend: tuple[str, str, str, str]
    points: tuple[Point, ...]
    marks: tuple[Mark, ...]
    onset: tuple[float, float] | None
    onset_label: str
    y_range: tuple[float, float] | None
    statements: tuple[Statement, ...]
    kind: Literal["curve"] = "curve"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture with what is to be said below it."""

    blob: str
    heading: str
    caption: Statement
    position: int
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures at the moments that matter, and a strip of small ones evenly spread over all."""

    title: str
    shots: tuple[Shot, ...]
    strip_title: str
    strip: tuple[Shot, ...]
    note: Statement | None
    kind: Literal["pictures"] = "pictures"


Block = Prose | Facts | Table | Timeline | Curve | Pictures


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of the page; `key` is stable over languages."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it stands in the journal, in short form."""

    position: int
    time: str
    kind: str
    source: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Banner:
    """How the run ended and what kind of world it ran in."""

    outcome: str
    outcome_text: str
    tone: Tone
    world: World
    world_title: str
    world_text: str
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Notebook:
    """A whole page. `run` is the run's id ("" if the record does not tell).

    `check` says how many of its numbers were compared with the cited events, `checked` whether all agree.
    """

    language: str
    title: str
    run: str
    started: str
    banner: Banner
    glance: tuple[Fact, ...]
    sections: tuple[Section, ...]
    events: tuple[Entry, ...]
    check: str = ""
    checked: bool = False


def statements(notebook: Notebook) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Yield (section key, text, cited positions) of everything the page states; a table row is one text."""
    yield "banner", f"{notebook.banner.outcome_text} {notebook.banner.world_text}", notebook.banner.cites
    for fact in notebook.glance:
        yield "glance", f"{fact.value} {fact.detail}".strip(), fact.cites
    for section in notebook.sections:
        for block in section.blocks:
            for text, cites in _stated(block):
                yield section.key, text, cites


def _stated(block: Block) -> Iterator[tuple[str, tuple[int, ...]]]:
    match block:
        case Prose():
            yield from ((one.text, one.cites) for one in block.statements)
        case Facts():
            yield from ((fact.value, fact.cites) for fact in block.facts)
        case Table():
            yield from ((" | ".join(row.cells), row.cites) for row in (*block.rows, *block.all_rows))
        case Timeline():
            yield block.caption.text, block.caption.cites
            yield from (
                (bar.text, bar.cites) for _, lanes in block.groups for lane in lanes for bar in lane.bars
            )
        case Curve():
            yield from ((one.text, one.cites) for one in block.statements)
            yield from ((mark.text, mark.cites) for mark in block.marks)
        case Pictures():
            yield from ((shot.caption.text, shot.caption.cites) for shot in (*block.shots, *block.strip))
            if block.note is not None:
                yield block.note.text, block.note.cites
