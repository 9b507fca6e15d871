"""Check expressions before the run: every name known, every dimension right, each fault at its column."""

from __future__ import annotations

from typing import Literal

from labcore.model.expression import Call, Expression, ExpressionError, Name, static_dimension
from labcore.model.names import normal_name
from labcore.model.quantity import Quantity
from labcore.pipeline.context import Slot
from labcore.pipeline.draft import hint
from labcore.pipeline.nodes import ListNode, MapNode, Node, ScalarNode
from labcore.pipeline.problem import Place
from labcore.pipeline.scalars import place_within
from labcore.pipeline.scope import kind_of


def place_in(node: ScalarNode, column: int, start: int = 0, length: int = 0) -> Place:
    """Return the place of a column (1-based) of an expression that begins at `start` (0-based) of a scalar."""
    first = start + column - 1
    return place_within(node, first, first + length if length else None)


def observable_name(call: Call) -> str:
    """Return the observable a call asks for, with its attribute: "placement.offset"."""
    return f"{call.observable}.{call.attribute}" if call.attribute else call.observable


def check_names(expression: Expression, node: ScalarNode, slot: Slot) -> bool:
    """Note names that nothing declares and observables that nobody offers; say whether all are known."""
    good = True
    for one in expression.walk():
        if isinstance(one, Name):
            slot.context.shared.used.add(one.key)
            good = _check_name(one, expression, node, slot) and good
        elif isinstance(one, Call):
            good = _check_call(one, expression, node, slot) and good
    return good


def _check_name(name: Name, expression: Expression, node: ScalarNode, slot: Slot) -> bool:
    scope, key = slot.context.scope, name.key
    if key in scope.values or key in scope.later or scope.is_broken(frozenset((key,))):
        return True
    place = place_in(node, name.column, expression.start, len(key))
    if key in _saved_anywhere(slot):
        slot.note(
            "E809",
            place,
            f"{key!r} is used before any step saved it",
            f"Put a step with `save: {key}` before this one.",
        )
        return False
    otherwise = "Declare it as a parameter, or `save` it in an earlier step."
    slot.note(
        "E207", place, f"there is nothing called {key!r}", hint(key, [*scope.values, *scope.later], otherwise)
    )
    return False


def _saved_anywhere(slot: Slot) -> set[str]:
    """Return what any step of the file saves, in whatever place it stands."""
    found: set[str] = set()
    waiting: list[Node] = [slot.context.node] if slot.context.node is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, MapNode):
            saved = node.get("save")
            if isinstance(saved, ScalarNode):
                found.add(normal_name(saved.text))
            waiting += [entry.value for entry in node.entries]
        elif isinstance(node, ListNode):
            waiting += node.items
    return found


def _check_call(call: Call, expression: Expression, node: ScalarNode, slot: Slot) -> bool:
    context, name = slot.context, observable_name(call)
    place = place_in(node, call.column, expression.start, len(call.key))
    if name not in context.observables:
        known = context.observables
        otherwise = f"Observables here: {', '.join(sorted(known)) or 'none'}."
        slot.note("E208", place, f"nobody observes {name!r}", hint(name, known, otherwise))
        return False
    subject = context.known.subject(call.subject)
    if subject is not None:
        context.shared.named.add(("vessel", normal_name(call.subject)))
        return True
    if not context.known.is_missing(call.subject):
        remedy = context.known.remedy("vessel", call.subject)
        slot.note("E204", place, f"{name}({call.subject}): there is no {call.subject!r}", remedy)
    return False


def dimension_in(expression: Expression, node: ScalarNode, slot: Slot) -> str | None | Literal[False]:
    """Return what an expression measures, None if that cannot be told, False after noting that units do not fit."""

    def of(one: Name | Call) -> str | None:
        if isinstance(one, Call):
            unit = slot.context.observables[observable_name(one)].unit
            return Quantity(1.0, unit).dimension if unit else "number"
        scope = slot.context.scope
        if one.key in scope.values:
            value = scope.values[one.key]
            return kind_of(value) if value is not None else None
        return scope.later.get(one.key)

    try:
        return static_dimension(expression, of)
    except ExpressionError as error:
        text = f"${{{expression.text}}}: {error.message}"
        slot.note(
            "E302",
            place_in(node, error.column),
            text,
            error.remedy or "Check the units of what it is made of.",
        )
        return False
