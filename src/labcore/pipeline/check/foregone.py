"""Conditions that no observation can change: they hold always, or never."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labcore.model.expression import EvaluationError, Observed, possible
from labcore.model.observation import Observable
from labcore.model.plan import Choice, Condition, Node, Repeat, Scope, walk
from labcore.model.quantity import Quantity, QuantityError, UnitError
from labcore.pipeline.check.subject import Subject


def check_foregone(subject: Subject) -> None:
    """Note conditions whose outcome is known before anything is observed."""
    for node in walk(subject.plan.root):
        found = _condition(node)
        if found is not None:
            _look(subject, node, *found)


def _condition(node: Node) -> tuple[str, Condition] | None:
    if isinstance(node, Repeat):
        return None if node.until is None else ("until", node.until)
    return (node.use, node.condition) if isinstance(node, Choice) else None


def _look(subject: Subject, node: Node, key: str, condition: Condition) -> None:
    observed = bool(condition.expression.calls())
    if not observed and condition.expression.names():
        return  # parameters and results decide: that is what they are for
    try:
        outcomes = possible(condition.expression, _Ranges(condition.scope, subject.resolved.observables))
    except (EvaluationError, QuantityError, UnitError):
        return  # it rests on what is known only during the run
    if len(outcomes) != 1:
        return
    always = True in outcomes
    at, text = subject.at_modifier(node, key), f"{key} {condition.text}"
    if not observed:
        message = f"{text} is {'always' if always else 'never'} so: nothing in it can change"
        subject.note("N820", node, message, "Compare it with an observation, a result or a parameter.", at=at)
    else:
        word = "holds whatever is observed" if always else "can never hold"
        message = f"{text} {word}: {_ranges(condition, subject.resolved.observables)}"
        subject.note("W820", node, message, "Compare with a value within that range.", at=at)


def _ranges(condition: Condition, known: Mapping[str, Observable]) -> str:
    names = dict.fromkeys(_name(call.observable, call.attribute) for call in condition.expression.calls())
    return ", ".join(
        f"{name} goes from {_edge(known[name], 'low')} to {_edge(known[name], 'high')}" for name in names
    )


def _edge(one: Observable, which: str) -> str:
    return f"{getattr(one, which):g} {one.unit}".strip()


def _name(observable: str, attribute: str | None) -> str:
    return f"{observable}.{attribute}" if attribute else observable


@dataclass(frozen=True, slots=True)
class _Ranges:
    """A scope in which every observation may be anything in its observable's range."""

    known: Scope
    observables: Mapping[str, Observable]

    def lookup(self, name: str, attribute: str | None = None) -> Any:
        """Return what is known before the run."""
        full = f"{name}.{attribute}" if attribute else name
        if full not in self.known:
            raise EvaluationError(f"{full!r} is known only during the run")
        return self.known[full]

    def observe(self, observable: str, subject: str, attribute: str | None = None) -> Observed:
        """Return the whole range."""
        one = self.observables[_name(observable, attribute)]
        return Observed(Quantity(one.low, one.unit), one.low, one.high)
