"""Decide a condition from what was observed, never from an old value. Pure.

An observation counts if its evidence is newer than the last settlement that touched its vessel and, inside a loop, newer
than the start of this round; `max_age` may tighten this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labcore.model.event import Value
from labcore.model.expression import EvaluationError, NotYet, Observed, evaluate
from labcore.model.ids import ancestors
from labcore.model.plan import Condition, Scope
from labcore.model.quantity import Quantity
from labcore.state.run_state import RunState, Seen


@dataclass(frozen=True, slots=True)
class Verdict:
    """`holds` is None while nobody can tell; `reason` says why."""

    holds: bool | None
    values: dict[str, Value] = field(default_factory=dict)
    evidence: tuple[int, ...] = ()
    reason: str = ""
    hopeless: bool = False


@dataclass(slots=True)
class RunScope:
    """Names and observations as they stand now, for one evaluation. It notes what it used."""

    state: RunState
    known: Scope
    subjects: Mapping[str, str] = field(default_factory=dict)
    newer_than: int = -1
    max_age: float | None = None
    now: float = 0.0
    values: dict[str, Value] = field(default_factory=dict)
    evidence: list[int] = field(default_factory=list)

    def lookup(self, name: str, attribute: str | None = None) -> Any:
        """Return a parameter, loop variable, material property or saved result."""
        full = f"{name}.{attribute}" if attribute else name
        if full in self.known:
            return self.known[full]
        if full in self.state.results:
            value = as_value(self.state.results[full])
            self.values[full] = self.state.results[full]
            return value
        raise EvaluationError(f"nothing was saved as {full!r} yet")

    def observe(self, observable: str, subject: str, attribute: str | None = None) -> Observed:
        """Return the newest usable observation or raise NotYet."""
        name = f"{observable}.{attribute}" if attribute else observable
        subject = self.subjects.get(subject, subject)
        seen = self.state.seen.get((name, subject))
        why = self._unusable(seen, subject)
        if why or seen is None:
            raise NotYet(f"{name}({subject}): {self._bad(name, subject) or why}")
        body = seen.body
        self.values[f"{name}({subject})"] = {"value": body.value, "unit": body.unit}
        self.evidence.append(seen.position)
        low = body.value if body.low is None else body.low
        high = body.value if body.high is None else body.high
        return Observed(Quantity(float(body.value or 0.0), body.unit), float(low or 0.0), float(high or 0.0))

    def _bad(self, name: str, subject: str) -> str:
        """Say that somebody looked in time, but could not tell; "" if nobody did."""
        bad = self.state.unusable.get((name, subject))
        since = max(self.newer_than, self.state.touched.get(subject, -1))
        count = sum(1 for one in bad.evidence if one > since) if bad is not None else 0
        if bad is None or not count:
            return ""
        how = (
            "once since, with bad quality" if count == 1 else f"{count} times since, always with bad quality"
        )
        return f"observed {how} ({', '.join(bad.flags) or 'no reason given'})"

    def _unusable(self, seen: Seen | None, subject: str) -> str:
        if seen is None:
            return "not observed yet"
        if seen.evidence <= self.state.touched.get(subject, -1):
            return "only observed before the vessel was last touched"
        if seen.evidence <= self.newer_than:
            return "not observed in this round"
        if self.max_age is not None and self.now - seen.at > self.max_age:
            return f"older than {self.max_age:g} s"
        return ""


def decide_condition(
    condition: Condition, state: RunState, key: str, *, now: float, max_age: float | None = None
) -> Verdict:
    """Evaluate a condition of the step or block `key`."""
    scope = RunScope(state, condition.scope, condition.subjects, round_start(state, key), max_age, now)
    try:
        value = evaluate(condition.expression, scope)
    except NotYet as waiting:
        return Verdict(None, reason=str(waiting))
    except EvaluationError as error:
        return Verdict(None, reason=str(error), hopeless=True)
    if not isinstance(value, bool):
        return Verdict(None, reason=f"{condition.text} is {value}, not yes or no", hopeless=True)
    return Verdict(value, scope.values, tuple(scope.evidence))


def round_start(state: RunState, key: str) -> int:
    """Return the position at which the innermost repetition around (or at) `key` began its round."""
    for name in (key, *ancestors(key)):
        live = state.live.get(name)
        if live is not None and live.verb == "repeat":
            return live.round_position
    return -1


def as_value(value: Value) -> Any:
    """Turn an event's value into what expressions work with."""
    if isinstance(value, dict):
        return Quantity(float(value["value"]), str(value["unit"]))
    return value


def as_event_value(value: Any) -> Value:
    """Turn a value into what events carry."""
    if isinstance(value, Quantity):
        return {"value": value.value, "unit": value.unit}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
