"""What to do about failures, as the protocol says. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from labcore.model.failure import kinds_of
from labcore.model.ids import in_clean_up
from labcore.model.plan import Node, OnError, Parallel, Plan, Sequence, Step, node_at, wraps
from labcore.state.decision import Decision, Handle
from labcore.state.run_state import Live, RunState, Trouble

DEFAULT = OnError()
UNDECIDED = OnError(then="pause")
INTERRUPTED = OnError(then="ask")  # a person is there: they had the run go on after the interruption
NOTHING_BEGUN = ("", "not_started")
WAITING = ("pause", "ask")  # what no clean-up does
NOT_AGAIN = "(Not done again: it may have moved matter, and nothing says that it is repeatable.)"


@dataclass(frozen=True, slots=True)
class _Case:
    """One failure in its place: the block that holds it, the node that failed (or whose condition did), and its policy."""

    state: RunState
    live: Live
    trouble: Trouble
    failed: Node | None
    policy: OnError
    kind: str

    @property
    def own(self) -> bool:
        """Say whether the block's own condition failed."""
        return self.trouble.key == self.live.key

    @property
    def may_repeat(self) -> bool:
        """Only what had not begun, is harmless by nature, or declared repeatable, is done again (decision 0014)."""
        if self.own or self.trouble.acted in NOTHING_BEGUN:
            return True
        return isinstance(self.failed, Step) and self.failed.repeat_allowed

    def handle(self, policy: str, reason: str = "", instead: str = "") -> Handle:
        """Return the decision."""
        reason = reason or self.trouble.error
        return Handle(self.trouble.key, policy, reason, failure=self.kind, instead=instead)  # type: ignore[arg-type]


def goes_on(live: Live, node: Node) -> bool:
    """Say whether a block goes on beside what failed in it: other branches, other samples, or what a background step is beside."""
    if live.failed is None or isinstance(node, Parallel):
        return True
    return isinstance(node, Sequence) and (node.samples or live.failed.background)


def handle_troubles(
    state: RunState, live: Live, node: Node, plan: Plan, *, cut: bool = False
) -> list[Decision]:
    """Return one decision for each failure that nobody has dealt with. A block that is `cut` waits for no answer."""
    out: list[Decision] = []
    for trouble in live.troubles:
        case = _case(
            state, live, trouble, node if trouble.key == live.key else node_at(plan.root, trouble.key)
        )
        if trouble.handled == "":
            out += _first(case)
        elif trouble.handled == "pause" and state.status in ("running", "stopping"):
            out.append(_resumed(case))
        elif trouble.handled == "interrupted" and state.status == "running":
            out.append(case.handle("retry", "resumed"))
        elif trouble.handled == "interrupted" and state.status == "stopping":
            out.append(case.handle("skip", "the run was stopped"))
        elif trouble.handled == "ask" and state.status == "stopping":
            out.append(case.handle("stop", "the run was stopped"))
        elif trouble.handled == "ask" and cut:
            out.append(case.handle("stop", "what is around it has failed"))
    return out


def waits_for_an_answer(live: Live) -> bool:
    """Say whether somebody was asked what shall be done about a failure in this block: it does not end before the answer."""
    return any(trouble.handled == "ask" for trouble in live.troubles)


def _case(state: RunState, live: Live, trouble: Trouble, failed: Node | None) -> _Case:
    kinds = kinds_of(trouble.code, trouble.acted)
    said = (failed.modifiers.on_error if failed is not None else None) or _unsaid(trouble, live)
    policy = said.of(kinds)
    return _Case(state, live, trouble, failed, policy, policy.case or (kinds[0] if kinds else ""))


def _unsaid(trouble: Trouble, live: Live) -> OnError:
    """Return what is done where the protocol says nothing."""
    if trouble.key == live.key:
        return UNDECIDED
    return INTERRUPTED if trouble.taken_up else DEFAULT


def _first(case: _Case) -> list[Decision]:
    """Try again, put right what is wrong, take other steps, or do what the protocol says last."""
    policy, asked = case.policy, _asked_already(case)
    if case.state.status == "stopping" or asked == "inside":
        return [case.handle("stop")]
    attempt = case.live.attempts if case.own else case.trouble.attempt
    if not asked and attempt <= policy.retries and case.may_repeat:
        return [case.handle("retry")]
    stand_in = _stand_in(case)
    if stand_in is not None:
        return stand_in
    if asked or policy.then == "fallback" or (in_clean_up(case.trouble.key) and policy.then in WAITING):
        return [case.handle("stop")]
    return [_question(case, policy) if policy.then == "ask" else case.handle(policy.then, _why_not(case))]


def _asked_already(case: _Case) -> str:
    """Say whether this very policy was asked before: "inside", by the step in a loop; "own", by the block's condition."""
    inside = case.trouble.inside
    if inside is None:
        return ""
    if inside == case.trouble.key:
        return "own"
    return "inside" if case.failed is not None and wraps(case.failed) else ""


def _stand_in(case: _Case) -> list[Decision] | None:
    """Take other steps, if there are any for this case: one set at a time, so that a second failure waits."""
    policy, trouble, failed = case.policy, case.trouble, case.failed
    there = failed.instead if failed is not None else {}
    replaces = policy.replaces and trouble.key not in case.live.replaced and case.may_repeat
    word = "replace" if replaces else "fallback" if policy.then == "fallback" else ""
    name = policy.replacement if replaces else policy.fallback
    if not word or name not in there:
        return None
    if case.own:  # they stand beside the block whose condition failed, so that one fails first
        return [case.handle("stop")]
    return [] if case.live.substitute is not None else [case.handle(word, instead=name)]


def _resumed(case: _Case) -> Handle:
    """After a pause: try again what may be tried again, else ask."""
    if case.state.status == "stopping":
        return case.handle("stop")
    return case.handle("retry", "resumed") if case.may_repeat else _question(case, DEFAULT)


def _question(case: _Case, policy: OnError) -> Handle:
    options = ("retry", "skip", "stop", "pause") if case.may_repeat else ("skip", "stop", "pause")
    by = "labcore" if policy is INTERRUPTED else "protocol"
    why = _why_not(case)
    return Handle(case.trouble.key, "ask", why, policy.limit, policy.default, options, case.kind, by=by)


def _why_not(case: _Case) -> str:
    """Say what failed and, where the protocol wants it done again, why that is not so."""
    wanted = case.policy.retries or case.policy.replaces
    if not wanted or case.may_repeat:
        return case.trouble.error
    return f"{case.trouble.error} {NOT_AGAIN}"
