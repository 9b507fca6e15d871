"""The part of `reduce` about a run that another process left unfinished. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from labcore.errors import IllegalEvent
from labcore.model import event as ev
from labcore.model.event import Event
from labcore.state.run_state import BLOCKS, Live, RunState, Status, evolve


def _begun(state: RunState, event: Event, body: ev.RecoveryBegun) -> RunState:
    if state.status == "new":  # nothing follows an end
        raise IllegalEvent("there is nothing to recover")
    before = state.before if state.status == "recovering" else state.status
    live = {key: _stands_still(one) for key, one in state.live.items()}
    outputs = {name: replace(one, settled=False) for name, one in state.outputs.items()}
    number = state.recoveries + 1
    return evolve(state, status="recovering", before=before, live=live, outputs=outputs, recoveries=number)


def _stands_still(live: Live) -> Live:
    """Nobody performs a step any more, nobody waits for what a person said about a failure."""
    if live.verb not in BLOCKS:
        return evolve(live, interrupted=True)
    troubles = tuple(replace(one, handled="") if one.handled == "ask" else one for one in live.troubles)
    return evolve(live, troubles=troubles)


def _decided(state: RunState, event: Event, body: ev.RecoveryDecided) -> RunState:
    if state.status != "recovering":
        raise IllegalEvent("nothing is being recovered")
    if state.intents:
        raise IllegalEvent(f"nobody has said yet what became of {', '.join(state.intents)}")
    wanted = {name: one for name, one in state.suspended.items() if name in set(body.restores)}
    live = {key: evolve(one, waiting_from=event.at) for key, one in state.live.items()}
    after = evolve(state, live=live, suspended=wanted, stopped_at=event.at, attended=body.attended)
    return evolve(after, status=_status(state, body), reason=_reason(state, body))


def _status(state: RunState, body: ev.RecoveryDecided) -> Status:
    if body.decision == "close" or state.before == "aborting":
        return "aborting"
    if body.decision == "finish" or state.before == "stopping":
        return "stopping"
    return "running" if state.before == "running" else "paused"


def _reason(state: RunState, body: ev.RecoveryDecided) -> str:
    if body.decision == "resume":
        return state.reason
    word = "closed" if body.decision == "close" else "stopped"
    return f"{word} after an interruption by {body.by}" + (f": {body.why}" if body.why else "")


def _resumed(state: RunState, event: Event, body: ev.StepResumed) -> RunState:
    live = state.live.get(event.step or "")
    if live is None or not live.interrupted:
        raise IllegalEvent(f"step {event.step!r} was not interrupted")
    going = evolve(live, interrupted=False, taken_up=state.attended)
    return evolve(state, live={**state.live, live.key: going})


REDUCE_RECOVERY: Mapping[str, Callable[[RunState, Event, Any], RunState]] = {
    "recovery_begun": _begun,
    "recovery_decided": _decided,
    "step_resumed": _resumed,
}
