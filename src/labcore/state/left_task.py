"""A question of the clean-up for which nobody is waited any more: it is left as a task, and named. Pure."""

from __future__ import annotations

from labcore.model.ids import ancestors, in_clean_up
from labcore.model.plan import Node, Step
from labcore.state.decision import Cut, Decision, WakeAt
from labcore.state.run_state import RunState

LEFT = "left as a task"
AFTER_STOP = f"{LEFT}: nobody is waited for after a stop"
AFTER_FAILURE = f"{LEFT}: nobody answered in the clean-up after a failure"
LIMIT = 300.0  # s that a question of the clean-up after a failure is open, unless it has a limit of its own


def left_as_task(state: RunState, key: str, node: Node, now: float) -> str:
    """Return why the step is left as a task now, "" if it is not."""
    if not (isinstance(node, Step) and node.verb == "prompt" and in_clean_up(key)):
        return ""
    if state.status == "stopping":
        return AFTER_STOP
    end = _waited_until(state, key, node)
    return AFTER_FAILURE if end is not None and now >= end else ""


def unanswered(state: RunState, key: str, step: Step, now: float) -> list[Decision]:
    """Leave the question under way as a task, or look again when its time is over."""
    if left_as_task(state, key, step, now):
        return [Cut(key, step)]
    end = _waited_until(state, key, step)
    return [] if end is None else [WakeAt(end)]


def _waited_until(state: RunState, key: str, step: Step) -> float | None:
    """Return until when somebody may answer after a failure, s on the run's clock; None: as long as the step says."""
    if step.verb != "prompt" or not in_clean_up(key) or step.args.get("limit") is not None:
        return None
    failed = any(state.live[one].failed for one in ancestors(key) if one in state.live)
    return state.live[key].at + LIMIT if failed and key in state.live else None
