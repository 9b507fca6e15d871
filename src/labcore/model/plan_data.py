"""A plan as plain data, for the run's own copy and for people who read it without labcore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from labcore.model.plan import Choice, Deferred, Node, Parallel, Plan, Repeat, Sequence, Step
from labcore.model.quantity import Quantity


def plan_as_data(plan: Plan) -> dict[str, Any]:
    """Return the plan as data that JSON can carry."""
    return {
        "name": plan.name,
        "description": plan.description,
        "digest": plan.digest,
        "lab": plan.lab.lab,
        "parameters": dict(plan.parameters),
        "materials": {name: dict(entry) for name, entry in plan.materials.items()},
        "vessels": dict(plan.vessels),
        "devices": dict(plan.devices),
        "machines": {name: asdict(machine) for name, machine in plan.machines.items()},
        "observers": list(plan.observers),
        "leave_on": list(plan.leave_on),
        "steps": [node_as_data(node) for node in plan.root.steps],
        "finally": [node_as_data(node) for node in plan.root.finally_],
    }


def node_as_data(node: Node) -> dict[str, Any]:
    """Return one node with everything under it."""
    data: dict[str, Any] = {"id": node.id, "label": node.label, "line": node.where.line}
    match node:
        case Step():
            data |= {"verb": node.verb, "args": {name: _value(value) for name, value in node.args.items()}}
        case Sequence():
            data |= {"verb": "sequence", "steps": _nodes(node.steps), "finally": _nodes(node.finally_)}
        case Parallel():
            data |= {"verb": "parallel", "branches": _nodes(node.branches), "finally": _nodes(node.finally_)}
        case Repeat():
            until = node.until.text if node.until else None
            data |= {"verb": "repeat", "body": node_as_data(node.body), "until": until}
            data |= {"times": node.times, "every": node.every, "for": node.lasts_for}
        case Choice():
            otherwise = node_as_data(node.otherwise) if node.otherwise else None
            data |= {
                "verb": node.use,
                "condition": node.condition.text,
                "then": node_as_data(node.then),
                "otherwise": otherwise,
            }
    if node.modifiers.background:
        data["background"] = True
    return data


def _nodes(nodes: tuple[Node, ...]) -> list[dict[str, Any]]:
    return [node_as_data(node) for node in nodes]


def _value(value: Any) -> Any:
    if isinstance(value, Quantity):
        return str(value)
    if isinstance(value, Deferred):
        return value.written
    if isinstance(value, Mapping):
        return {str(key): _value(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
