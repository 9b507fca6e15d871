"""Checks over the whole plan that need more than one step: conditions fed, limits, watchdogs, devices shared. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labcore.model.expression import Expression
from labcore.model.names import normal_name
from labcore.model.observation import Observable
from labcore.model.plan import Choice, Condition, Deferred, Node, Parallel, Plan, Repeat, Step, children, walk
from labcore.model.quantity import Quantity
from labcore.pipeline.check.walk import Planned, Walk
from labcore.pipeline.context import observable_name
from labcore.pipeline.draft import Findings
from labcore.pipeline.problem import Place
from labcore.plugin.catalog import Catalog


def check_rules(plan: Plan, followed: Walk, observables: Mapping[str, Observable], catalog: Catalog, findings: Findings) -> None:
    """Run every rule."""
    feeds = _feeds(followed)
    _conditions(plan.root, plan, feeds, observables, findings)
    _limits(plan, followed, catalog, findings)
    _watchdogs(plan, followed, findings)
    _parallel_devices(plan, followed, findings)
    _saved(plan, findings)


def _place(node: Node) -> Place:
    return Place(node.where.file, node.where.line, node.where.column, None)


# --------------------------------------------------------------------------------------------- conditions
def _feeds(followed: Walk) -> dict[str, set[tuple[str, str]]]:
    """Return what each step lets one observe, by step id."""
    found: dict[str, set[tuple[str, str]]] = {}
    for planned in followed.planned:
        found.setdefault(planned.node.id, set()).update(planned.effects.observes)
    return found


def _conditions(
    node: Node, plan: Plan, feeds: Mapping[str, set[tuple[str, str]]], observables: Mapping[str, Observable], findings: Findings
) -> None:
    if isinstance(node, Repeat) and node.until is not None:
        inside = _fed_by(node.body, feeds)
        for name, subject in _wanted(node.until):
            if not _is_fed(name, subject, inside, observables):
                findings.add(
                    "E801", _place(node), f"until {node.until.text}: nothing in this loop can observe {name}({subject})",
                    _feed_remedy(name, subject, observables), step=node.id,
                )  # fmt: skip
    if isinstance(node, Choice):
        everything = _fed_by(plan.root, feeds)
        for name, subject in _wanted(node.condition):
            if not _is_fed(name, subject, everything, observables):
                findings.add(
                    "E801", _place(node), f"{node.use} {node.condition.text}: no step observes {name}({subject})",
                    _feed_remedy(name, subject, observables), step=node.id,
                )  # fmt: skip
    for child in children(node):
        _conditions(child, plan, feeds, observables, findings)


def _wanted(condition: Condition) -> Iterator[tuple[str, str]]:
    for call in condition.expression.calls():
        yield observable_name(call), condition.subjects.get(normal_name(call.subject), call.subject)


def _fed_by(node: Node, feeds: Mapping[str, set[tuple[str, str]]]) -> set[tuple[str, str]]:
    return {one for step in walk(node) if isinstance(step, Step) for one in feeds.get(step.id, ())}


def _is_fed(name: str, subject: str, fed: set[tuple[str, str]], observables: Mapping[str, Observable]) -> bool:
    if (name, subject) in fed:
        return True
    return observables[name].from_images and ("image", subject) in fed


def _feed_remedy(name: str, subject: str, observables: Mapping[str, Observable]) -> str:
    verb = "image" if observables[name].from_images else "weigh" if name == "mass" else f"measure: {{what: {name}, in: {subject}}}"
    return f"Add `image: {{vessel: {subject}}}` to it." if verb == "image" else f"Add a `{verb}` step to it."


# --------------------------------------------------------------------------------------------- limits
def _limits(plan: Plan, followed: Walk, catalog: Catalog, findings: Findings) -> None:
    seen: set[tuple[str, str]] = set()
    for planned in followed.planned:
        for name, value in planned.node.args.items():
            values = [value.low, value.high] if isinstance(value, Deferred) else [value]
            for one in values:
                if isinstance(one, Quantity) and (planned.node.id, name) not in seen:
                    message = _outside(plan, planned, name, one, catalog)
                    if message:
                        seen.add((planned.node.id, name))
                        findings.add("E702", _place(planned.node), f"{planned.node.verb}: {message[0]}", message[1], step=planned.node.id)


def _outside(plan: Plan, planned: Planned, name: str, value: Quantity, catalog: Catalog) -> tuple[str, str] | None:
    for device in planned.effects.devices:
        hardware = catalog.load("drivers", plan.machines[device].driver).limits.get(name)
        lab = next((entry.get(name) for key, entry in plan.lab.limits.items() if plan.aliases.get(key) == device), None)
        bounds = [(hardware.minimum, hardware.maximum, f"what {device} can do")] if hardware is not None else []
        bounds += [(lab.min, lab.max, f"what this lab allows {device}")] if lab is not None else []
        for low, high, whose in bounds:
            if low is not None and value.dimension == low.dimension and value < low:
                return f"{name} {value} is below {whose} ({low})", f"Use at least {low}."
            if high is not None and value.dimension == high.dimension and value > high:
                return f"{name} {value} is above {whose} ({high})", f"Use at most {high}."
    return None


# --------------------------------------------------------------------------------------------- safety
def _watchdogs(plan: Plan, followed: Walk, findings: Findings) -> None:
    """Name every output that nothing switches off if this computer stops."""
    seen: set[tuple[str, str]] = set()
    for planned in followed.planned:
        for change in planned.effects.changes:
            device, output = getattr(change, "device", None), getattr(change, "output", None)
            if device is None or output is None or getattr(change, "value", None) is None or (device, output) in seen:
                continue
            seen.add((device, output))
            if output not in plan.machines[device].watchdog:
                heater = output == "temperature"
                what = "this heater stays on" if heater else f"{device} goes on"
                findings.add(
                    "W901", _place(planned.node), f"{device} has no watchdog for {output}: if this computer stops, {what}",
                    "Arm the device's watchdog if it has one, or stay with it.",
                    step=planned.node.id, severity="warning" if heater else "note",
                )  # fmt: skip


# --------------------------------------------------------------------------------------------- concurrency
def _parallel_devices(plan: Plan, followed: Walk, findings: Findings) -> None:
    devices: dict[str, set[str]] = {}
    for planned in followed.planned:
        devices.setdefault(planned.node.id, set()).update(planned.effects.devices)
    for node in walk(plan.root):
        if not isinstance(node, Parallel):
            continue
        used = [
            {device for step in walk(branch) if isinstance(step, Step) for device in devices.get(step.id, ())} for branch in node.branches
        ]
        for i, mine in enumerate(used):
            for j in range(i + 1, len(used)):
                for device in sorted(mine & used[j]):
                    findings.add(
                        "N811", _place(node), f"branches {i + 1} and {j + 1} both use {device}: one waits for the other",
                        "That is safe; give each branch its own device to save time.", step=node.id, severity="note",
                    )  # fmt: skip


# --------------------------------------------------------------------------------------------- results
def _saved(plan: Plan, findings: Findings) -> None:
    """A result is used only after a step that saves it."""
    saved: set[str] = set()
    for node in walk(plan.root):
        if not isinstance(node, Step):
            continue
        for name, value in node.args.items():
            if isinstance(value, Deferred):
                parts = [value.expression] if isinstance(value.expression, Expression) else value.expression.expressions()
                for part in parts:
                    for wanted in sorted(part.names() - value.scope.keys() - saved):
                        findings.add(
                            "E808", _place(node), f"{node.verb}: {name} uses {wanted!r} before any step saved it",
                            f"Put a step with `save: {wanted}` before this one.", step=node.id,
                        )  # fmt: skip
        if node.modifiers.save is not None:
            saved.add(node.modifiers.save)
