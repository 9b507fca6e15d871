"""Read conditions, durations and counts: what stands in `until`, `when`, `require`, `every`, `timeout`, `times`."""

from __future__ import annotations

from dataclasses import replace

from labcore.model.expression import ExpressionError, parse_expression
from labcore.model.expression_dimension import CONDITION
from labcore.model.fields import LONGEST, Dimension
from labcore.model.plan import Condition
from labcore.model.quantity import Quantity
from labcore.pipeline.context import Slot
from labcore.pipeline.expressions import check_names, dimension_in, place_in
from labcore.pipeline.form import Field
from labcore.pipeline.nodes import Node, ScalarNode
from labcore.pipeline.scope import scalar_value
from labcore.pipeline.values import INVALID, known_value, quantity_of

_DURATION = Field("", "", Dimension("time", "30 s"))


def condition_of(node: Node | None, slot: Slot) -> Condition | None:
    """Return a condition; None if there is none, or after noting what is wrong with it."""
    if node is None:
        return None
    if not isinstance(node, ScalarNode):
        slot.note(
            "E303", node.place, "a condition is one expression", "Write it like turbidity(reactor) >= 4."
        )
        return None
    text, start = _bare(node.text)
    try:
        expression = replace(parse_expression(text), start=start)
    except ExpressionError as error:
        slot.note("E306", place_in(node, error.column, start), error.message, error.remedy)
        return None
    if not check_names(expression, node, slot) or slot.context.scope.is_broken(expression.names()):
        return None
    measured = dimension_in(expression, node, slot)
    if measured is False:
        return None
    if measured not in (None, CONDITION):
        slot.note("E308", node.place, f"{text} is {_article(measured)}, not a condition")
        return None
    return Condition(expression, dict(slot.context.scope.values), slot.context.known.subjects())


def _bare(text: str) -> tuple[str, int]:
    """Return a condition without blanks and without the `${...}` it may stand in, and where it begins."""
    inner = text.strip()
    start = len(text) - len(text.lstrip())
    if inner.startswith("${") and inner.endswith("}"):
        inner = inner[2:-1]
        start += 2 + len(inner) - len(inner.lstrip())
        inner = inner.strip()
    return inner, start


def _article(measured: str) -> str:
    return {"number": "a number", "text": "a text"}.get(measured, f"a quantity of {measured}")


def seconds(node: Node | None, slot: Slot, *, positive: bool = True) -> float | None:
    """Return a duration in s, known before the run; None if there is none or it is wrong (noted)."""
    if node is None:
        return None
    quantity = quantity_of(known_value(node, slot), node, slot, _DURATION)
    if not isinstance(quantity, Quantity):
        return None
    if quantity > LONGEST:
        slot.note("E309", node.place, f"{quantity} is longer than {LONGEST}")
        return None
    length = quantity.in_("s")
    if length < 0 or (positive and length == 0):
        slot.note("E802", node.place, f"{quantity} lets no time pass")
        return None
    return length


def count_of(node: Node, slot: Slot) -> int | None:
    """Return a whole number of 1 or more, known before the run; None after noting that it is none."""
    value = known_value(node, slot)
    if value is INVALID:
        return None
    number = scalar_value(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, float) or number < 1 or number != int(number):
        slot.note("E303", node.place, "this is a whole number of 1 or more", "Write a number like 3.")
        return None
    return int(number)
