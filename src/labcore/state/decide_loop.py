"""What a repetition does between two rounds. Pure."""

from __future__ import annotations

import math

from labcore.model.plan import Repeat
from labcore.state.condition import decide_condition
from labcore.state.decision import Decision, Finish, Missed, Round, Test, WakeAt
from labcore.state.run_state import Live, RunState

EARLY = 1e-9  # s: a timer may fire this much before its time by rounding


def between_rounds(state: RunState, live: Live, node: Repeat, now: float, wait: float) -> list[Decision]:
    """Test `until`, then end, wait for the next tick, or begin the next round."""
    if live.round and node.until is not None and live.tested is None:
        return _test(state, live, node, now, wait)
    if live.tested:
        return [Finish(live.key, "done")]
    if node.times is not None and live.round >= node.times:
        return [_exhausted(live, node, f"{node.times} rounds")]
    if node.lasts_for is not None:
        over = _time_is_up(live, node, now, node.lasts_for)
        if over:
            return over
    return _next_round(state, live, node, now)


def _test(state: RunState, live: Live, node: Repeat, now: float, wait: float) -> list[Decision]:
    assert node.until is not None
    verdict = decide_condition(node.until, state, live.key, now=now, max_age=node.modifiers.max_age)
    deadline = live.waiting_from + (node.modifiers.timeout or wait)
    if verdict.holds is None and not verdict.hopeless and now < deadline:
        return [WakeAt(deadline)]
    return [Test(live.key, node.until.text, "until", verdict)]


def _exhausted(live: Live, node: Repeat, what: str) -> Decision:
    if node.until is None:
        return Finish(live.key, "done")
    return Finish(live.key, "failed", f"{what} went by before {node.until.text} held", "E807")


def _time_is_up(live: Live, node: Repeat, now: float, lasts_for: float) -> list[Decision]:
    """End when the time is over; with a schedule no round begins at or after the end."""
    end = live.at + lasts_for
    if now >= end - EARLY:
        return [_exhausted(live, node, f"{lasts_for:g} s")]
    if node.every is not None and live.at + live.tick * node.every >= end - EARLY:
        return [WakeAt(end)]
    return []


def _next_round(state: RunState, live: Live, node: Repeat, now: float) -> list[Decision]:
    if node.every is None:
        return (
            []
            if state.status != "running" and state.status != "stopping"
            else [Round(live.key, live.round + 1, now, 0.0)]
        )
    due = live.at + live.tick * node.every
    if now < due - EARLY:
        return [WakeAt(due)]
    if state.status in ("pausing", "paused"):
        return []
    behind = math.floor((now - due + EARLY) / node.every)
    if behind >= 1:
        return [Missed(live.key, behind, due)]
    return [Round(live.key, live.round + 1, due, max(0.0, now - due))]
