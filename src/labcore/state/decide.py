"""Say what to do next, from the plan and the state alone. Pure.

Each visitor looks at one block that is under way. `ending` is "" while the block may go on, "over" when its enclosing
block is finished (a background step ends with it), "stop" when it is being cut or unwound; a block that is ending starts
nothing in its body, carries out its `finally` once, makes its outputs safe and then ends.
"""

from __future__ import annotations

from typing import Literal

from labcore.model.ids import (
    FINALLY,
    ROOT,
    child,
    clean_up,
    in_clean_up,
    order,
    parent,
    round_key,
    split,
    stand_in,
)
from labcore.model.plan import Choice, Node, Parallel, Plan, Repeat, Sequence, Step, node_at
from labcore.state.condition import decide_condition
from labcore.state.decide_loop import between_rounds
from labcore.state.decide_outputs import View, expired_outputs, held, release
from labcore.state.decide_stop import halts, interruptions, quiet
from labcore.state.decide_trouble import goes_on, handle_troubles, waits_for_an_answer
from labcore.state.decision import (
    Begin,
    Cut,
    Decision,
    End,
    Finish,
    Handle,
    PassOver,
    PauseNow,
    Restore,
    Resume,
    Test,
    WakeAt,
)
from labcore.state.left_task import AFTER_STOP, unanswered
from labcore.state.run_state import NOBODY, Live, RunState

Ending = Literal["", "over", "stop"]
OBSERVATION_WAIT = 60.0  # s, how long a condition waits for its observer unless `timeout` says otherwise


def decide(plan: Plan, state: RunState, now: float) -> tuple[Decision, ...]:
    """Return what to do next, in order; only WakeAt (or nothing) means: wait."""
    if state.status in ("new", "recovering", "ended"):
        return ()
    view = View(plan, state, now)
    if state.status == "aborting":
        return tuple(_abort(view))
    if state.suspended and state.status == "running":
        return (Restore(tuple(state.suspended)),)
    out = expired_outputs(view)
    if state.status == "stopping":
        out += release(view, ROOT, [name for name in state.outputs if not held(view, name)])
        out += halts(plan, state)
    if state.status == "pausing" and quiet(plan, state):
        return (PauseNow(),)
    if state.status == "pausing" and state.pause_now:
        out += interruptions(plan, state)
    out += _block(view, state.live[ROOT], plan.root, "stop" if state.status == "stopping" else "")
    return tuple(out)


def _abort(view: View) -> list[Decision]:
    going = [key for key, live in view.state.live.items() if not live.interrupted]
    steps = [(key, node_at(view.plan.root, key)) for key in sorted(going, key=order)]
    cuts: list[Decision] = [Cut(key, node) for key, node in steps if isinstance(node, Step)]
    asked = [one.key for live in view.state.live.values() for one in live.troubles if one.handled == "ask"]
    out = cuts + release(view, ROOT, list(view.state.outputs)) + halts(view.plan, view.state)
    out += [Handle(key, "stop", "the run was aborted") for key in asked]
    return out or [End("aborted", view.state.reason)]


def _visit(view: View, key: str, node: Node, ending: Ending, attempt: int = 1) -> list[Decision]:
    live = view.state.live.get(key)
    if live is None:
        return _begin(view, key, node, attempt) if not ending else []
    match node:
        case Step() if live.interrupted:
            return _interrupted(view, key, node, ending)
        case Step():
            return [Cut(key, node)] if ending else unanswered(view.state, key, node, view.now)
        case Sequence() | Parallel():
            return _block(view, live, node, ending)
        case Repeat():
            return _repeat(view, live, node, ending)
        case _:
            return _choice(view, live, node, ending)


def _begin(view: View, key: str, node: Node, attempt: int = 1) -> list[Decision]:
    if view.state.status in ("pausing", "paused"):
        return []
    if view.state.status == "stopping" and isinstance(node, Step) and node.verb == "prompt":
        return [PassOver(key, node, AFTER_STOP)]
    return [Begin(key, node, attempt)]


