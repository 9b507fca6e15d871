"""Turn what an author wrote in an argument into a value, or into something worked out when the step starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from labcore.model.expression import EvaluationError, Expression, ExpressionError, Template, evaluate, parse_expression, parse_template
from labcore.model.fields import Dimension
from labcore.model.plan import Condition, Deferred
from labcore.model.quantity import Quantity, QuantityError, UnitError, parse_quantity
from labcore.pipeline.context import Context
from labcore.pipeline.draft import ListNode, MapNode, Node, Place, ScalarNode

BOUNDED = ("value", "min", "max")


def argument_value(node: Node, context: Context, what: str, quantity: bool) -> Any:
    """Return a plain value, a Quantity, or a Deferred for one argument."""
    if isinstance(node, ScalarNode):
        return _scalar(node, context, what, quantity, None, None)
    if isinstance(node, ListNode):
        return [argument_value(item, context, what, quantity) for item in node.items]
    if quantity and node.get("value") is not None and all(entry.key in BOUNDED for entry in node.entries):
        return _bounded(node, context, what)
    return {entry.key: argument_value(entry.value, context, what, False) for entry in node.entries}


def _bounded(node: MapNode, context: Context, what: str) -> Any:
    low, high = (_bound(node.get(key), context, what) for key in ("min", "max"))
    value = node.get("value")
    if not isinstance(value, ScalarNode):
        context.findings.add("E303", node.place, f"{what}: value is not an expression", 'Write value: "${...}".')
        return None
    return _scalar(value, context, what, True, low, high)


def _bound(node: Node | None, context: Context, what: str) -> Quantity | None:
    if node is None:
        return None
    value = argument_value(node, context, what, True)
    if isinstance(value, Quantity):
        return value
    try:
        return parse_quantity(str(value))
    except QuantityError as error:
        context.findings.add("E301", node.place, f"{what}: {error.message}", error.remedy)
        return None


def _scalar(node: ScalarNode, context: Context, what: str, quantity: bool, low: Quantity | None, high: Quantity | None) -> Any:
    if not node.quoted and node.text in ("", "null", "~"):
        return None
    try:
        value = parse_template(node.text)
    except ExpressionError as error:
        _note_expression(error, node.place, context, what)
        return None
    if isinstance(value, str):
        return value
    return _expression(value, node.place, context, what, quantity, low, high)


def _expression(
    value: Expression | Template, place: Place, context: Context, what: str, quantity: bool, low: Quantity | None, high: Quantity | None
) -> Any:
    parts = [value] if isinstance(value, Expression) else list(value.expressions())
    if not all([context.check_expression(part, place, what) for part in parts]):
        return None
    known = all(not part.calls() and part.names() <= context.scope.values.keys() for part in parts)
    if known:
        return _now(value, place, context, what)
    if quantity and (low is None or high is None):
        context.findings.add(
            "E304", place, f"{what}: ${{{value.text}}} is known only during the run, so it needs bounds",
            f'Write {{value: "${{{value.text}}}", min: ..., max: ...}}.',
        )  # fmt: skip
        return None
    return Deferred(value, dict(context.scope.values), low, high, context.subjects)


def _now(value: Expression | Template, place: Place, context: Context, what: str) -> Any:
    try:
        return value.render(context.scope) if isinstance(value, Template) else evaluate(value, context.scope)
    except (EvaluationError, UnitError) as error:
        message, remedy = getattr(error, "message", str(error)), getattr(error, "remedy", "")
        context.findings.add("E305", place, f"{what}: ${{{value.text}}}: {message}", remedy or "Check the units of what it is made of.")
        return None


def _note_expression(error: ExpressionError, place: Place, context: Context, what: str) -> None:
    context.findings.add("E306", place, f"{what}: {error.message}", error.remedy)


def condition_of(node: Node, context: Context, what: str) -> Condition | None:
    """Return a condition; None after noting what is wrong with it."""
    if not isinstance(node, ScalarNode):
        context.findings.add("E303", node.place, f"{what}: a condition is one expression", "Write it like turbidity(reactor) >= 4.")
        return None
    text = node.text.strip()
    if text.startswith("${") and text.endswith("}"):
        text = text[2:-1]
    try:
        expression = parse_expression(text)
    except ExpressionError as error:
        _note_expression(error, node.place, context, what)
        return None
    if not context.check_expression(expression, node.place, what):
        return None
    subjects: Mapping[str, str] = context.subjects
    return Condition(expression, dict(context.scope.values), subjects)


def seconds(node: Node | None, context: Context, what: str) -> float | None:
    """Return a duration in s, known before the run; None if there is none or it is wrong (noted)."""
    if node is None:
        return None
    value = argument_value(node, context, what, True)
    if value is None:
        return None
    try:
        quantity = value if isinstance(value, Quantity) else parse_quantity(str(value))
        if quantity.dimension != "time" or quantity.value < 0:
            raise QuantityError(f"{quantity} is not a duration", "Write it like 30 s or 5 min.")
        return quantity.in_("s")
    except QuantityError as error:
        context.findings.add("E301", node.place, f"{what}: {error.message}", error.remedy)
        return None


def is_quantity_field(model: type[BaseModel], name: str) -> bool:
    """Say whether an argument is a quantity, optional or not."""
    for key, field in model.model_fields.items():
        if name in (key, field.alias):
            return any(isinstance(one, Dimension) for one in field.metadata) or _mentions(field.annotation)
    return False


def _mentions(annotation: Any) -> bool:
    metadata = getattr(annotation, "__metadata__", ())
    if any(isinstance(one, Dimension) for one in metadata):
        return True
    return any(_mentions(argument) for argument in getattr(annotation, "__args__", ()))
