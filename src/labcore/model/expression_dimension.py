"""Check an expression's dimensions before any value is known."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from labcore.model.dimensions import Vector, dimension_name, dimension_vector
from labcore.model.expression_tree import (
    Call,
    Chain,
    Compare,
    Expression,
    ExpressionError,
    Function,
    Literal,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Surely,
)
from labcore.model.quantity import Quantity

CONDITION = "yes/no"
TEXT = "text"
_POINT, _DIFFERENCE = "temperature", "temperature difference"

Dimensions = Callable[[Name | Call], str | None]


def static_dimension(expression: Expression, dimensions: Dimensions) -> str | None:
    """Return what it measures: a dimension's name, "yes/no", "text", or None where that cannot be known.

    `dimensions` answers for look-ups (`Name`) and observables (`Call`), None for unknown. ExpressionError
    where dimensions cannot go together, with the column in the scalar that the expression came from.
    """
    try:
        return _Checker(dimensions).of(expression.root)
    except ExpressionError as error:
        raise ExpressionError(error.message, error.column + expression.start, error.remedy) from None


class _Checker:
    """Walks one tree; None means "could be anything"."""

    def __init__(self, dimensions: Dimensions) -> None:
        self._dimensions = dimensions

    def of(self, node: Node) -> str | None:
        match node:
            case Literal(value):
                return _of_value(value)
            case Name() | Call():
                return self._dimensions(node)
            case Negative(operand, column):
                return _amount(self.of(operand), "turned negative", column)
            case Chain(first, rest, column):
                return self._chain(first, rest, column)
            case Compare(sign, left, right, column):
                _comparable(sign, self.of(left), self.of(right), column)
                return CONDITION
            case Function(name, arguments, column):
                return _function(name, [self.of(argument) for argument in arguments], column)
            case Logic(_, operands, column):
                return self._conditions(operands, column)
            case Not(operand, column) | Surely(operand, column):
                return self._conditions((operand,), column)

    def _chain(self, first: Node, rest: tuple[tuple[str, Node], ...], column: int) -> str | None:
        total = self.of(first)
        for sign, operand in rest:
            join = _added if sign in "+-" else _multiplied
            total = join(sign, total, self.of(operand), column)
        return total

    def _conditions(self, operands: tuple[Node, ...], column: int) -> str:
        for operand in operands:
            found = self.of(operand)
            if found not in (None, CONDITION):
                remedy = "Compare it with something."
                raise ExpressionError(f"Expected a condition, found {_article(found)}.", column, remedy)
        return CONDITION


def _of_value(value: Quantity | float | bool | str) -> str:
    if isinstance(value, bool):
        return CONDITION
    if isinstance(value, str):
        return TEXT
    return value.dimension if isinstance(value, Quantity) else "number"


def _article(dimension: str | None) -> str:
    if dimension == "number":
        return "a number without unit"
    return {CONDITION: "a condition", TEXT: "a text"}.get(str(dimension), str(dimension))


def _number(dimension: str | None, verb: str, column: int) -> None:
    if dimension in (CONDITION, TEXT):
        raise ExpressionError(f"{_article(dimension).capitalize()} cannot be {verb}.", column)


def _amount(dimension: str | None, verb: str, column: int) -> str | None:
    _number(dimension, verb, column)
    if dimension == _POINT:
        remedy = "°C is only a point on a scale; differences are in K."
        raise ExpressionError(f"A temperature in °C cannot be {verb}.", column, remedy)
    return dimension


def _same(left: str | None, right: str | None) -> bool:
    if left is None or right is None or left == right:
        return True
    return {left, right} <= {"number", "ratio"}


def _mixed(verb: str, left: str | None, right: str | None, column: int) -> ExpressionError:
    bare = "number" in (left, right) and not {CONDITION, TEXT} & {left, right}
    message = f"{_article(right)} cannot be {verb} {_article(left)}.".capitalize()
    return ExpressionError(message, column, "Write the unit." if bare else "Both must measure the same.")


def _added(sign: str, left: str | None, right: str | None, column: int) -> str | None:
    verb = "added to" if sign == "+" else "subtracted from"
    _number(left, verb.split()[0], column)
    _number(right, verb.split()[0], column)
    if _POINT in (left, right):
        return _with_point(sign, left, right, column)
    if not _same(left, right):
        raise _mixed(verb, left, right, column)
    return left if left is not None else right


def _with_point(sign: str, left: str | None, right: str | None, column: int) -> str | None:
    if None in (left, right):
        return None
    if sign == "-" and left == right:
        return _DIFFERENCE
    if {left, right} == {_POINT, _DIFFERENCE} and (sign == "+" or left == _POINT):
        return _POINT
    remedy = "°C is only a point on a scale; differences are in K."
    raise ExpressionError("A temperature in °C and this do not go together.", column, remedy)


def _multiplied(sign: str, left: str | None, right: str | None, column: int) -> str | None:
    verb = "multiplied" if sign == "*" else "divided"
    one, other = _amount(left, verb, column), _amount(right, verb, column)
    if one is None or other is None:
        return None
    if other in ("number", "ratio") and one != "number":
        return one if other == "number" or one != "ratio" else "number"
    if one in ("number", "ratio") and sign == "*":
        return other
    return _composed(sign, dimension_vector(one), dimension_vector(other))


def _composed(sign: str, left: Vector | None, right: Vector | None) -> str | None:
    if left is None or right is None:
        return None
    way = 1 if sign == "*" else -1
    return dimension_name(tuple(a + way * b for a, b in zip(left, right, strict=True)))


def _comparable(sign: str, left: str | None, right: str | None, column: int) -> None:
    if sign not in ("==", "!="):
        _number(left, "put in order", column)
        _number(right, "put in order", column)
    if not _same(left, right):
        raise _mixed("compared with", left, right, column)


def _function(name: str, given: list[str | None], column: int) -> str | None:
    for dimension in given:
        _number(dimension, f"given to {name}", column)
    first = next((dimension for dimension in given if dimension is not None), None)
    for dimension in given:
        if not _same(first, dimension):
            raise _mixed("given to " + name + " with", first, dimension, column)
    if name == "abs":
        return _amount(given[0], "made positive", column)
    if name in ("round", "ceil", "floor"):
        return _rounded(name, given, column)
    return reduce(lambda one, other: one if one is not None else other, given)


def _rounded(name: str, given: list[str | None], column: int) -> str | None:
    if len(given) == 1 and given[0] not in (None, "number"):
        remedy = f"Say to what: {name}(x, 0.1 mL)."
        raise ExpressionError(f"{name} of a {given[0]} needs a step.", column, remedy)
    for dimension in given:
        _amount(dimension, "rounded", column)
    return given[0]
