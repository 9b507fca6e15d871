"""Turn a step's planned arguments into values when it starts: evaluate what was deferred, within its bounds."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from labcore.errors import AuthorError
from labcore.model.expression import EvaluationError, Expression, NotYet, evaluate
from labcore.model.plan import Deferred, Step
from labcore.model.quantity import Quantity
from labcore.plugin.step import Verb
from labcore.state.condition import RunScope, round_start
from labcore.state.run_state import RunState


def resolve_arguments(step: Step, verb: Verb, state: RunState, key: str, now: float) -> Any:
    """Return the verb's validated arguments; AuthorError if a value is missing or outside its bounds."""
    ready = {name: _ready(name, value, step, state, key, now) for name, value in step.args.items()}
    try:
        return verb.Args.model_validate(ready)
    except ValidationError as error:
        first = error.errors()[0]
        raise AuthorError(f"{step.verb}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def label_now(step: Step, verb: Verb, state: RunState, key: str, now: float) -> str:
    """Return what a step does in the words of its verb, with the values that are known only now."""
    if "${" not in step.label:
        return step.label
    try:
        return verb.label(resolve_arguments(step, verb, state, key, now))
    except Exception:  # what is wrong with a value ends the step, not the naming of it; a verb is a plugin
        return step.label


def _ready(name: str, value: Any, step: Step, state: RunState, key: str, now: float) -> Any:
    if not isinstance(value, Deferred):
        return value
    scope = RunScope(state, value.scope, value.subjects, round_start(state, key), step.modifiers.max_age, now)
    try:
        if not isinstance(value.expression, Expression):
            return value.expression.render(scope)
        result = evaluate(value.expression, scope)
    except (EvaluationError, NotYet) as error:
        raise AuthorError(f"{step.verb}: {name} cannot be worked out: {error}") from error
    return _bounded(name, result, value, step)


def _bounded(name: str, result: Any, value: Deferred, step: Step) -> Any:
    if isinstance(result, Quantity):
        low, high = value.low, value.high
        if (low is not None and result < low) or (high is not None and result > high):
            raise AuthorError(
                f"{step.verb}: {name} came out as {result}, outside {low} to {high}; nothing was sent",
                remedy="Check what it was worked out from, or widen its bounds.",
            )
    return result