def _interrupted(view: View, key: str, step: Step, ending: Ending) -> list[Decision]:
    """Go on with a step whose process died, unless it is to end anyway; no clean-up step is begun twice."""
    if ending:
        return [Finish(key, "cut")]
    if in_clean_up(key):
        return [Finish(key, "cut", "labcore died during this clean-up step; it is not begun a second time")]
    return [] if view.state.status in ("pausing", "paused") else [Resume(key, step)]


# --------------------------------------------------------------------------------------------- blocks
def _block(view: View, live: Live, node: Sequence | Parallel, ending: Ending) -> list[Decision]:
    """Go on with a sequence or with parallel branches; then clean up, make outputs safe, end."""
    if not ending and goes_on(live, node):
        out = handle_troubles(view.state, live, node, view.plan)
        going = _sequence(view, live, node) if isinstance(node, Sequence) else _parallel(view, live, node)
        if out or going is not None:
            return out + (going or [])
    cut = ending == "stop" or not goes_on(live, node)
    leftovers = _leftovers(view, live, node, "stop" if cut else "over")
    if leftovers is not None:
        return leftovers
    troubles = handle_troubles(view.state, live, node, view.plan, cut=cut)
    if troubles or waits_for_an_answer(live):
        return troubles
    return _clean_up(view, live, node, ending)


def _sequence(view: View, live: Live, node: Sequence) -> list[Decision] | None:
    """Return what the body wants, None when it is complete."""
    out: list[Decision] = []
    for key, under in _live_children(view, live, node):
        out += _visit(view, key, under, "")
    blocked = bool(live.troubles) or live.substitute is not None
    instead = _substitute(view, live, "")
    if instead is not None:
        return out + instead
    for key, attempt in live.again.items():
        if split(key)[1].isdigit():  # a background step; its clean-up comes later
            out += _begin(view, key, node.steps[int(split(key)[1]) - 1], attempt)
    if live.next > len(node.steps):
        return out if blocked else None
    key = child(live.key, live.next)
    if not blocked and key not in view.state.live:
        out += _begin(view, key, node.steps[live.next - 1], live.attempts)
    return out


def _substitute(view: View, live: Live, ending: Ending) -> list[Decision] | None:
    """Go on with the steps that are taken because another one failed; None if there are none."""
    if live.substitute is None:
        return None
    key = stand_in(live.substitute, live.instead)
    node = node_at(view.plan.root, key)
    if node is None or (ending and key not in view.state.live):
        return None
    return _visit(view, key, node, ending)


def _parallel(view: View, live: Live, node: Parallel) -> list[Decision] | None:
    out: list[Decision] = []
    stuck = {trouble.key for trouble in live.troubles}
    open_branches = [i for i in range(1, len(node.branches) + 1) if str(i) not in live.ended]
    for i in open_branches:
        key = child(live.key, i)
        if key not in stuck:
            out += _visit(view, key, node.branches[i - 1], "", live.again.get(key, 1))
    return out if open_branches else None


def _live_children(view: View, live: Live, node: Sequence | Parallel) -> list[tuple[str, Node]]:
    """Return the body's children that are under way, in the order of the text."""
    found: list[tuple[int, str]] = []
    for key in view.state.live:
        above, segment = split(key)
        if key and above == live.key and segment.isdigit():
            found.append((int(segment), key))
    steps = node.steps if isinstance(node, Sequence) else node.branches
    return [(key, steps[index - 1]) for index, key in sorted(found)]


def _leftovers(view: View, live: Live, node: Sequence | Parallel, ending: Ending) -> list[Decision] | None:
    """End what still runs in the body; None when nothing does."""
    children = _live_children(view, live, node)
    out: list[Decision] = []
    for key, under in children:
        out += _visit(view, key, under, ending)
    instead = _substitute(view, live, ending) if not _cleans_up(live) else None
    return out + (instead or []) if children or instead is not None else None


def _cleans_up(live: Live) -> bool:
    """Say whether other steps are taken for a clean-up step."""
    return live.substitute is not None and split(live.substitute)[1].startswith(FINALLY)


