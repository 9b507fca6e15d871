"""What operators and functions do with values, and how they refuse. Shared by both ways of evaluating."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence

from labcore.model.expression_tree import EvaluationError, Value
from labcore.model.quantity import Quantity, format_number
from labcore.model.units import QuantityError, UnitError

Number = Quantity | float

_WORDS = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided"}
_ROUNDING: dict[str, Callable[[float], float]] = {"round": round, "ceil": math.ceil, "floor": math.floor}
_ORDER: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
}
_SIGNS: dict[str, Callable[[Quantity, Quantity], Quantity]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def plain(value: object, column: int) -> Value:
    """Return a scope's answer as a value of the language; EvaluationError if it is none."""
    if isinstance(value, Quantity):
        return value if value.unit else value.value
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float) and abs(value) < 1e300:
        return float(value)
    raise EvaluationError(f"{value!r} is not a value that can be calculated with.", column)


def number(value: Value, column: int, verb: str) -> Number:
    """Return a value that is a number or quantity; EvaluationError for yes, no and texts."""
    if isinstance(value, bool | str):
        raise EvaluationError(f"{shown(value)} cannot be {verb}: it is no number.", column)
    return value


def shown(value: Value) -> str:
    """Write a value for people: `20 mL`, `0.3`, yes, or a text in quotes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return repr(value)
    return str(value) if isinstance(value, Quantity) else format_number(value)


def quantity(value: Number) -> Quantity:
    """Return a number as a quantity without unit."""
    return value if isinstance(value, Quantity) else Quantity(value, "")


def calculate(sign: str, left: Value, right: Value, column: int) -> Number:
    """Return `left sign right`; EvaluationError if units do not fit, or the result is not finite."""
    a, b = number(left, column, _WORDS[sign]), number(right, column, _WORDS[sign])
    try:
        result = _SIGNS[sign](quantity(a), quantity(b))
    except ZeroDivisionError:
        raise EvaluationError(f"{shown(a)} is divided by zero.", column) from None
    except (OverflowError, QuantityError):
        raise EvaluationError("The result is too large.", column) from None
    except UnitError as error:
        raise EvaluationError(error.message, column, error.remedy) from None
    return result if result.unit else result.value


def negative(value: Value, column: int) -> Number:
    """Return the value with the other sign."""
    amount = number(value, column, "turned negative")
    try:
        return -amount
    except UnitError as error:
        raise EvaluationError(error.message, column, error.remedy) from None


def order(left: Value, right: Value, column: int) -> int:
    """Return -1, 0 or 1 for two values that can be put in order; EvaluationError if they cannot."""
    a = quantity(number(left, column, "put in order"))
    b = quantity(number(right, column, "put in order"))
    try:
        return (a > b) - (a < b)
    except UnitError as error:
        raise EvaluationError(error.message, column, error.remedy) from None


def compare(sign: str, left: Value, right: Value, column: int) -> bool:
    """Return whether `left sign right`; texts and yes/no are only equal or unequal."""
    if isinstance(left, bool | str) and type(left) is type(right) and sign in ("==", "!="):
        return (left == right) is (sign == "==")
    return _ORDER[sign](order(left, right, column))


def apply(name: str, values: Sequence[Value], column: int) -> Number:
    """Return a function's value; round, ceil and floor go to whole steps of the second argument."""
    amounts = [number(value, column, f"given to {name}") for value in values]
    if name in _ROUNDING:
        return _rounded(name, amounts, column)
    if name == "abs":
        return negative(amounts[0], column) if _below_zero(amounts[0]) else amounts[0]
    wanted = -1 if name == "min" else 1
    best = amounts[0]
    for amount in amounts[1:]:
        if order(amount, best, column) == wanted:
            best = amount
    return best


def _below_zero(amount: Number) -> bool:
    return (amount.value if isinstance(amount, Quantity) else amount) < 0


def _rounded(name: str, amounts: Sequence[Number], column: int) -> Number:
    value = amounts[0]
    if len(amounts) == 1 and isinstance(value, Quantity):
        remedy = f"Say to what: {name}({value}, 0.1 {value.unit})."
        raise EvaluationError(f"{name} of {value} needs a step.", column, remedy)
    step = amounts[1] if len(amounts) == 2 else 1.0
    share = calculate("/", value, step, column)
    if isinstance(share, Quantity):
        raise EvaluationError(f"{shown(step)} is no step for {shown(value)}.", column)
    whole = float(_ROUNDING[name](float(f"{share:.12g}")))
    return calculate("*", whole, step, column)
