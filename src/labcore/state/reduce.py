"""Apply one event to the state of a run: the only way in which state changes. Pure.

An event that does not fit raises `IllegalEvent` and nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from labcore.errors import IllegalEvent
from labcore.model import event as ev
from labcore.model.event import Event
from labcore.model.ids import ROOT, parent, split
from labcore.state.reduce_acts import REDUCE_ACTS
from labcore.state.reduce_control import REDUCE_CONTROL
from labcore.state.reduce_recovery import REDUCE_RECOVERY
from labcore.state.reduce_trouble import REDUCE_TROUBLE, child_ended, trouble_of
from labcore.state.run_state import Live, RunState, Trouble, evolve, stamped

K = TypeVar("K")
V = TypeVar("V")


def reduce(state: RunState, event: Event) -> RunState:
    """Return the state after `event`; IllegalEvent if it cannot follow."""
    if event.position != state.position + 1:
        raise IllegalEvent(f"event {event.position} cannot follow position {state.position}")
    handler = _HANDLERS.get(event.body.kind)
    if handler is None:
        raise IllegalEvent(f"event {event.position}: unknown kind {event.body.kind!r}")
    if state.status == "ended" and event.body.kind not in AFTER_THE_END:
        raise IllegalEvent(f"event {event.position} ({event.body.kind}) follows the end of the run")
    return stamped(handler(state, event, event.body), state, event)


def fold(events: Iterable[Event], state: RunState | None = None) -> RunState:
    """Return the state after all `events`."""
    result = state or RunState()
    for event in events:
        result = reduce(result, event)
    return result


INTERRUPTED = "interrupted by a pause"
AFTER_THE_END = frozenset(
    {
        "observed",
        "plugin",
        "reader_failed",
        "warned",
        "noted",
        "withdrawn",
        "volume_narrowed",
        "vessel_stated",
    }
)


def _keep(state: RunState, event: Event, body: Any) -> RunState:
    return state


def _with(mapping: Mapping[K, V], key: K, value: V) -> dict[K, V]:
    return {**mapping, key: value}


def _without(mapping: Mapping[K, V], key: K) -> dict[K, V]:
    return {name: value for name, value in mapping.items() if name != key}


# --------------------------------------------------------------------------------------------- the run
def _run_started(state: RunState, event: Event, body: ev.RunStarted) -> RunState:
    if state.status != "new":
        raise IllegalEvent("a run starts once")
    root = Live(ROOT, "protocol", event.at, event.position)
    return evolve(state, status="running", live={ROOT: root}, simulated=body.simulated)


def _run_ended(state: RunState, event: Event, body: ev.RunEnded) -> RunState:
    return evolve(state, status="ended", outcome=body.outcome, reason=body.reason)


# --------------------------------------------------------------------------------------------- steps
def _step_started(state: RunState, event: Event, body: ev.StepStarted) -> RunState:
    key = _key(event)
    above = state.live.get(parent(key))
    if key in state.live or above is None:
        raise IllegalEvent(f"step {key!r} cannot start here")
    live = Live(
        key,
        body.verb,
        event.at,
        event.position,
        body.background,
        waiting_from=event.at,
        attempt=body.attempt,
    )
    mine = _with(state.live, key, live)
    segment = split(key)[1]
    if key in above.again:
        above = mine[above.key] = evolve(above, again=_without(above.again, key))
    if body.background and segment.isdigit():
        mine[above.key] = evolve(above, next=max(above.next, int(segment) + 1))
    return evolve(state, live=mine)


def _step_ended(state: RunState, event: Event, body: ev.StepEnded) -> RunState:
    key = _key(event)
    if key not in state.live or key == ROOT:  # the protocol itself ends with the run
        raise IllegalEvent(f"step {key!r} is not under way")
    live = {name: one for name, one in state.live.items() if name != key and not _inside(name, key)}
    above, segment = split(key)
    trouble = _trouble(state, state.live[key], body)
    live[above] = child_ended(live[above], segment, trouble, event.at)
    return evolve(state, live=live)


def _trouble(state: RunState, live: Live, body: ev.StepEnded) -> Trouble | None:
    """Return what a child's end leaves to be dealt with: a failure, or a step that `pause --now` cut and that goes on later."""
    if body.outcome == "failed":
        return trouble_of(live, body)
    if body.outcome == "cut" and state.pause_now and state.status == "pausing":
        failed = trouble_of(live, body)  # an interruption is no attempt
        return replace(failed, error=INTERRUPTED, handled="interrupted", attempt=live.attempt - 1)
    return None


def _inside(name: str, key: str) -> bool:
    return name.startswith(key) and name[len(key) : len(key) + 1] in (".", "#")


def _put(state: RunState, live: Live) -> RunState:
    return evolve(state, live=_with(state.live, live.key, live))


# --------------------------------------------------------------------------------------------- loops, conditions
def _round_started(state: RunState, event: Event, body: ev.RoundStarted) -> RunState:
    live = _live(state, event)
    tick = live.tick + 1
    return _put(state, evolve(live, round=body.round, tick=tick, round_position=event.position, tested=None))


def _rounds_missed(state: RunState, event: Event, body: ev.RoundsMissed) -> RunState:
    live = _live(state, event)
    return _put(state, evolve(live, tick=live.tick + body.count))


def _condition_tested(state: RunState, event: Event, body: ev.ConditionTested) -> RunState:
    live = _live(state, event)
    if body.holds is None:
        return _put(state, evolve(live, troubles=(*live.troubles, Trouble(live.key, body.reason, "E805"))))
    return _put(state, evolve(live, tested=body.holds, attempts=1))  # what follows is not tried again yet


def _saved(state: RunState, event: Event, body: ev.Saved) -> RunState:
    return evolve(state, results=_with(state.results, body.name, body.value))


# --------------------------------------------------------------------------------------------- people
def _asked(state: RunState, event: Event, body: ev.Asked) -> RunState:
    return evolve(state, questions=_with(state.questions, body.question, body), asked=state.asked + 1)


def _answered(state: RunState, event: Event, body: ev.Answered | ev.Withdrawn) -> RunState:
    return evolve(state, questions=_without(state.questions, body.question))


def _reader_failed(state: RunState, event: Event, body: ev.ReaderFailed) -> RunState:
    return evolve(state, reproducible=False) if body.late else state


def _key(event: Event) -> str:
    if event.step is None:
        raise IllegalEvent(f"{event.kind} without a step")
    return event.step


def _live(state: RunState, event: Event) -> Live:
    live = state.live.get(_key(event))
    if live is None:
        raise IllegalEvent(f"{event.kind}: step {event.step!r} is not under way")
    return live


_HANDLERS: Mapping[str, Callable[[RunState, Event, Any], RunState]] = {
    "run_started": _run_started,
    "run_ended": _run_ended,
    "step_started": _step_started,
    "step_ended": _step_ended,
    "round_started": _round_started,
    "rounds_missed": _rounds_missed,
    "condition_tested": _condition_tested,
    "saved": _saved,
    "asked": _asked,
    "answered": _answered,
    "withdrawn": _answered,
    "guard_tripped": _keep,
    "noted": _keep,
    "warned": _keep,
    "reader_failed": _reader_failed,
    "clock_jumped": _keep,
    "plugin": _keep,
    **REDUCE_ACTS,
    **REDUCE_CONTROL,
    **REDUCE_RECOVERY,
    **REDUCE_TROUBLE,
}
