"""A reader that is started anew on a journal sees everything again and records nothing twice; it inherits sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from labcore.model.event import Event, Noted, Observed, PluginEvent
from labcore.plugin.observer import Desk, Observer
from labcore.testing.audience import Audience, Line, holding, notes, perform

OUTPUTS = ("observed", "plugin")


class Counting(Observer):
    """Counts notes: what it says hangs on all it saw before."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.repeated: list[int] = []

    async def see(self, event: Event, desk: Desk) -> None:
        self.seen.append(event.position)
        if not isinstance(event.body, Noted):
            return
        if desk.known(event.position):
            self.repeated.append(event.position)
        count = sum(1 for _ in self.seen)
        await desk.observe("count", "notes", count, low=None, high=None, evidence=(event.position,))
        await desk.say("counted", 1, {"count": count, "list": (1, 2)})


def recorded(found: Audience) -> list[Observed | PluginEvent]:
    return [event.body for event in found.events if isinstance(event.body, Observed | PluginEvent)]


def rest_of(events: Sequence[Event]) -> list[Line]:
    """Return what the engine, not a reader, still has to write."""
    return [Line(event.body, event.source, event.device) for event in events if event.kind not in OUTPUTS]


@pytest.fixture(scope="module")
def whole() -> Audience:
    return perform({"counting": Counting()}, notes(4))


@pytest.mark.parametrize("cut", range(1, 15))
def test_nothing_twice_and_nothing_lost_wherever_it_was_cut(whole: Audience, cut: int) -> None:
    counting = Counting()
    assert len(whole.events) == 14
    before = whole.events[:cut]
    again = perform({"counting": counting}, rest_of(whole.events[cut:]), journal=holding(before))
    said, ids = recorded(again), {body.id for body in recorded(again)}
    assert len(said) == len(ids) == len(recorded(whole))
    assert [body.value for body in said if isinstance(body, Observed)] == [2, 3, 4, 5]
    assert counting.seen == [event.position for event in again.events if event.kind not in OUTPUTS]
    on_record = [event.body.evidence[0] for event in before if isinstance(event.body, Observed)]
    assert counting.repeated == on_record


def test_outputs_of_an_old_journal_without_ids_are_known_too(whole: Audience) -> None:
    old = [
        replace(event, body=replace(event.body, id=""))
        if isinstance(event.body, PluginEvent | Observed)
        else event
        for event in whole.events
    ]
    again = perform({"counting": Counting()}, (), journal=holding(old))
    assert len(again.events) == len(old)


def test_a_reader_of_another_name_knows_nothing_of_it(whole: Audience) -> None:
    other = Counting()
    again = perform({"other": other}, (), journal=holding(whole.events))
    assert other.repeated == []
    assert len(recorded(again)) == 2 * len(recorded(whole))


# ------------------------------------------------------------------------------------------------------- sources
class Resting(Observer):
    """Reports on given evidence at the end."""

    kinds = frozenset({"run_ended"})

    def __init__(self, *evidence: int) -> None:
        self.evidence = evidence

    async def see(self, event: Event, desk: Desk) -> None:
        await desk.observe("x", "vial", 1.0, low=None, high=None, evidence=self.evidence)


def bench(*simulated: bool) -> dict[str, Any]:
    return {f"device {n}": SimpleNamespace(simulated=one) for n, one in enumerate(simulated)}


@pytest.mark.parametrize(
    ("evidence", "devices", "source"),
    [
        ((1,), (True,), "simulated"),  # a rehearsal: real time, simulated devices
        ((2,), (True, False), "real"),
        ((1, 2), (True, False), "simulated"),  # rests on a simulated fact
        ((1, 2), (False,), "simulated"),
        ((0,), (True, False), "simulated"),  # labcore's own word: any simulated device counts
        ((), (True, False), "simulated"),
        ((99,), (False,), "real"),
        ((), (False,), "real"),
        ((3,), (False,), "simulated"),  # an observation of another observer passes it on
    ],
)
def test_an_observation_inherits_the_source_of_its_evidence(
    evidence: tuple[int, ...], devices: tuple[bool, ...], source: str
) -> None:
    begun, seen, end = notes(1)
    script = (
        begun,
        Line(seen.body, "simulated", "device 0"),
        Line(seen.body, "real", "device 1"),
        Line(Observed("y", "vial", 1.0, "", None, None, "good", "other", (1,)), "simulated"),
        end,
    )
    found = perform({"resting": Resting(*evidence)}, script, sessions=bench(*devices), simulated=False)
    mine = [
        event for event in found.events if isinstance(event.body, Observed) and event.body.by == "resting"
    ]
    assert [event.source for event in mine] == [source]
