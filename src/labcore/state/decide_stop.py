"""What a pause waits for or cuts, and whose stop has still to be settled. Pure."""

from __future__ import annotations

from labcore.model.ids import in_clean_up, order
from labcore.model.plan import Machine, Plan, Step, node_at
from labcore.state.decision import Cut, Decision, Halt
from labcore.state.run_state import RunState


def quiet(plan: Plan, state: RunState) -> bool:
    """Say whether nothing runs that must not be interrupted.

    What waits for an output that was switched off meanwhile cannot end before the run goes on, and does nothing.
    """
    waiting = {output.step for output in state.suspended.values()}
    going = (key for key, live in state.live.items() if not live.interrupted and key not in waiting)
    nodes = (node_at(plan.root, key) for key in going)
    return not any(isinstance(node, Step) and not node.interruptible for node in nodes)


def interruptions(plan: Plan, state: RunState) -> list[Decision]:
    """Cut what a pause would wait for and what may be begun again afterwards: never a step of a clean-up."""
    out: list[Decision] = []
    for key in sorted(state.live, key=order):
        node = node_at(plan.root, key)
        spared = state.live[key].background or in_clean_up(key)
        if isinstance(node, Step) and node.repeat_allowed and not (node.interruptible or spared):
            out.append(Cut(key, node))
    return out


def halts(plan: Plan, state: RunState) -> list[Decision]:
    """Return whose stop is not settled yet: of all that can move, heat or pump and are connected, heat first.

    A device with an output on is settled when that is released, at once or after what the protocol holds it for. People
    are not asked whether they stand still: their question was withdrawn.
    """
    on = {device for (device, _), output in state.outputs.items() if not output.settled}
    asked = [
        machine
        for machine in plan.machines.values()
        if machine.acts and not machine.person and machine.name in state.connected - state.halted - on
    ]
    return [Halt(tuple(machine.name for machine in sorted(asked, key=_without_heat)))] if asked else []


def _without_heat(machine: Machine) -> bool:
    return "temperature" not in machine.outputs
