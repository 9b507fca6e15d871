"""Expressions `${...}`: arithmetic with units, comparisons, look-ups, observables. A pure tree and its value.

There is no power, no attribute of any Python object, and no call but min, max, abs, round, ceil, floor,
surely and observables. Texts have at most 1,000 characters, nest at most 50 deep; evaluation is linear.
"""

from __future__ import annotations

from labcore.model.expression_arithmetic import shown
from labcore.model.expression_dimension import static_dimension
from labcore.model.expression_evaluate import evaluate
from labcore.model.expression_parse import FUNCTIONS, parse_expression
from labcore.model.expression_surely import possible
from labcore.model.expression_template import Template, parse_template
from labcore.model.expression_tree import (
    Call,
    EvaluationError,
    Expression,
    ExpressionError,
    Name,
    NotYet,
    Observed,
    Scope,
    Value,
)

__all__ = [
    "FUNCTIONS",
    "Call",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Name",
    "NotYet",
    "Observed",
    "Scope",
    "Template",
    "Value",
    "evaluate",
    "parse_expression",
    "parse_template",
    "possible",
    "shown",
    "static_dimension",
]
