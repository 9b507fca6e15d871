"""Bugs around the order of steps, loops, conditions and failures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from campaign.bugs import Patches, bug
from labcore.state import decide, decide_loop, decide_trouble, reduce
from labcore.state.decision import Handle, Missed, Round
from labcore.state.run_state import evolve


@bug("the first clean-up step is begun a second time")
def run_finally_twice() -> Patches:
    right = reduce.child_ended

    def wrong(above: Any, segment: str, trouble: Any, at: float) -> Any:
        if segment == "finally.1" and above.attempts == 1:
            return evolve(above, attempts=2)
        return right(above, segment, trouble, at)

    return [(reduce, "child_ended", wrong)]


@bug("a step is jumped over after a background step")
def jump_over_a_step() -> Patches:
    right = reduce.child_ended

    def wrong(above: Any, segment: str, trouble: Any, at: float) -> Any:
        after = right(above, segment, trouble, at)
        return evolve(after, next=after.next + 1) if trouble is None and segment == "2" else after

    return [(reduce, "child_ended", wrong)]


@bug("every failure is passed over")
def swallow_a_failure() -> Patches:
    right = decide_trouble._first

    def wrong(case: Any) -> Any:
        return [replace(one, policy="skip") if isinstance(one, Handle) else one for one in right(case)]

    return [(decide_trouble, "_first", wrong)]


@bug("rounds that were missed are made up for")
def lose_the_rounds_missed() -> Patches:
    right = decide_loop._next_round

    def wrong(state: Any, live: Any, node: Any, now: float) -> Any:
        found = right(state, live, node, now)
        return [
            Round(live.key, live.round + 1, one.first_due, now - one.first_due)
            if isinstance(one, Missed)
            else one
            for one in found
        ]

    return [(decide_loop, "_next_round", wrong)]


@bug("a schedule drifts: every round is due one interval after the one before ended")
def drift() -> Patches:
    right = decide_loop._next_round

    def wrong(state: Any, live: Any, node: Any, now: float) -> Any:
        if node.every is not None and live.tick:
            return right(
                state, evolve(live, at=live.waiting_from + node.every - live.tick * node.every), node, now
            )
        return right(state, live, node, now)

    return [(decide_loop, "_next_round", wrong)]


@bug("one round too many")
def one_round_too_many() -> Patches:
    right = decide_loop.between_rounds

    def wrong(state: Any, live: Any, node: Any, now: float, wait: float) -> Any:
        more = replace(node, times=node.times + 1) if node.times is not None else node
        return right(state, live, more, now, wait)

    return [(decide, "between_rounds", wrong)]


@bug("a parallel ends with its first branch")
def end_with_the_first_branch() -> Patches:
    right = decide._parallel

    def wrong(view: Any, live: Any, node: Any) -> Any:
        return None if live.ended else right(view, live, node)

    return [(decide, "_parallel", wrong)]


@bug("the other way of a condition is taken")
def take_the_other_way() -> Patches:
    right = decide._choice

    def wrong(view: Any, live: Any, node: Any, ending: Any) -> Any:
        if node.otherwise is not None and live.tested is not None:
            return right(view, evolve(live, tested=not live.tested), node, ending)
        return right(view, live, node, ending)

    return [(decide, "_choice", wrong)]
