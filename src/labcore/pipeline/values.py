"""Turn what an author wrote in an argument into a value, or into something worked out when the step starts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from labcore.model.expression import (
    EvaluationError,
    Expression,
    ExpressionError,
    Template,
    evaluate,
    parse_template,
    shown,
)
from labcore.model.plan import Deferred
from labcore.model.quantity import Quantity, QuantityError, UnitError, parse_quantity
from labcore.pipeline.context import Slot
from labcore.pipeline.expressions import check_names, dimension_in, place_in
from labcore.pipeline.form import ANYTHING, Field
from labcore.pipeline.nodes import ListNode, MapNode, Node, ScalarNode
from labcore.pipeline.scalars import is_null, value_of
from labcore.pipeline.scope import scalar_value


class Invalid:
    """Stands for a value that was refused, or that rests on something refused before."""


INVALID: Final = Invalid()
_BOUNDED = frozenset(("value", "min", "max"))


def argument_value(node: Node, slot: Slot, field: Field = ANYTHING) -> Any:
    """Return a plain value, a Quantity, a Deferred, or INVALID after noting why."""
    if isinstance(node, ScalarNode):
        return _scalar(node, slot, field)
    if isinstance(node, ListNode):
        items = [known_value(item, slot, Field("", "", text=field.text)) for item in node.items]
        return INVALID if INVALID in items else items
    assert isinstance(node, MapNode)
    if field.dimension is not None and node.get("value") is not None and _BOUNDED.issuperset(node.keys()):
        return _bounded(node, slot, field)
    inside = {entry.key: known_value(entry.value, slot.at(entry.key)) for entry in node.entries}
    return INVALID if INVALID in inside.values() else inside


def known_value(node: Node, slot: Slot, field: Field = ANYTHING) -> Any:
    """Return a value that must be known before the run; INVALID after noting that it is not."""
    value = argument_value(node, slot, field)
    if isinstance(value, Deferred):
        slot.note("E307", node.place, f"{as_written(value.expression)} is known only during the run")
        return INVALID
    return value


# --------------------------------------------------------------------------------------------- one value
def _scalar(node: ScalarNode, slot: Slot, field: Field) -> Any:
    text = node.text
    if "${" not in text:
        if is_null(node):
            return None
        return _flag(node, slot) if field.flag else text
    read = _template(node, slot)
    if isinstance(read, str | Invalid):
        return read
    return _worked_out(read, node, slot, field)


def _flag(node: ScalarNode, slot: Slot) -> Any:
    value = value_of(node)
    if isinstance(value, bool):
        return value
    slot.note("E303", node.place, f"{node.text!r} is neither true nor false", "Write true or false.")
    return INVALID


def _template(node: ScalarNode, slot: Slot) -> str | Expression | Template | Invalid:
    try:
        return parse_template(node.text)
    except ExpressionError as error:
        slot.note("E306", place_in(node, error.column), error.message, error.remedy)
        return INVALID


def _worked_out(read: Expression | Template, node: ScalarNode, slot: Slot, field: Field) -> Any:
    """Return the value of an expression now, or the expression to be worked out when the step starts."""
    parts = (read,) if isinstance(read, Expression) else read.expressions()
    scope = slot.context.scope
    if not all([check_names(part, node, slot) for part in parts]):  # noqa: C419 - every part is checked
        return INVALID
    if scope.is_broken(read.names()):
        return INVALID
    measures = [dimension_in(part, node, slot) for part in parts]
    if False in measures:
        return INVALID
    if not read.calls() and read.names() <= scope.values.keys():
        value = _now(read, node, slot)
        return value if value is INVALID or isinstance(value, str) or not field.text else shown(value)
    if isinstance(read, Expression) and _wrong_dimension(measures[0], node, slot, field):
        return INVALID
    if isinstance(read, Expression) and field.text:
        read = Template(node.text, (read,))  # written out as a text when the step starts
    return Deferred(read, dict(scope.values), None, None, slot.context.known.subjects())


def _wrong_dimension(measured: str | None | bool, node: ScalarNode, slot: Slot, field: Field) -> bool:
    wanted = field.dimension
    if wanted is None or measured is None or measured == wanted.name:
        return False
    slot.note(
        "E302",
        node.place,
        f"this comes out as {measured}, not {wanted.name}",
        f"Expected like {wanted.example}.",
    )
    return True


def _now(read: Expression | Template, node: ScalarNode, slot: Slot) -> Any:
    scope = slot.context.scope
    try:
        return read.render(scope) if isinstance(read, Template) else evaluate(read, scope)
    except EvaluationError as error:
        place = place_in(node, error.column, read.start) if isinstance(read, Expression) else node.place
        slot.note("E305", place, f"{as_written(read)}: {error.message}", error.remedy)
    except (UnitError, QuantityError) as error:
        slot.note("E305", node.place, f"{as_written(read)}: {error.message}", error.remedy)
    return INVALID


def as_written(read: Expression | Template) -> str:
    """Return an expression or a text with expressions as an author writes it."""
    return read.text if isinstance(read, Template) else "${" + read.text + "}"


# --------------------------------------------------------------------------------------------- bounds
def _bounded(node: MapNode, slot: Slot, field: Field) -> Any:
    """Return the value of `{value, min, max}`: within its bounds, or with them for later."""
    bounds = [_bound(node.get(key), slot.at(key), field) for key in ("min", "max")]
    inner = node.get("value")
    assert inner is not None
    value = argument_value(inner, slot.at("value"), replace(field, flag=False))
    if value is INVALID or INVALID in bounds:
        return INVALID
    low, high = bounds
    if low is not None and high is not None and low > high:
        slot.note("E303", node.place, f"min {low} is above max {high}", "Swap them.")
        return INVALID
    if isinstance(value, Deferred):
        return replace(value, low=low, high=high)
    return _within(value, inner, slot, low, high)


def _bound(node: Node | None, slot: Slot, field: Field) -> Any:
    if node is None:
        return None
    return quantity_of(known_value(node, slot), node, slot, field)


def quantity_of(value: Any, node: Node, slot: Slot, field: Field) -> Any:
    """Return a value as a quantity of the field's dimension; INVALID after noting that it is none."""
    assert field.dimension is not None
    if value is INVALID:
        return INVALID
    try:
        quantity = value if isinstance(value, Quantity) else parse_quantity(str(value))
    except QuantityError as error:
        bare = isinstance(scalar_value(str(value)), float)
        remedy = f"Write the unit, like {field.dimension.example}." if bare else error.remedy
        slot.note("E301", node.place, error.message, remedy)
        return INVALID
    if quantity.dimension != field.dimension.name:
        message = f"{quantity} is {quantity.dimension}, not {field.dimension.name}"
        slot.note("E302", node.place, message, f"Write it like {field.dimension.example}.")
        return INVALID
    return quantity


def _within(value: Any, node: Node, slot: Slot, low: Quantity | None, high: Quantity | None) -> Any:
    """Return a value that is known already, if it is within its own bounds."""
    if value is None or (low is None and high is None):
        return value
    try:
        quantity = value if isinstance(value, Quantity) else parse_quantity(str(value))
        outside = (low is not None and quantity < low) or (high is not None and quantity > high)
    except (QuantityError, UnitError):
        return value  # the argument's own check says what is wrong with it
    if outside:
        slot.note("E701", node.place, f"{quantity} is outside its bounds, {low or '-'} to {high or '-'}")
        return INVALID
    return value


def check_bounds(value: Any, node: Node, slot: Slot, field: Field) -> bool:
    """Say whether a quantity that is known only during the run says between which values it may come out."""
    if (
        not isinstance(value, Deferred)
        or field.dimension is None
        or (value.low is not None and value.high is not None)
    ):
        return True
    text = as_written(value.expression)
    remedy = f'Write {{value: "{text}", min: ..., max: ...}}.'
    slot.note("E304", node.place, f"{text} is known only during the run, so it needs bounds", remedy)
    return False
