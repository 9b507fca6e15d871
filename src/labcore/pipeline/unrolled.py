"""Read what `for_each` goes through."""

from __future__ import annotations

from labcore.model.names import name_fault, normal_name
from labcore.pipeline.context import Context
from labcore.pipeline.draft import DraftStep
from labcore.pipeline.nodes import ListNode, MapNode, Node

_FORM = "Write for_each: {vial: [a, b], do: [...]}."


def loop_variable(step: DraftStep, context: Context) -> tuple[str, tuple[Node, ...], Node | None] | None:
    """Return the variable's name, its values and the steps; None after noting what is wrong."""
    argument = step.argument
    if not isinstance(argument, MapNode):
        context.findings.add("E107", step.verb_place, "this takes a mapping", _FORM, step=step.verb)
        return None
    variables = [entry for entry in argument.entries if entry.key != "do"]
    if len(variables) != 1:
        found = ", ".join(repr(entry.key) for entry in variables) or "none"
        message = f"exactly one name with a list is needed, beside `do`; here: {found}"
        context.findings.add("E109", argument.place, message, _FORM, step=step.verb)
        return None
    entry = variables[0]
    if fault := name_fault(entry.key):
        context.findings.add("E210", entry.key_place, f"{entry.key!r} is not a name: {fault}", step=step.verb)
        return None
    if not isinstance(entry.value, ListNode) or not entry.value.items:
        message = f"{entry.key} needs a list with at least one value"
        context.findings.add("E109", entry.value.place, message, _FORM, step=step.verb)
        return None
    name = normal_name(entry.key)
    if name in context.scope.values or name in context.scope.later:
        message = f"{entry.key!r} is the name of a parameter, result or outer loop variable already"
        context.findings.add("E211", entry.key_place, message, step=step.verb)
        return None
    return name, entry.value.items, argument.get("do")