def _clean_up(view: View, live: Live, node: Sequence | Parallel, ending: Ending) -> list[Decision]:
    if _cleans_up(live):
        return _substitute(view, live, "") or []
    for index, step in enumerate(node.finally_, 1):
        if f"finally.{index}" not in live.ended:
            key = clean_up(live.key, index)
            return _visit(view, key, step, "", live.again.get(key, 1))
    owned = [name for name, output in view.state.outputs.items() if parent(output.step) == live.key]
    if live.key == ROOT:
        leave = view.plan.leave_on if not live.failed and not ending else ()
        owned = [name for name in view.state.outputs if name[0] not in leave]
    return release(view, live.key, owned) or [_end(view, live, ending)]


def _end(view: View, live: Live, ending: Ending) -> Decision:
    failed = live.failed
    if live.key == ROOT:
        if failed:
            return End("failed", failed.error)
        if view.state.stopped_by == NOBODY and ending:
            return End("failed", view.state.reason)  # a decision was due that nobody could take
        return End("stopped" if ending else "done", view.state.reason if ending else "")
    if failed:
        return Finish(live.key, "failed", failed.error, failed.code)
    return Finish(live.key, "cut" if ending == "stop" else "done")


# --------------------------------------------------------------------------------------------- loops and choices
def _ended_early(view: View, live: Live, node: Repeat | Choice, ending: Ending) -> list[Decision]:
    """End a loop or a choice before its time; what failed in it is dealt with first, and no question about it stays open."""
    if any(trouble.handled in ("", "ask") for trouble in live.troubles):
        return handle_troubles(view.state, live, node, view.plan, cut=ending == "stop")
    if live.failed:
        return [Finish(live.key, "failed", live.failed.error, live.failed.code)]
    return [Finish(live.key, "done" if ending == "over" else "cut")]


def _repeat(view: View, live: Live, node: Repeat, ending: Ending) -> list[Decision]:
    body = round_key(live.key, live.round)
    if live.round and body in view.state.live:
        return _visit(view, body, node.body, ending)
    instead = _substitute(view, live, ending)
    if instead is not None:
        return instead
    if ending:
        return _ended_early(view, live, node, ending)
    if live.failed:
        return [Finish(live.key, "failed", live.failed.error, live.failed.code)]
    if live.troubles:
        return handle_troubles(view.state, live, node, view.plan)
    if live.round and live.next <= live.round:
        return _begin(view, body, node.body, live.attempts)
    return between_rounds(view.state, live, node, view.now, OBSERVATION_WAIT)


def _choice(view: View, live: Live, node: Choice, ending: Ending) -> list[Decision]:
    segment = "then" if live.tested else "else"
    branch = node.then if live.tested else node.otherwise
    key = child(live.key, segment)
    if branch is not None and key in view.state.live:
        return _visit(view, key, branch, ending)
    instead = _substitute(view, live, ending)
    if instead is not None:
        return instead
    if ending:
        return _ended_early(view, live, node, ending)
    if live.failed:
        return [Finish(live.key, "failed", live.failed.error, live.failed.code)]
    if live.troubles:
        return handle_troubles(view.state, live, node, view.plan)
    if live.tested is None:
        return _test(view, live, node)
    if not live.tested and node.use == "require":
        return [Finish(live.key, "failed", f"required: {node.condition.text}, but it does not hold", "E806")]
    if branch is None or segment in live.ended:
        return [Finish(live.key, "done")]
    return _begin(view, key, branch, live.attempts)


def _test(view: View, live: Live, node: Choice) -> list[Decision]:
    verdict = decide_condition(
        node.condition, view.state, live.key, now=view.now, max_age=node.modifiers.max_age
    )
    deadline = live.waiting_from + (node.modifiers.timeout or OBSERVATION_WAIT)
    if verdict.holds is None and not verdict.hopeless and view.now < deadline:
        return [WakeAt(deadline)]
    return [Test(live.key, node.condition.text, node.use, verdict)]
