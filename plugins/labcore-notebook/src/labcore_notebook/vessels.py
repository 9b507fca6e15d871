"""What every vessel holds, folded from the events as intervals in mL by the ledger's rules.

Volumes are taken as additive; what leaves a mixture has the mixture's composition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labcore.model import event as ev
from labcore.model.effect import Placement, Transfer
from labcore.model.event import Event
from labcore.model.interval import Interval
from labcore_notebook.journal import Done, Story

NOTHING = Interval(0.0, 0.0, 0.0)


@dataclass(slots=True)
class Vessel:
    """One vessel as last known. `contents` in mL by material; `place` None: not known."""

    labware: str
    place: str | None
    contents: dict[str, Interval]
    cites: set[int] = field(default_factory=set)

    @property
    def volume(self) -> Interval:
        """Total volume, mL."""
        total = NOTHING
        for amount in self.contents.values():
            total = total + amount
        return total


@dataclass(frozen=True, slots=True)
class Delivery:
    """Liquid that an act moved. `parts` in mL by material; `volume` is their total, mL."""

    act: Done
    move: Transfer
    volume: Interval
    parts: Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class Books:
    """The state at the end and how it came about."""

    vessels: Mapping[str, Vessel]
    stated: Mapping[str, tuple[Event, ev.VesselStated]]
    deliveries: tuple[Delivery, ...]
    by_act: Mapping[int, Delivery]

    def of_act(self, act: Done) -> Delivery | None:
        """Return what an act moved, None if it moves no liquid or is not settled."""
        return self.by_act.get(act.intent.position)


def keep_books(story: Story) -> Books:
    """Fold vessel statements and settlements in the order of the journal, then acts without settlement."""
    vessels: dict[str, Vessel] = {}
    stated: dict[str, tuple[Event, ev.VesselStated]] = {}
    deliveries: list[Delivery] = []
    by_settlement = {act.settled.position: act for act in story.acts if act.settled is not None}
    for event in story.events:
        if isinstance(event.body, ev.VesselStated):
            stated.setdefault(event.body.vessel, (event, event.body))
            vessels[event.body.vessel] = _as_stated(event, event.body)
        elif event.position in by_settlement:
            deliveries += _apply(vessels, by_settlement[event.position])
    for act in story.acts:
        if act.settled is None:  # what may have happened widens what is known
            deliveries += _apply(vessels, act)
    return Books(vessels, stated, tuple(deliveries), {one.act.intent.position: one for one in deliveries})


def moved(act: Done, move: Transfer) -> Interval:
    """Return the mL that moved: as reported; else all if done, none if not started, else up to all."""
    outcome = act.outcome
    if outcome is not None and outcome.status == "not_started":
        return NOTHING
    if outcome is not None and outcome.amount is not None:
        return outcome.amount
    if outcome is not None and outcome.status == "done":
        return move.volume
    return Interval(0.0, move.volume.high / 2, move.volume.high)


def _as_stated(event: Event, body: ev.VesselStated) -> Vessel:
    return Vessel(body.labware, body.place, dict(body.contents), {event.position})


def _apply(vessels: dict[str, Vessel], act: Done) -> list[Delivery]:
    found: list[Delivery] = []
    for effect in act.asked.effects:
        if isinstance(effect, Transfer):
            found.append(_pour(vessels, act, effect))
        elif isinstance(effect, Placement) and effect.vessel in vessels:
            _put(vessels[effect.vessel], act, effect)
    return found


def _put(vessel: Vessel, act: Done, effect: Placement) -> None:
    status = act.outcome.status if act.outcome else "unknown"
    if status != "not_started":
        vessel.place = effect.place if status == "done" else None
        vessel.cites.update(act.cites)


def _pour(vessels: dict[str, Vessel], act: Done, move: Transfer) -> Delivery:
    volume = moved(act, move)
    source, target = vessels.get(move.source), vessels.get(move.target)
    parts = _parts(source.contents if source else {}, volume)
    if source is not None:
        source.contents = {
            name: _less(have, parts.get(name, NOTHING)) for name, have in source.contents.items()
        }
        source.cites.update(act.cites)
    if target is not None:
        for name, amount in parts.items():
            target.contents[name] = target.contents.get(name, NOTHING) + amount
        target.cites.update(act.cites, source.cites if source is not None else ())
    return Delivery(act, move, volume, parts)


def _parts(contents: Mapping[str, Interval], volume: Interval) -> dict[str, Interval]:
    if len(contents) <= 1:
        return {next(iter(contents), ""): volume}
    return {name: _portion(volume, _share(contents, name)) for name in contents}


def _share(contents: Mapping[str, Interval], name: str) -> Interval:
    """Return the fraction of one material in a mixture, from the least to the most it can be."""
    amount = contents[name]
    others = [other for key, other in contents.items() if key != name]
    least = _ratio(amount.low, sum(one.high for one in others))
    middle = _ratio(amount.mid, sum(one.mid for one in others))
    return Interval(least, middle, _ratio(amount.high, sum(one.low for one in others)))


def _ratio(part: float, rest: float) -> float:
    return part / (part + rest) if part + rest > 0 else 0.0


def _portion(volume: Interval, share: Interval) -> Interval:
    return Interval(volume.low * share.low, volume.mid * share.mid, volume.high * share.high)


def _less(have: Interval, taken: Interval) -> Interval:
    low, mid, high = have.low - taken.high, have.mid - taken.mid, have.high - taken.low
    return Interval(max(0.0, low), max(0.0, mid), max(0.0, high))
