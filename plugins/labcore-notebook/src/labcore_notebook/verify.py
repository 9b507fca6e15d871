"""Check every number of a page against the events that its statement cites, and nothing else.

A number is supported if it stands in a cited event, or follows from the cited events alone by a rule of the page:
a count, a stretch of time, an amount that a cited settlement moved, what a vessel holds if every event that its state
rests on is cited, an amount of solute, the levels of an onset.
Values are compared to the last digit written; two numbers of one event that change places are not noticed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from labcore.model import event as ev
from labcore.model.event import Event
from labcore.ports import RunReader, RunView
from labcore_notebook.journal import Story, read
from labcore_notebook.notebook import Notebook, statements
from labcore_notebook.numbers import MINUS, wall
from labcore_notebook.page import Page
from labcore_notebook.sections.deviations import deviations
from labcore_notebook.sections.materials import concentration
from labcore_notebook.series import BASELINE, FEWEST, PLATEAU
from labcore_notebook.vessels import Books, keep_books
from labcore_notebook.words import Words

NUMBER = re.compile(rf"\d+:\d\d:\d\d|{MINUS}?\d+(?:\.\d+)?(?:e[+{MINUS}]?\d+)?")
FIXED = ("90 %", "90\N{NO-BREAK SPACE}%")
RULES = (float(BASELINE), float(PLATEAU), float(FEWEST))
FEW = 40  # cited events up to which any two may span a stretch of time


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A number that its statement's cited events do not give."""

    section: str
    text: str
    number: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many numbers were compared, and those that did not agree."""

    numbers: int
    unsupported: tuple[Unsupported, ...]


class _Record:
    """A run, read once, and what each of its events gives, worked out once: many statements cite the same."""

    def __init__(self, reader: RunReader) -> None:
        self.reader = reader
        self.header, self.plan = reader.header, reader.plan()
        self.events = {event.position: event for event in reader.events()}
        self._texts: dict[int, tuple[str, ...]] = {}
        self._numbers: dict[int, tuple[float, ...]] = {}

    def texts(self, lines: Iterable[Event]) -> Iterator[str]:
        """Yield the texts of events."""
        for event in lines:
            if event.position not in self._texts:
                self._texts[event.position] = tuple(dict.fromkeys(_event_texts(event)))
            yield from self._texts[event.position]

    def numbers(self, lines: Iterable[Event]) -> Iterator[float]:
        """Yield the numbers of events, those written as texts included."""
        for event in lines:
            if event.position not in self._numbers:
                written = (float(one) for one in self.texts([event]) if one.isdecimal() and len(one) < 16)
                self._numbers[event.position] = (*_leaves(event.body), *written)
            yield from self._numbers[event.position]


@dataclass(frozen=True, slots=True)
class _Cited:
    """A reader that knows only the cited events."""

    record: _Record
    lines: tuple[Event, ...]

    @property
    def header(self) -> Mapping[str, Any]:
        return self.record.header

    def events(self, after: int = -1) -> Sequence[Event]:
        return self.lines

    def state_at(self, position: int, *, widened: bool = False) -> RunView:
        return self.record.reader.state_at(position, widened=widened)

    def blob(self, digest: str) -> bytes:
        return self.record.reader.blob(digest)

    def plan(self) -> Mapping[str, Any]:
        return self.record.plan


def verify(notebook: Notebook, reader: RunReader) -> Verdict:
    """Compare all numbers of the page with the record."""
    record = _Record(reader)
    planned = tuple(_leaves(record.plan.get("materials")))
    strengths = tuple(_strengths(record.plan))
    general = {one for one in (*_texts((record.header, record.plan)), *FIXED) if _mixed(one)}
    books = keep_books(read(reader), reader)
    count, wrong = 0, []
    for section, text, cites in statements(notebook):
        if not NUMBER.search(text):
            continue
        lines = tuple(record.events[position] for position in cites if position in record.events)
        found = _numbers(text, record.texts(lines), general)
        if not found:
            continue
        story = read(_Cited(record, lines))
        derived = (*_values(story, strengths, books), *_found(section, story, books))
        times, values = sorted(_times(story)), sorted((*planned, *record.numbers(lines), *derived))
        count += len(found)
        wrong += [
            Unsupported(section, text, number)
            for number in found
            if not _given(number, times if ":" in number else values)
        ]
    return Verdict(count, tuple(wrong))


def _numbers(text: str, cited: Iterable[str], general: Iterable[str]) -> list[str]:
    """Return the numbers of a text without those inside names and words that the record itself holds."""
    literals = {one for one in (*general, *cited) if one in text and _mixed(one)}
    for literal in sorted(literals, key=len, reverse=True):
        text = text.replace(literal, " ")
    return NUMBER.findall(text)


def _mixed(text: str) -> bool:
    return any(char.isdigit() for char in text) and not text.isdigit()


def _given(number: str, allowed: Sequence[float]) -> bool:
    value, slack = _read(number)
    index = bisect_left(allowed, value - slack)
    return index < len(allowed) and allowed[index] <= value + slack


def _read(number: str) -> tuple[float, float]:
    """Return a written number's value and half of its last digit."""
    if ":" in number:
        hours, minutes, seconds = (int(part) for part in number.split(":"))
        return hours * 3600.0 + minutes * 60.0 + seconds, 0.5 + 1e-6
    plain = number.replace(MINUS, "-")
    digits = plain.partition("e")[0].partition(".")[2]
    exponent = int(plain.partition("e")[2] or 0)
    return float(plain), 0.5 * 10.0 ** (exponent - len(digits)) * (1 + 1e-6) + abs(float(plain)) * 1e-6


