"""The verdict over one trial: the journal against the world's own record. A finding is a sentence; none is a pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from labcore.app.torture.deeds import Deed, by_identity, deeds
from labcore.app.torture.knife import Marks
from labcore.app.torture.world import Fact, Truth, left_on
from labcore.model.event import Event, StepEnded
from labcore.model.ids import in_clean_up
from labcore.model.plan import Plan, Step, node_at
from labcore.state.run_state import RunState

CLOSE = 0.03  # relative, what a dose may differ from what was asked and still be that dose
LEAST = 0.02  # mL
ROUNDING = 1e-3  # mL; the ledger and the world add up in different orders


@dataclass(slots=True)
class Verdict:
    """What was counted and found in one trial."""

    issued: int = 0
    unknown: int = 0
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    ledger: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def findings(self) -> list[str]:
        """Everything that must not be."""
        return [*self.doubled, *self.lost, *self.ledger, *self.other]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is to judge by."""

    plan: Plan
    events: Sequence[Event]
    state: RunState
    marks: Sequence[Marks]
    record: Sequence[Fact]
    truths: Mapping[str, Truth]
    wanted: frozenset[tuple[str, str, str]] = frozenset()  # acts of the undisturbed run
    unrecorded: frozenset[str] = frozenset()  # devices whose simulators keep no record


def judge(evidence: Evidence) -> Verdict:
    """Return the verdict."""
    found, loose = deeds(evidence.events, evidence.marks, evidence.record)
    seen = [one for one in found if one.device not in evidence.unrecorded]
    verdict = Verdict(sum(one.happened for one in seen), sum(one.status == "unknown" for one in found))
    verdict.doubled += [
        *_done_twice(seen, evidence.plan),
        *_too_much(seen),
        *_without_intent(loose, evidence.plan),
    ]
    verdict.lost += [
        *_not_done(seen),
        *_missing(found, evidence),
        *_acknowledged(evidence),
        *_holes(evidence.events),
    ]
    verdict.ledger += ledger_findings(
        evidence.state, evidence.truths, bool(evidence.unrecorded) and not evidence.record
    )
    verdict.other += [
        *_denied(seen),
        *_clean_up_twice(evidence.events),
        *_still_on(evidence),
        *_open(evidence.state),
    ]
    return verdict


# ------------------------------------------------------------------------------------------ twice
def _done_twice(found: Sequence[Deed], plan: Plan) -> Iterable[str]:
    for (step, method, _), same in by_identity(found).items():
        times = [one for one in same if one.arrived]
        node = node_at(plan.root, step)
        if len(times) > 1 and not (isinstance(node, Step) and node.repeat_allowed):
            acts = ", ".join(one.intent.act for one in times)
            yield f"step {step}: {method} was done {len(times)} times ({acts})"


def _too_much(found: Sequence[Deed]) -> Iterable[str]:
    for one in found:
        if one.transfers and one.poured > one.asked * (1 + CLOSE) + LEAST:
            yield f"{one.intent.act} of step {one.step}: {one.poured:.3f} mL came where {one.asked:.3f} mL were asked for"
        if len(one.put) > len(one.placements):
            yield f"{one.intent.act} of step {one.step}: set down {len(one.put)} times"


def _without_intent(loose: Sequence[Fact], plan: Plan) -> Iterable[str]:
    for fact in loose:
        if not (fact.act == "pour" and fact.vessel == plan.lab.waste):  # a syringe emptied into the waste
            yield f"the world saw {fact.act} {fact.vessel} that no act of the journal stands for"


# ------------------------------------------------------------------------------------------ lost
def _not_done(found: Sequence[Deed]) -> Iterable[str]:
    for one in found:
        if one.status != "done":
            continue
        low = sum(move.volume.low for move in one.transfers)
        if one.transfers and one.poured < low * (1 - CLOSE) - LEAST:
            yield f"{one.intent.act} of step {one.step} counts as done, but {one.poured:.3f} mL arrived of {low:.3f} mL"
        if one.placements and not one.put:
            yield f"{one.intent.act} of step {one.step} counts as done, but nothing was set down"


def _missing(found: Sequence[Deed], evidence: Evidence) -> Iterable[str]:
    """Acts of the undisturbed run that a run which ended as done never began, and no step was given up."""
    if evidence.state.outcome != "done":
        return
    given_up = {
        event.step
        for event in evidence.events
        if isinstance(event.body, StepEnded) and event.body.outcome != "done"
    }
    there = {one.identity for one in found}
    for step, method, arguments in sorted(evidence.wanted - there):
        depends = any(part in step for part in ("#", "then", "else")) or step in given_up
        if not depends and not any(one.identity[:2] == (step, method) for one in found):
            yield f"step {step}: {method} {arguments} was never done"


def _acknowledged(evidence: Evidence) -> Iterable[str]:
    last = evidence.events[-1].position if evidence.events else -1
    for number, one in enumerate(evidence.marks):
        if one.acknowledged > last:
            yield f"process {number + 1} was told that event {one.acknowledged} is kept; the journal ends at {last}"


def _holes(events: Sequence[Event]) -> Iterable[str]:
    gaps = [number for number, event in enumerate(events) if event.position != number]
    if gaps:
        yield f"the journal has a hole before position {events[gaps[0]].position}"


# ------------------------------------------------------------------------------------------ the rest
def ledger_findings(state: RunState, truths: Mapping[str, Truth], blind: bool = False) -> list[str]:
    """Return the vessels whose true volume or place contradicts the ledger."""
    found = []
    for name, vessel in state.ledger.vessels.items():
        truth = truths.get(name)
        if truth is None or blind:
            continue
        held = vessel.volume
        if not held.low - ROUNDING <= truth.volume <= held.high + ROUNDING:
            found.append(
                f"{name} really holds {truth.volume:.3f} mL, the ledger says {held.low:.3f} to {held.high:.3f} mL"
            )
        if vessel.place is not None and truth.place != vessel.place and truth.place is not None:
            found.append(f"{name} really stands at {truth.place}, the ledger says {vessel.place}")
    return found


def _denied(found: Sequence[Deed]) -> Iterable[str]:
    for one in found:
        if one.status == "not_started" and one.happened:
            yield f"{one.intent.act} of step {one.step} counts as not started, but the world saw it"


def _clean_up_twice(events: Sequence[Event]) -> Iterable[str]:
    begun = [
        event.step or "" for event in events if event.kind == "step_started" and in_clean_up(event.step or "")
    ]
    for step in sorted({step for step in begun if begun.count(step) > 1}):
        yield f"clean-up step {step} was begun {begun.count(step)} times"


def _still_on(evidence: Evidence) -> Iterable[str]:
    plan = evidence.plan
    leave = {plan.aliases.get(name, name) for name in plan.leave_on}
    for (device, output), one in evidence.state.outputs.items():
        if plan.aliases.get(device, device) not in leave:
            yield f"{device}: {output} is still at {one.value:g} {one.unit} by the journal"
    for (place, output), value in left_on(list(evidence.record)).items():
        entry = plan.lab.positions.get(place)
        station = plan.aliases.get(entry.station or "", "") if entry is not None else ""
        if station not in leave:
            yield f"{place}: {output} is really still at {value:g}"


def _open(state: RunState) -> Iterable[str]:
    if state.status != "ended":
        yield f"the run never ended: it is {state.status}"
    for act in state.intents:
        yield f"nobody ever said what became of {act}"
