"""Blocks that do not do what they seem to: background steps at the end, devices shared by branches."""

from __future__ import annotations

from labcore.model.plan import Node, Parallel, Sequence, Step, walk
from labcore.pipeline.check.bench import NOBODY
from labcore.pipeline.check.subject import Subject, walk_steps


def check_flow(subject: Subject) -> None:
    """Note what surprises in the order of steps."""
    for node in walk(subject.plan.root):
        if isinstance(node, Sequence) and node.steps and node.steps[-1].modifiers.background:
            last = node.steps[-1]
            message = "this ends with its block, and nothing follows it there: it ends at once"
            subject.note("N816", last, message, at=subject.at_modifier(last, "background"))
        elif isinstance(node, Sequence) and node.steps:
            _cut_at_once(subject, node.steps[-1])
        elif isinstance(node, Parallel):
            _shared_devices(subject, node)


def _cut_at_once(subject: Subject, last: Node) -> None:
    """Note an output that is to last for a time, and with which its block ends: it is switched off right away."""
    if isinstance(last, Step) and last.modifiers.lasts is not None:
        message = "this is switched off when its block ends, and nothing follows it there: it lasts 0 s"
        remedy = f"Let `wait: {last.modifiers.lasts:g} s` follow; `for` does not wait."
        subject.note("N816", last, message, remedy, at=subject.at_modifier(last, "for"))


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
