"""What every section is built from, and the few phrases that several of them share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from labcore.model import event as ev
from labcore.model.event import Event
from labcore.model.interval import Interval
from labcore.ports import RunReader
from labcore_notebook.journal import Span, Story, read
from labcore_notebook.notebook import Prose, Statement
from labcore_notebook.numbers import clock, plain
from labcore_notebook.series import Rise, Series, Value, gather, rise
from labcore_notebook.vessels import Books, keep_books
from labcore_notebook.words import Words

TURBIDITY = "turbidity"


@dataclass(frozen=True)
class Page:
    """A run that has been read, and a language to write in."""

    story: Story
    words: Words
    books: Books

    @cached_property
    def series(self) -> list[Series]:
        """Every observable's values."""
        return gather(self.story)

    @cached_property
    def rises(self) -> dict[tuple[str, str], Rise]:
        """The rises found, of turbidities only: for nothing else is an onset declared."""
        found = {
            (one.observable, one.subject): rise(one) for one in self.series if one.observable == TURBIDITY
        }
        return {name: one for name, one in found.items() if one is not None}

    @cached_property
    def persons(self) -> frozenset[str]:
        """Names of the devices that are people: those that were asked to act."""
        asked = {
            one.device for one, body in self.story.of(ev.Asked) if body.ask in ("act", "picture", "measure")
        }
        operators = {
            name for name, driver in self.story.drivers.items() if driver.startswith(("operator", "person"))
        }
        return frozenset(operators | {name for name in asked if name})

    def plan_text(self, key: str) -> str:
        """Return a text of the plan ("name", "description"), "" if it has none."""
        value = self.story.plan.get(key)
        return value if isinstance(value, str) else ""

    def label(self, span: Span) -> str:
        """Say what a step does, in the language of the page where labcore named it."""
        return self.words.said("label", span.label) or self.words.word("verb", span.verb)

    def reason(self, text: str) -> str:
        """Say a reason, in the language of the page where labcore gave it."""
        return self.words.said("reason", text)

    def missing(self, key: str) -> Prose:
        """Say that something is not there; it rests on everything that was read."""
        return Prose((Statement(self.words(key), self.story.everything, "missing"),))

    def who(self, event: Event, by: str = "") -> str:
        """Say who did something: a person, a device or labcore, and whether it was simulated."""
        words = self.words
        name = event.device or by
        if not name:
            return words("who.labcore") if event.source == "labcore" else words("who.unknown")
        kind = "person" if name in self.persons else "device"
        key = f"{kind}_by" if kind == "person" and by not in ("", name) else kind
        if key == "person" and name in ("person", words("timeline.person")):
            key = "device"  # the name says it
        return words(f"who.{key}{'_simulated' if event.source == 'simulated' else ''}", name=name, by=by)

    def volume(self, volume: Interval) -> str:
        """Write mL with its interval."""
        return self.words.spread(volume.low, volume.mid, volume.high, "mL")

    def value(self, one: Value, series: Series) -> str:
        """Write an observed value with its 90 % interval and unit."""
        if one.body.value is None:
            return self.words("observation.no_value")
        low, high = one.bounds
        return self.words.spread(low, one.body.value, high, one.body.unit, series.places)

    def name_of(self, series: Series) -> str:
        """Write "turbidity of reactor"."""
        return self.words(
            "form.of", what=self.words.word("observable", series.observable), whom=series.subject
        )

    def when(self, value: float) -> str:
        """Write a time of the run."""
        return clock(value)


def open_page(reader: RunReader, language: str) -> Page:
    """Read a run for a page in `language`."""
    words, story = Words(language), read(reader)
    return Page(story, words, keep_books(story, reader))


def quantity(value: Any) -> str:
    """Write an argument or an answer: a quantity as data, text, or a number."""
    if isinstance(value, Mapping) and "value" in value and "unit" in value:
        return f"{plain(float(value['value']))}\N{NO-BREAK SPACE}{value['unit']}".rstrip("\N{NO-BREAK SPACE}")
    if isinstance(value, bool) or value is None:
        return "–" if value is None else str(value).lower()
    if isinstance(value, int | float):
        return plain(float(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {quantity(one)}" for name, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(quantity(one) for one in value)
    return str(value)
