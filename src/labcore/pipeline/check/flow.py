"""Blocks that do not do what they seem to: background steps at the end, devices shared by branches."""

from __future__ import annotations

from labcore.model.plan import Parallel, Sequence, Step, walk
from labcore.pipeline.check.bench import NOBODY
from labcore.pipeline.check.subject import Subject, walk_steps


def check_flow(subject: Subject) -> None:
    """Note what surprises in the order of steps."""
    for node in walk(subject.plan.root):
        if isinstance(node, Sequence) and node.steps and node.steps[-1].modifiers.background:
            last = node.steps[-1]
            message = "this ends with its block, and nothing follows it there: it ends at once"
            subject.note("N816", last, message, at=subject.at_modifier(last, "background"))
        elif isinstance(node, Parallel):
            _shared_devices(subject, node)


def _shared_devices(subject: Subject, node: Parallel) -> None:
    users: dict[str, list[int]] = {}
    for number, branch in enumerate(node.branches, 1):
        devices = {device for step in walk_steps(branch) for device in _devices(subject, step)}
        for device in sorted(devices - {NOBODY}):
            users.setdefault(device, []).append(number)
    for device, numbers in users.items():
        if len(numbers) > 1:
            which = ", ".join(str(number) for number in numbers[:-1]) + f" and {numbers[-1]}"
            subject.note("N811", node, f"branches {which} use {device}: one waits for the other")


def _devices(subject: Subject, step: Step) -> tuple[str, ...]:
    effects = subject.effects.get(step.id)
    return effects.devices if effects is not None else ()
