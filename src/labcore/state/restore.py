"""Which outputs an interrupted run would still want on. Pure."""

from __future__ import annotations

from labcore.model.ids import child, parent
from labcore.model.plan import Node, Parallel, Plan, Sequence, node_at
from labcore.state.decide_trouble import goes_on
from labcore.state.run_state import Live, Output, RunState


def to_restore(plan: Plan, state: RunState, now: float) -> tuple[tuple[str, str], ...]:
    """Return the (device, output) to switch on again if the run is resumed at `now` (s on its clock).

    An output whose block has nothing left to do, or whose time is over, stays off.
    """
    if state.before not in ("running", "pausing", "paused"):
        return ()
    return tuple(name for name, output in state.suspended.items() if _wanted(plan, state, output, now))


def _wanted(plan: Plan, state: RunState, output: Output, now: float) -> bool:
    if output.act is None:
        return False
    node = node_at(plan.root, output.step)
    lasts = node.modifiers.lasts if node is not None else None
    if lasts is not None and now >= output.at + lasts:
        return False
    owner = state.live.get(parent(output.step))
    return owner is not None and _has_more_to_do(owner, node_at(plan.root, owner.key), state)


def _has_more_to_do(live: Live, node: Node | None, state: RunState) -> bool:
    """Say whether a block is still in its body."""
    match node:
        case Sequence():
            left = live.next <= len(node.steps) or live.troubles or live.substitute is not None
            return goes_on(live, node) and bool(left or _inside(live, len(node.steps), state))
        case Parallel():
            return any(str(i) not in live.ended for i in range(1, len(node.branches) + 1))
    return True


def _inside(live: Live, steps: int, state: RunState) -> bool:
    return any(child(live.key, index) in state.live for index in range(1, steps + 1))
