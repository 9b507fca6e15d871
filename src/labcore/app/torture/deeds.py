"""Every act of a run that moves matter or vessels, beside what the world's record says it did."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labcore.app.torture.knife import Marks
from labcore.app.torture.world import MATTER, Fact
from labcore.model.effect import Placement, Transfer
from labcore.model.event import Event, Intended, Settled
from labcore.state.settling import only_sets_outputs

A_TRACE = 1e-6  # mL


@dataclass(slots=True)
class Deed:
    """One intended act. `opened` and `closed` are sizes of the world's record; what lies between is its doing."""

    intent: Intended
    step: str
    device: str
    position: int
    opened: int
    closed: int | None = None
    settled: Settled | None = None
    drawn: float = 0.0
    poured: float = 0.0
    put: list[str] = field(default_factory=list)
    lifted: int = 0

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two intents the same act of the protocol: the step, the method and its arguments."""
        arguments = json.dumps(self.intent.arguments, sort_keys=True, default=str)
        return self.step, self.intent.method, arguments

    @property
    def status(self) -> str:
        """How it is settled; "" if it is not."""
        return self.settled.status if self.settled is not None else ""

    @property
    def asked(self) -> float:
        """The mL it was to move at most, by all its transfers."""
        return sum(one.volume.high for one in self.transfers)

    @property
    def transfers(self) -> list[Transfer]:
        """What it was to pour."""
        return [one for one in self.intent.effects if isinstance(one, Transfer)]

    @property
    def placements(self) -> list[Placement]:
        """What it was to set down."""
        return [one for one in self.intent.effects if isinstance(one, Placement)]

    @property
    def happened(self) -> bool:
        """Say whether the world shows any trace of it."""
        return self.drawn > A_TRACE or self.poured > A_TRACE or bool(self.put) or self.lifted > 0

    @property
    def arrived(self) -> bool:
        """Say whether the world shows that something reached where it was to go."""
        return self.poured > A_TRACE or bool(self.put)

    def is_about(self, fact: Fact) -> bool:
        """Say whether a line of the record may be its doing."""
        if fact.act == "draw":
            return any(one.source == fact.vessel for one in self.transfers)
        if fact.act == "pour":
            return any(one.target == fact.vessel for one in self.transfers)
        return any(one.vessel == fact.vessel for one in self.placements)

    def take(self, fact: Fact) -> None:
        """Count a line of the record as its doing."""
        if fact.act == "draw":
            self.drawn += float(fact.data["got_ml"])
        elif fact.act == "pour":
            self.poured += float(fact.data["accepted_ml"]) + float(fact.data.get("spilled_ml", 0.0))
        elif fact.act == "lift":
            self.lifted += 1
        else:
            self.put.append(str(fact.data["place"]))


def deeds(
    events: Sequence[Event], marks: Sequence[Marks], record: Sequence[Fact]
) -> tuple[list[Deed], list[Fact]]:
    """Return the acts of a run with their doings, and what happened without any of them."""
    found = _intended(events, marks)
    loose = [fact for fact in record if fact.act in MATTER and not _given(found, fact)]
    return found, loose


def _intended(events: Sequence[Event], marks: Sequence[Marks]) -> list[Deed]:
    opened: dict[str, int] = {}
    closed: dict[str, int] = {}
    for number, one in enumerate(marks):
        opened |= one.sizes("opened")
        closed |= one.sizes("closed")
        for act in opened:  # a process that died did nothing any more: what it left open ends with it
            if act not in closed and number + 1 < len(marks):
                closed[act] = marks[number + 1].world_at_start
    ends = {event.body.act: event.body for event in events if isinstance(event.body, Settled)}
    return [
        Deed(
            event.body, event.step or "", event.device or "", event.position, opened.get(event.body.act, 0),
            closed.get(event.body.act), ends.get(event.body.act),
        )
        for event in events
        if isinstance(event.body, Intended) and not only_sets_outputs(event.body)
    ]  # fmt: skip


def _given(found: Sequence[Deed], fact: Fact) -> bool:
    """Give a line of the record to the act that was at work, or else to the last one that may still have been."""
    about = [one for one in found if one.opened <= fact.offset and one.is_about(fact)]
    at_work = [one for one in about if one.closed is None or fact.offset < one.closed]
    late = [one for one in about if one.status in ("unknown", "partly")]
    if not (at_work or late):
        return False
    (at_work or late)[-1].take(fact)
    return True


def by_identity(found: Sequence[Deed]) -> Mapping[tuple[str, str, str], list[Deed]]:
    """Return the intents of each act of the protocol."""
    groups: dict[tuple[str, str, str], list[Deed]] = {}
    for one in found:
        groups.setdefault(one.identity, []).append(one)
    return groups