# --------------------------------------------------------------------------------------- what events give
def _values(story: Story, strengths: Sequence[float], books: Books) -> Iterator[float]:
    yield from RULES
    yield from _gaps(story)
    yield from _counts(story)
    yield from _levels(story)
    for amount in _amounts(story, books):
        yield amount
        yield from (amount * strength for strength in strengths)


def _found(section: str, story: Story, books: Books) -> tuple[float, ...]:
    """Return the number of deviations among the cited events, which only the head of the page states."""
    return (float(len(deviations(Page(story, Words("en"), books)))),) if section == "glance" else ()


def _leaves(value: Any) -> Iterator[float]:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if isinstance(value, int | float):
        yield float(value)
        yield abs(float(value))
    elif is_dataclass(value):
        yield from (one for part in fields(value) for one in _leaves(getattr(value, part.name)))
    elif isinstance(value, Mapping):
        yield from (one for part in value.values() for one in _leaves(part))
    elif isinstance(value, Iterable):
        yield from (one for part in value for one in _leaves(part))


def _times(story: Story) -> Iterator[float]:
    times = sorted(event.at for event in story.events)
    yield from times
    if len(times) <= FEW:
        yield from (later - earlier for index, earlier in enumerate(times) for later in times[index + 1 :])
    yield from (body.first_due for _, body in story.of(ev.RoundsMissed))
    yield from _gaps(story)


def _gaps(story: Story) -> Iterator[float]:
    shots = [event.at for event in story.events if isinstance(event.body, ev.ImageTaken)]
    if len(shots) > 1:
        yield median(later - earlier for earlier, later in pairwise(shots))


def _counts(story: Story) -> Iterator[float]:
    kinds = [event.kind for event in story.events]
    qualities = [event.body.quality for event in story.events if isinstance(event.body, ev.Observed)]
    yield from (float(kinds.count(kind)) for kind in set(kinds))
    yield from (float(qualities.count(quality)) for quality in ("good", "doubtful", "bad"))
    yield float(len(kinds))


def _levels(story: Story) -> Iterator[float]:
    """Yield the levels that the onset rule names, from the first and the last cited values."""
    seen = [(story.seen_at(event), body) for event, body in story.of(ev.Observed) if body.quality == "good"]
    values = [body for _, body in sorted(seen, key=lambda one: one[0]) if body.value is not None]
    if len(values) >= BASELINE:
        yield max(body.high if body.high is not None else body.value or 0.0 for body in values[:BASELINE])
        first, last = (
            [body.value or 0.0 for body in part] for part in (values[:BASELINE], values[-PLATEAU:])
        )
        yield (median(first) + median(last)) / 2


def _amounts(story: Story, books: Books) -> Iterator[float]:
    """Yield what the cited events made vessels hold, what they moved, and the sums of that by material and target."""
    cited = {event.position for event in story.events}
    for name, vessel in books.vessels.items():
        if books.cites[name] <= cited:
            yield from _leaves([vessel.volume, list(vessel.contents.values()), vessel.lost])
    totals: dict[tuple[str, str], list[float]] = {}
    for act in story.acts:
        one = books.of_act(act)
        if one is None:
            continue
        yield from _leaves(one.volume)
        for name, part in one.parts.items():
            total = totals.setdefault((name, one.move.target), [0.0, 0.0, 0.0])
            for index, value in enumerate((part.low, part.mid, part.high)):
                total[index] += value
    yield from (value for total in totals.values() for value in total)


def _strengths(plan: Mapping[str, Any]) -> Iterator[float]:
    """Yield the plan's nominal concentrations, mmol/mL."""
    materials = plan.get("materials")
    for one in materials.values() if isinstance(materials, Mapping) else ():
        strength = concentration(one)
        if strength is not None:
            yield strength.in_("mol/L")


def _event_texts(event: Event) -> Iterator[str]:
    yield from (one for one in (event.step, event.device, wall(event.wall)) if one)
    yield from _texts(event.body)
    yield from (f"e{position}" for position in getattr(event.body, "evidence", ()))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield value[:16]
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (one for part in fields(value) for one in _texts(getattr(value, part.name)))
    elif isinstance(value, Mapping):
        yield from (one for key, part in value.items() for one in (*_texts(key), *_texts(part)))
    elif isinstance(value, tuple | list):
        yield from (one for part in value for one in _texts(part))
