"""What to do about failures, as the protocol says. Pure."""

from __future__ import annotations

from labcore.model.ids import in_clean_up
from labcore.model.plan import Node, OnError, Plan, Step, node_at
from labcore.state.decision import Decision, Handle
from labcore.state.run_state import Live, RunState, Trouble

DEFAULT = OnError()
UNDECIDED = OnError(then="pause")
INTERRUPTED = OnError(then="ask")  # a person is there: they had the run go on after the interruption


def handle_troubles(state: RunState, live: Live, node: Node, plan: Plan) -> list[Decision]:
    """Return one decision for each failure that nobody has dealt with."""
    out: list[Decision] = []
    for trouble in live.troubles:
        failed = node if trouble.key == live.key else node_at(plan.root, trouble.key)
        if trouble.handled == "":
            out.append(_first(state, live, trouble, failed))
        elif trouble.handled == "pause" and state.status in ("running", "stopping"):
            out.append(_resumed(state, live, trouble, failed))
        elif trouble.handled == "interrupted" and state.status == "running":
            out.append(Handle(trouble.key, "retry", "resumed"))
        elif trouble.handled == "interrupted" and state.status == "stopping":
            out.append(Handle(trouble.key, "skip", "the run was stopped"))
        elif trouble.handled == "ask" and state.status == "stopping":
            out.append(Handle(trouble.key, "stop", "the run was stopped"))
    return out


def _first(state: RunState, live: Live, trouble: Trouble, failed: Node | None) -> Handle:
    own = trouble.key == live.key
    policy = (failed.modifiers.on_error if failed is not None else None) or _unsaid(trouble, own)
    if state.status == "stopping" or (in_clean_up(trouble.key) and policy.then in ("pause", "ask")):
        return Handle(trouble.key, "stop", trouble.error)
    if live.attempts <= policy.retries and _may_repeat(failed, own):
        return Handle(trouble.key, "retry", trouble.error)
    then = "fallback" if policy.then == "replace" else policy.then
    if then == "fallback" and not (isinstance(failed, Step) and failed.fallback is not None):
        then = "stop"
    if then == "ask":
        return _question(trouble, failed, own, policy)
    return Handle(trouble.key, then, trouble.error)


def _unsaid(trouble: Trouble, own: bool) -> OnError:
    """Return what is done where the protocol says nothing."""
    if own:
        return UNDECIDED
    return INTERRUPTED if trouble.taken_up else DEFAULT


def _resumed(state: RunState, live: Live, trouble: Trouble, failed: Node | None) -> Handle:
    """After a pause: try again what may be tried again, else ask."""
    own = trouble.key == live.key
    if state.status == "stopping":
        return Handle(trouble.key, "stop", trouble.error)
    if _may_repeat(failed, own):
        return Handle(trouble.key, "retry", "resumed")
    return _question(trouble, failed, own, DEFAULT)


def _question(trouble: Trouble, failed: Node | None, own: bool, policy: OnError) -> Handle:
    options = ("retry", "skip", "stop") if _may_repeat(failed, own) else ("skip", "stop")
    return Handle(trouble.key, "ask", trouble.error, policy.limit, policy.default, options)


def _may_repeat(failed: Node | None, own: bool) -> bool:
    """Only what is harmless by nature, or declared repeatable, may be done again (semantics.md, 4)."""
    return own or (isinstance(failed, Step) and failed.repeat_allowed)
