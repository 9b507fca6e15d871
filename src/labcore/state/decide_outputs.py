"""What is due to outputs that are on: those whose time is over, and those that are to be made safe. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from labcore.model.plan import Plan, node_at
from labcore.state.decision import Decision, Release, WakeAt
from labcore.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class View:
    """What visitors look at. `now` on the run's clock, s."""

    plan: Plan
    state: RunState
    now: float


def expired_outputs(view: View) -> list[Decision]:
    """Make safe what has been on as long as its `for` says; wake up when the next one is due."""
    out: list[Decision] = []
    for name, output in view.state.outputs.items():
        node = node_at(view.plan.root, output.step)
        lasts = node.modifiers.lasts if node is not None else None
        if lasts is None or output.settled:
            continue
        due = output.at + lasts
        out += release(view, output.step, [name]) if view.now >= due else [WakeAt(due)]
    return out


def release(view: View, key: str, names: list[tuple[str, str]]) -> list[Decision]:
    """Make outputs safe for the block `key`, except where that was tried."""
    names = [name for name in names if not view.state.outputs[name].settled]
    return [Release(key, tuple(names))] if names else []


def held(view: View, name: tuple[str, str]) -> bool:
    """Say whether an output stays on through the clean-up of a stop."""
    node = node_at(view.plan.root, view.state.outputs[name].step)
    return node is not None and node.modifiers.hold
