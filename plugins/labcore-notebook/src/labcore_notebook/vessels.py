"""What every vessel holds and what each act moved, with the events that say so; the rules are those of the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labcore.model import event as ev
from labcore.model.effect import Placement, Transfer
from labcore.model.event import Event
from labcore.model.interval import Interval
from labcore.model.vessel import VesselState
from labcore.ports import RunReader
from labcore_notebook.journal import Done, Story, cited


@dataclass(frozen=True, slots=True)
class Delivery:
    """Liquid that an act moved. `parts` in mL by material; `volume` is their total, mL."""

    act: Done
    move: Transfer
    volume: Interval
    parts: Mapping[str, Interval]


@dataclass(slots=True)
class Books:
    """The vessels at the end and how it came about; `cites` names the events that a vessel's state rests on."""

    vessels: Mapping[str, VesselState] = field(default_factory=dict)
    cites: dict[str, set[int]] = field(default_factory=dict)
    stated: dict[str, tuple[Event, ev.VesselStated]] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    by_act: dict[int, Delivery] = field(default_factory=dict)

    def of_act(self, act: Done) -> Delivery | None:
        """Return what an act moved, None if it moves no liquid."""
        return self.by_act.get(act.intent.position)


def keep_books(story: Story, reader: RunReader) -> Books:
    """Go through vessel statements, settlements and measured volumes in the order of the journal, then acts without settlement."""
    books = Books()
    settled = {act.settled.position: act for act in story.acts if act.settled is not None}
    for event in story.events:
        if isinstance(event.body, ev.VesselStated):
            books.stated.setdefault(event.body.vessel, (event, event.body))
            books.cites[event.body.vessel] = {event.position}
        elif isinstance(event.body, ev.VolumeNarrowed):
            books.cites.setdefault(event.body.vessel, set()).update(cited(event), event.body.evidence)
        elif event.position in settled:
            _enter(books, settled[event.position], reader.state_at(event.position - 1).vessels)
    last = story.events[-1].position if story.events else -1
    for act in story.acts:
        if act.settled is None:
            _enter(books, act, reader.state_at(last).vessels)
    books.vessels = reader.state_at(last, widened=True).vessels  # what may have happened widens what is known
    return books


def _enter(books: Books, act: Done, before: Mapping[str, VesselState]) -> None:
    """Note what an act moved and which vessels' states now rest on it."""
    for effect in act.asked.effects:
        if isinstance(effect, Transfer):
            books.by_act[act.intent.position] = delivery = _delivery(act, effect, before)
            books.deliveries.append(delivery)
            source = books.cites.setdefault(effect.source, set())
            source.update(act.cites)
            books.cites.setdefault(effect.target, set()).update(act.cites, source)
        elif isinstance(effect, Placement) and _status(act) != "not_started":
            books.cites.setdefault(effect.vessel, set()).update(act.cites)


def _delivery(act: Done, move: Transfer, before: Mapping[str, VesselState]) -> Delivery:
    volume = move.moved(_status(act), act.outcome.amount if act.outcome else None)
    source = before.get(move.source)
    return Delivery(act, move, volume, source.drawn(volume) if source is not None else {"": volume})


def _status(act: Done) -> str:
    return act.outcome.status if act.outcome is not None else "unknown"
