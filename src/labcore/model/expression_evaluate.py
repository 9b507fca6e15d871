"""Work out an expression's value: every node at most once, and nothing is touched but the scope."""

from __future__ import annotations

from labcore.model.expression_arithmetic import apply, calculate, compare, negative, plain, shown
from labcore.model.expression_surely import holds_surely
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
    Scope,
    Surely,
    Value,
)


def evaluate(expression: Expression, scope: Scope) -> Value:
    """Return the value; EvaluationError if there is none, NotYet (from the scope) if it is still to come.

    An observation counts with its stated value, inside `surely(...)` with its whole interval. A quantity
    without unit comes as a float.
    """
    return _value(expression.root, scope)


def _value(node: Node, scope: Scope) -> Value:
    match node:
        case Literal(value):
            return value
        case Name(name, attribute, column):
            return plain(scope.lookup(name, attribute), column)
        case Call(observable, subject, attribute, column):
            return plain(scope.observe(observable, subject, attribute).value, column)
        case Chain(first, rest, column):
            total = _value(first, scope)
            for sign, operand in rest:
                total = calculate(sign, total, _value(operand, scope), column)
            return total
        case Negative(operand, column):
            return negative(_value(operand, scope), column)
        case Compare(sign, left, right, column):
            return compare(sign, _value(left, scope), _value(right, scope), column)
        case Function(name, arguments, column):
            return apply(name, [_value(argument, scope) for argument in arguments], column)
        case Surely(condition):
            return holds_surely(condition, scope)
        case Not(operand, column):
            return not _condition(operand, scope, column)
        case Logic(operator, operands, column):
            enough = operator == "or"
            return enough if any(_condition(one, scope, column) is enough for one in operands) else not enough


def _condition(node: Node, scope: Scope, column: int) -> bool:
    value = _value(node, scope)
    if not isinstance(value, bool):
        raise EvaluationError(f"{shown(value)} is not yes or no.", column, "Compare it with something.")
    return value
