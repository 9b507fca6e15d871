"""The part of `reduce` about the world: intents, settlements, outputs, vessels, images and observations. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from labcore.errors import IllegalEvent
from labcore.model import event as ev
from labcore.model.effect import Placement, SetOutput, Transfer
from labcore.model.event import Event
from labcore.model.ids import ancestors
from labcore.model.vessel import VesselState
from labcore.state import ledger as books
from labcore.state.narrowing import bounds, narrowed, weighed
from labcore.state.pouring import poured
from labcore.state.run_state import Live, Output, RunState, Seen, UnderWay, Unusable, evolve

IMAGES_REMEMBERED = 64
BAD_REMEMBERED = 50  # observations of bad quality, which only reasons count
GRAVITY = {
    "": 0,
    "not_started": 1,
    "done": 2,
    "partly": 3,
    "unknown": 4,
}  # ends of acts, by what can be built on them


def _vessel_stated(state: RunState, event: Event, body: ev.VesselStated) -> RunState:
    vessel = replace(as_vessel(body), since=event.at - seconds_between(body.as_of, event.wall))
    return evolve(state, ledger=state.ledger.stated(body.vessel, vessel))


def as_vessel(body: ev.VesselStated) -> VesselState:
    """Return a vessel as somebody states it."""
    return VesselState(
        body.labware, body.place, dict(body.contents), body.closed, body.total, body.losses, tare=body.tare,
        solids=dict(body.solids),
    )  # fmt: skip


def seconds_between(earlier: str, later: str) -> float:
    """Return the s from one wall-clock stamp to a later one; 0 if one is missing or the clock was set back."""
    if not earlier or not later:
        return 0.0
    return max(0.0, (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds())


def _volume_narrowed(state: RunState, event: Event, body: ev.VolumeNarrowed) -> RunState:
    if body.vessel not in state.ledger.vessels:
        return state
    vessel = narrowed(state.ledger.vessel_at(body.vessel, event.at), body.volume)
    return evolve(state, ledger=state.ledger.stated(body.vessel, vessel))


def _intended(state: RunState, event: Event, body: ev.Intended) -> RunState:
    if body.act in state.intents:
        raise IllegalEvent(f"act {body.act} is already intended")
    number = body.act.rpartition("-")[2]
    acts = max(state.acts + 1, int(number) if number.isdecimal() else 0)
    begun = {**state.begun, body.act: UnderWay(event.at)}
    return evolve(state, intents={**state.intents, body.act: body}, begun=begun, acts=acts)


def _settled(state: RunState, event: Event, body: ev.Settled) -> RunState:
    intent = state.intents.get(body.act)
    if intent is None:
        raise IllegalEvent(f"act {body.act} was settled without an intent")
    left = {name: one for name, one in state.intents.items() if name != body.act}
    begun = {name: one for name, one in state.begun.items() if name != body.act}
    began = state.begun[body.act]
    state = evolve(state, intents=left, begun=begun)
    for effect in intent.effects:
        match effect:
            case Transfer():
                state = _touch(state, event, effect.source, effect.target)
                moved = replace(effect, volume=effect.moved(body.status, body.amount))
                state = poured(state, moved, began, event.at, body.drawn)
            case Placement():
                state = _touch(state, event, effect.vessel)
                state = evolve(state, ledger=_placed(state.ledger, effect, body))
            case SetOutput():
                state = _output(_warmed(state, event, effect, body), event, effect, body, intent)
            case _:
                state = _touch(state, event, effect.vessel)
    return evolve(state, live=_acted(state.live, event.step, body.status))


def _acted(live: Mapping[str, Live], step: str | None, status: str) -> Mapping[str, Live]:
    """Note, at a step and at every block around it, what may not be done again."""
    keys = () if step is None else (step, *ancestors(step))
    worse = {key: live[key] for key in keys if key in live and GRAVITY[status] > GRAVITY[live[key].acted]}
    return {**live, **{key: evolve(one, acted=status) for key, one in worse.items()}} if worse else live


def with_unknown_ends(state: RunState) -> RunState:
    """Return the state with every act under way taken as of unknown end: what may be by now, not only what is on record."""
    for act in state.intents:
        end = ev.Settled(act, "unknown")
        state = _settled(state, Event(state.position, state.at, "", "labcore", end), end)
    return state


def _placed(ledger: books.Ledger, effect: Placement, settled: ev.Settled) -> books.Ledger:
    if settled.status == "done":
        return books.place(ledger, effect)
    return ledger if settled.status == "not_started" else books.lose_place(ledger, effect)


def _warmed(state: RunState, event: Event, effect: SetOutput, settled: ev.Settled) -> RunState:
    if effect.output != "temperature" or effect.value is None or settled.status == "not_started":
        return state
    return evolve(state, ledger=state.ledger.warmed(effect.value, event.at))


def _output(
    state: RunState, event: Event, effect: SetOutput, settled: ev.Settled, intent: ev.Intended
) -> RunState:
    name = (effect.device, effect.output)
    if settled.status == "not_started":
        return state
    if effect.value is None:
        return _switched_off(state, name, settled)
    step = state.outputs[name].step if name in state.outputs and event.step is None else (event.step or "")
    again = state.suspended.get(name)  # switched on again after an interruption: its time goes on
    at = again.at if again is not None and again.step == step else event.at
    output = Output(effect.value, effect.unit, step, at, act=intent)
    left = {key: one for key, one in state.suspended.items() if key != name} if again else state.suspended
    return evolve(state, outputs={**state.outputs, name: output}, suspended=left)


def _switched_off(state: RunState, name: tuple[str, str], settled: ev.Settled) -> RunState:
    """Take an output off; what recovery switches off is remembered, what a step was switching off is not wanted again."""
    output = state.outputs.get(name)
    recovering = state.status == "recovering"
    if output is not None and settled.status == "done":
        left = {key: one for key, one in state.outputs.items() if key != name}
        suspended = {**state.suspended, name: output} if recovering else state.suspended
        return evolve(state, outputs=left, suspended=suspended)
    if output is not None and recovering:
        return evolve(state, outputs={**state.outputs, name: replace(output, act=None)})
    return state


def _touch(state: RunState, event: Event, *vessels: str) -> RunState:
    return evolve(state, touched={**state.touched, **dict.fromkeys(vessels, event.position)})


def _stop_settled(state: RunState, event: Event, body: ev.StopSettled) -> RunState:
    device = event.device or ""
    outputs, suspended = dict(state.outputs), dict(state.suspended)
    for name in body.outputs:
        if (device, name) in outputs:
            if body.suspends:
                suspended[device, name] = outputs[device, name]
            if body.status == "halted":
                del outputs[device, name]
            else:
                outputs[device, name] = replace(outputs[device, name], settled=True)
    return evolve(state, outputs=outputs, suspended=suspended, halted=state.halted | {device})


def _image_taken(state: RunState, event: Event, body: ev.ImageTaken) -> RunState:
    remembered = {**state.image_at, event.position: event.at}
    if len(remembered) > IMAGES_REMEMBERED:
        del remembered[min(remembered)]
    return evolve(state, image_at=remembered)


def _observed(state: RunState, event: Event, body: ev.Observed) -> RunState:
    name = (body.observable, body.subject)
    evidence = min(body.evidence, default=event.position)
    if body.quality == "bad" or body.value is None:
        before = state.unusable.get(name, Unusable()).evidence
        bad = Unusable((*before, evidence)[-BAD_REMEMBERED:], body.flags)
        return evolve(state, unusable={**state.unusable, name: bad})
    state = _weighed(state, event, body) if body.observable == "mass" else state
    last = state.seen.get(name)
    if last is not None and last.evidence > evidence:
        return state  # an observer that catches up does not replace what is newer
    at = state.image_at.get(evidence, event.at)
    bad_ones = {key: one for key, one in state.unusable.items() if key != name}
    seen = {**state.seen, name: Seen(event.position, at, evidence, body)}
    return evolve(
        state, seen=seen, unusable=bad_ones if len(bad_ones) < len(state.unusable) else state.unusable
    )


def being_filled(state: RunState, vessel: str) -> bool:
    """Say whether liquid is going in or out just now: what is measured meanwhile is neither what was nor what will be."""
    moves = (
        effect
        for intent in state.intents.values()
        for effect in intent.effects
        if isinstance(effect, Transfer)
    )
    return any(vessel in (move.source, move.target) for move in moves)


def _weighed(state: RunState, event: Event, body: ev.Observed) -> RunState:
    mass = bounds(body, "g") if body.unit else None
    if mass is None or body.subject not in state.ledger.vessels or being_filled(state, body.subject):
        return state
    vessel = state.ledger.vessel_at(body.subject, event.at)
    return evolve(state, ledger=state.ledger.stated(body.subject, weighed(vessel, event.position, mass)))


REDUCE_ACTS: Mapping[str, Callable[[RunState, Event, Any], RunState]] = {
    "vessel_stated": _vessel_stated,
    "intended": _intended,
    "settled": _settled,
    "volume_narrowed": _volume_narrowed,
    "stop_settled": _stop_settled,
    "image_taken": _image_taken,
    "observed": _observed,
}
