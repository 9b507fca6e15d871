"""Read a run once and lay out what belongs together: intents with settlements, pictures with values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from labcore.model import event as ev
from labcore.model.event import Event
from labcore.model.ids import order
from labcore.ports import RunReader

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Done:
    """An act: its intent and, if there is one, its settlement; `recovered` if that came in a recovery."""

    intent: Event
    settled: Event | None
    recovered: bool = False

    @property
    def asked(self) -> ev.Intended:
        """What was intended."""
        assert isinstance(self.intent.body, ev.Intended)
        return self.intent.body

    @property
    def outcome(self) -> ev.Settled | None:
        """What became of it, None if the record does not say."""
        body = self.settled.body if self.settled else None
        return body if isinstance(body, ev.Settled) else None

    @property
    def told_by(self) -> str:
        """Who said in a recovery what became of it, "" if the device itself did or there was none."""
        by = self.outcome.by if self.outcome is not None and self.recovered else ""
        return "" if by == self.intent.device else by

    @property
    def cites(self) -> tuple[int, ...]:
        """The events it rests on."""
        return cited(self.intent, self.settled)


@dataclass(frozen=True, slots=True)
class Span:
    """A step from its start to its end, if it ended."""

    key: str
    started: Event
    ended: Event | None

    @property
    def verb(self) -> str:
        """The step's verb."""
        return self.started.body.verb if isinstance(self.started.body, ev.StepStarted) else ""

    @property
    def label(self) -> str:
        """What the step does, in a few words."""
        return self.started.body.label if isinstance(self.started.body, ev.StepStarted) else ""

    @property
    def cites(self) -> tuple[int, ...]:
        """Its start and its end."""
        return cited(self.started, self.ended)


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture and the observations that rest on it."""

    event: Event
    body: ev.ImageTaken
    values: tuple[Event, ...]

    @property
    def cites(self) -> tuple[int, ...]:
        """The picture and what was seen on it."""
        return cited(self.event, *self.values)


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a person with its end: an answer, a withdrawal, or nothing."""

    event: Event
    body: ev.Asked
    end: Event | None


@dataclass(frozen=True, slots=True)
class Story:
    """A run, read. `end` is the time (s) of its last event."""

    header: Mapping[str, Any]
    plan: Mapping[str, Any]
    events: Sequence[Event]
    acts: tuple[Done, ...]
    steps: tuple[Span, ...]
    pictures: tuple[Picture, ...]
    questions: tuple[Question, ...]
    drivers: Mapping[str, str]
    start: Event | None
    finish: Event | None
    end: float
    at: Mapping[int, float] = field(default_factory=dict)

    def of(self, kind: type[B]) -> list[tuple[Event, B]]:
        """Return the events whose body is of a kind, with their bodies."""
        return [(event, event.body) for event in self.events if isinstance(event.body, kind)]

    @property
    def everything(self) -> tuple[int, ...]:
        """All positions: what an absence rests on."""
        return tuple(event.position for event in self.events)

    @property
    def opening(self) -> tuple[int, ...]:
        """The event that opened the run, which fixes plan, lab and parameters by digest."""
        return cited(self.start) if self.start is not None else self.everything

    def seen_at(self, event: Event) -> float:
        """Return when what an observation rests on was seen, s: its evidence's time, else its own."""
        body = event.body
        times = (
            [self.at[one] for one in body.evidence if one in self.at] if isinstance(body, ev.Observed) else []
        )
        return min(times, default=event.at)


def cited(*events: Event | None) -> tuple[int, ...]:
    """Return the positions of the events that exist, in order, each once."""
    return tuple(sorted({event.position for event in events if event is not None}))


def read(reader: RunReader) -> Story:
    """Read everything a run's record holds."""
    events = tuple(reader.events())
    start = next((one for one in events if isinstance(one.body, ev.RunStarted)), None)
    finish = next((one for one in reversed(events) if isinstance(one.body, ev.RunEnded)), None)
    return Story(
        header=reader.header,
        plan=reader.plan(),
        events=events,
        acts=_acts(events),
        steps=_steps(events),
        pictures=_pictures(events),
        questions=_questions(events),
        drivers=_drivers(events),
        start=start,
        finish=finish,
        end=finish.at if finish else max((one.at for one in events), default=0.0),
        at={event.position: event.at for event in events},
    )


def _acts(events: Sequence[Event]) -> tuple[Done, ...]:
    settled = {one.body.act: one for one in events if isinstance(one.body, ev.Settled)}
    begun = [one.position for one in events if isinstance(one.body, ev.RecoveryBegun)]

    def done(intent: Event, end: Event | None) -> Done:
        until = end.position if end is not None else -1
        return Done(intent, end, any(intent.position < one < until for one in begun))

    return tuple(done(one, settled.get(one.body.act)) for one in events if isinstance(one.body, ev.Intended))


def _steps(events: Sequence[Event]) -> tuple[Span, ...]:
    """Pair starts with ends; a retried step has several spans of one key."""
    found: list[Span] = []
    open_at: dict[str, int] = {}
    for event in events:
        if isinstance(event.body, ev.StepStarted) and event.step:
            open_at[event.step] = len(found)
            found.append(Span(event.step, event, None))
        elif isinstance(event.body, ev.StepEnded) and event.step in open_at:
            index = open_at.pop(event.step)
            found[index] = Span(event.step, found[index].started, event)
    return tuple(found)


def _pictures(events: Sequence[Event]) -> tuple[Picture, ...]:
    values: dict[int, list[Event]] = {}
    for event in events:
        if isinstance(event.body, ev.Observed):
            for position in event.body.evidence:
                values.setdefault(position, []).append(event)
    return tuple(
        Picture(one, one.body, tuple(values.get(one.position, ())))
        for one in events
        if isinstance(one.body, ev.ImageTaken)
    )


def _questions(events: Sequence[Event]) -> tuple[Question, ...]:
    ends: dict[str, Event] = {}
    for event in events:
        if isinstance(event.body, ev.Answered | ev.Withdrawn):
            ends.setdefault(event.body.question, event)
    return tuple(
        Question(one, one.body, ends.get(one.body.question))
        for one in events
        if isinstance(one.body, ev.Asked)
    )


def _drivers(events: Sequence[Event]) -> dict[str, str]:
    return {
        one.device: one.body.driver
        for one in events
        if isinstance(one.body, ev.DeviceConnected) and one.device
    }


def top_level(steps: Iterable[Span]) -> list[Span]:
    """Return the steps that stand directly in the protocol or its `finally`, in the order of the text."""
    found = [one for one in steps if "#" not in one.key and one.key.replace("finally.", "").isdigit()]
    return sorted(found, key=lambda one: (order(one.key), one.started.position))


def repetition(key: str) -> str:
    """Return the key of the outermost repetition a step belongs to ("4#7.1" is of "4"), or its own key."""
    return key.split("#", 1)[0]
