"""The part of `reduce` about failures: what failed waits for a decision, and the decision says how its block goes on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from labcore.errors import IllegalEvent
from labcore.model import event as ev
from labcore.model.event import Event
from labcore.model.ids import FINALLY, parent, split, stand_in
from labcore.state.run_state import Live, RunState, Trouble, evolve

OLD_FALLBACK = "fallback"  # the last segment of stand-ins in journals of version 1


def trouble_of(live: Live, ended: ev.StepEnded) -> Trouble:
    """Return what failed, with what became of its acts."""
    inside = live.failed.key if live.failed is not None else None
    return Trouble(
        live.key,
        ended.error,
        ended.code,
        "",
        live.taken_up,
        live.attempt,
        live.acted,
        inside,
        live.background,
    )


def child_ended(above: Live, segment: str, trouble: Trouble | None, at: float) -> Live:
    """Return a block after one of its children ended; a failed one waits for a decision."""
    if trouble is not None:
        return evolve(above, troubles=(*above.troubles, trouble), waiting_from=at)
    if above.substitute is not None and segment in (OLD_FALLBACK, _stands_in(above)):
        return _after_stand_in(above, at)
    ended, replaced = above.ended, above.replaced
    if above.verb in ("parallel", "choice") or segment.startswith(FINALLY):
        ended = ended | {segment}
    if replaced:
        replaced = frozenset(key for key in replaced if split(key)[1] != segment)
    following = max(above.next, int(segment) + 1) if segment.isdigit() else above.next
    return evolve(above, next=following, ended=ended, replaced=replaced, waiting_from=at, attempts=1)


def _stands_in(above: Live) -> str:
    return split(stand_in(above.substitute or "", above.instead))[1]


def _after_stand_in(above: Live, at: float) -> Live:
    """A fallback counts as the failed step; after a replacement that one is begun again."""
    failed, free = above.substitute or "", evolve(above, substitute=None, instead="", waiting_from=at)
    return free if failed in above.replaced else child_ended(free, split(failed)[1], None, at)


# --------------------------------------------------------------------------------------------- decisions
def _error_handled(state: RunState, event: Event, body: ev.ErrorHandled) -> RunState:
    key = event.step
    if key is None:
        raise IllegalEvent("error_handled without a step")
    holders = [state.live[one] for one in (key, parent(key)) if one in state.live]
    for holder in holders:
        for trouble in holder.troubles:
            if trouble.key == key:
                left = tuple(one for one in holder.troubles if one.key != key)
                free = evolve(holder, troubles=left)
                return _POLICIES[body.policy](state, event, free, trouble)
    raise IllegalEvent(f"nothing failed at {key!r}")


def _skip(state: RunState, event: Event, holder: Live, trouble: Trouble) -> RunState:
    if trouble.key == holder.key:  # a condition that nobody can decide counts as not holding
        return _put(state, evolve(holder, tested=False))
    return _put(state, _given_up(holder, trouble, event.at))


def _given_up(holder: Live, trouble: Trouble, at: float) -> Live:
    """Count a failed child as ended: nothing may begin it again. If it stood in for another one, that one has ended, too."""
    segment = split(trouble.key)[1]
    if holder.substitute is not None and segment in (OLD_FALLBACK, _stands_in(holder)):
        segment = split(holder.substitute)[1]
        holder = evolve(holder, substitute=None, instead="")
    return child_ended(holder, segment, None, at)


def _retry(state: RunState, event: Event, holder: Live, trouble: Trouble) -> RunState:
    return _put(state, _begun_again(evolve(holder, waiting_from=event.at), trouble))


def _begun_again(holder: Live, trouble: Trouble) -> Live:
    if trouble.key == holder.key:
        return evolve(holder, attempts=holder.attempts + 1)
    if trouble.background or holder.verb == "parallel" or split(trouble.key)[1].startswith(FINALLY):
        return evolve(holder, again={**holder.again, trouble.key: trouble.attempt + 1})
    return evolve(holder, attempts=trouble.attempt + 1)


def _stop(state: RunState, event: Event, holder: Live, trouble: Trouble) -> RunState:
    """Fail the block. What ends it counts before a background step that failed beside it."""
    failed = holder.failed
    if failed is None or (failed.background and not trouble.background):
        failed = trouble
    if trouble.key == holder.key:
        return _put(state, evolve(holder, failed=failed))
    return _put(state, evolve(_given_up(holder, trouble, event.at), failed=failed))


def _pause(state: RunState, event: Event, holder: Live, trouble: Trouble) -> RunState:
    put = _put(state, evolve(holder, troubles=(*holder.troubles, replace(trouble, handled="pause"))))
    return evolve(put, status="pausing" if state.status == "running" else state.status, reason=trouble.error)


def _ask(state: RunState, event: Event, holder: Live, trouble: Trouble) -> RunState:
    return _put(state, evolve(holder, troubles=(*holder.troubles, replace(trouble, handled="ask"))))


def _fallback(state: RunState, event: Event, holder: Live, trouble: Trouble) -> RunState:
    """Take other steps. They count as the failed one, and what was put right for it before has no more to do with it."""
    return _put(state, evolve(_taking(event, holder, trouble), replaced=holder.replaced - {trouble.key}))


def _replace(state: RunState, event: Event, holder: Live, trouble: Trouble) -> RunState:
    put_right = _taking(event, _begun_again(holder, trouble), trouble)
    return _put(state, evolve(put_right, replaced=holder.replaced | {trouble.key}))


def _taking(event: Event, holder: Live, trouble: Trouble) -> Live:
    name = event.body.instead if isinstance(event.body, ev.ErrorHandled) else ""
    return evolve(holder, substitute=trouble.key, instead=name or OLD_FALLBACK)


def _put(state: RunState, live: Live) -> RunState:
    return evolve(state, live={**state.live, live.key: live})


_POLICIES: Mapping[str, Callable[[RunState, Event, Live, Trouble], RunState]] = {
    "skip": _skip, "retry": _retry, "stop": _stop, "pause": _pause, "ask": _ask, "fallback": _fallback, "replace": _replace,
}  # fmt: skip

REDUCE_TROUBLE: Mapping[str, Callable[[RunState, Event, Any], RunState]] = {"error_handled": _error_handled}
