"""Conditions over whole intervals: `surely(c)` holds if `c` holds for every value that observations allow.

Bounds are carried through the arithmetic (conservatively: the same observation twice counts as two), and a
condition is true, false, or open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from labcore.model.expression_arithmetic import (
    apply,
    calculate,
    compare,
    negative,
    number,
    order,
    plain,
    shown,
)
from labcore.model.expression_tree import (
    Call,
    Chain,
    Compare,
    EvaluationError,
    Expression,
    Function,
    Literal,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Observed,
    Scope,
    Surely,
    Value,
)
from labcore.model.quantity import Quantity


@dataclass(frozen=True, slots=True)
class _Span:
    """Everything from `low` to `high`. An open condition goes from no to yes."""

    low: Value
    high: Value

    @property
    def certain(self) -> bool:
        return self.low is self.high or (type(self.low) is type(self.high) and self.low == self.high)


_OPEN = _Span(False, True)


def holds_surely(condition: Node, scope: Scope) -> bool:
    """Return whether a condition holds whatever the true values; EvaluationError if it is no condition."""
    span = _span(condition, scope)
    _check_condition(span, condition.column)
    return span.low is True


def possible(expression: Expression, scope: Scope) -> frozenset[bool]:
    """Return how a condition may come out if each observation is anything in its interval; EvaluationError if it is none."""
    if any(isinstance(one, Surely) for one in expression.walk()):
        return frozenset((True, False))  # whether it is sure depends on how narrow an interval will be
    span = _condition(expression.root, scope, 1)
    return frozenset((bool(span.low), bool(span.high)))


def _span(node: Node, scope: Scope) -> _Span:
    match node:
        case Literal(value):
            return _Span(value, value)
        case Name(name, attribute, column):
            value = plain(scope.lookup(name, attribute), column)
            return _Span(value, value)
        case Call(observable, subject, attribute, column):
            return _observed(scope.observe(observable, subject, attribute), column)
        case Chain(first, rest, column):
            total = _span(first, scope)
            for sign, operand in rest:
                total = _calculated(sign, total, _span(operand, scope), column)
            return total
        case Negative(operand, column):
            span = _span(operand, scope)
            return _Span(negative(span.high, column), negative(span.low, column))
        case Function(name, arguments, column):
            return _function(name, [_span(argument, scope) for argument in arguments], column)
        case Compare(sign, left, right, column):
            return _compared(sign, _span(left, scope), _span(right, scope), column)
        case Surely(condition):
            sure = holds_surely(condition, scope)
            return _Span(sure, sure)
        case Not(operand, column):
            span = _condition(operand, scope, column)
            return _Span(not span.high, not span.low)
        case Logic(operator, operands, column):
            return _logic(operator, (_condition(one, scope, column) for one in operands))


def _observed(seen: Observed, column: int) -> _Span:
    value = seen.value
    if not isinstance(value, Quantity):
        return _Span(plain(min(seen.low, value), column), plain(max(seen.high, value), column))
    low, high = min(seen.low, value.value), max(seen.high, value.value)
    return _Span(plain(Quantity(low, value.unit), column), plain(Quantity(high, value.unit), column))


def _calculated(sign: str, left: _Span, right: _Span, column: int) -> _Span:
    if left.certain and right.certain:
        value: Value = calculate(sign, left.low, right.low, column)
        return _Span(value, value)
    if sign == "/" and _holds_zero(right, column):
        raise EvaluationError("A value that may be zero is divided by.", column)
    ends = [calculate(sign, a, b, column) for a in (left.low, left.high) for b in (right.low, right.high)]
    return _Span(apply("min", ends, column), apply("max", ends, column))


def _zero_like(value: Value, column: int) -> Value:
    amount = number(value, column, "divided by")
    return Quantity(0.0, amount.unit) if isinstance(amount, Quantity) else 0.0


def _holds_zero(span: _Span, column: int) -> bool:
    zero = _zero_like(span.low, column)
    return order(span.low, zero, column) <= 0 <= order(span.high, zero, column)


def _function(name: str, spans: list[_Span], column: int) -> _Span:
    lows, highs = [span.low for span in spans], [span.high for span in spans]
    if name in ("min", "max"):
        return _Span(apply(name, lows, column), apply(name, highs, column))
    if name == "abs":
        return _absolute(spans[0], column)
    if len(spans) == 2 and not spans[1].certain:
        raise EvaluationError(f"The step of {name} must be certain.", column)
    return _Span(apply(name, lows, column), apply(name, highs, column))


def _absolute(span: _Span, column: int) -> _Span:
    ends = [apply("abs", [span.low], column), apply("abs", [span.high], column)]
    low: Value = _zero_like(span.low, column) if _holds_zero(span, column) else apply("min", ends, column)
    return _Span(low, apply("max", ends, column))


def _compared(sign: str, left: _Span, right: _Span, column: int) -> _Span:
    if left.certain and right.certain:
        holds = compare(sign, left.low, right.low, column)
        return _Span(holds, holds)
    below = order(left.high, right.low, column)  # -1: every left is below every right
    above = order(left.low, right.high, column)
    if sign in ("==", "!="):
        return _OPEN if below >= 0 >= above else _Span(sign == "!=", sign == "!=")
    return _ORDERED[sign](below, above)


def _decided(true: bool, false: bool) -> _Span:
    return _Span(true, true) if true else _Span(False, False) if false else _OPEN


_ORDERED: dict[str, Callable[[int, int], _Span]] = {
    "<": lambda below, above: _decided(below < 0, above >= 0),
    "<=": lambda below, above: _decided(below <= 0, above > 0),
    ">": lambda below, above: _decided(above > 0, below <= 0),
    ">=": lambda below, above: _decided(above >= 0, below < 0),
}


def _logic(operator: str, spans: Iterable[_Span]) -> _Span:
    """Join conditions; all of them are looked at, because an open one does not decide."""
    several = list(spans)
    join = all if operator == "and" else any
    return _Span(join(span.low for span in several), join(span.high for span in several))


def _condition(node: Node, scope: Scope, column: int) -> _Span:
    span = _span(node, scope)
    _check_condition(span, column)
    return span


def _check_condition(span: _Span, column: int) -> None:
    if not isinstance(span.low, bool):
        raise EvaluationError(f"{shown(span.low)} is not yes or no.", column, "Compare it with something.")
