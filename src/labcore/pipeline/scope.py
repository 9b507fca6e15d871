"""Names and their values before the run: parameters, material properties, loop variables. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labcore.model.expression import EvaluationError, Observed
from labcore.model.names import is_name, nearest, normal_name
from labcore.model.protocol import Header
from labcore.model.quantity import Quantity, QuantityError, UnitError, parse_quantity
from labcore.pipeline.draft import Findings, MapNode, node_at_path


@dataclass(slots=True)
class StaticScope:
    """What is known before the run; `later` are names that steps will save."""

    values: dict[str, Any] = field(default_factory=dict)
    later: set[str] = field(default_factory=set)

    def lookup(self, name: str, attribute: str | None = None) -> Any:
        """Return a value known now."""
        full = f"{name}.{attribute}" if attribute else name
        if full in self.values:
            return self.values[full]
        raise EvaluationError(f"{full!r} is not known before the run")

    def observe(self, observable: str, subject: str, attribute: str | None = None) -> Observed:
        """Refuse: nothing is observed before the run."""
        raise EvaluationError(f"{observable}({subject}) is observed during the run only")

    def with_names(self, more: Mapping[str, Any]) -> StaticScope:
        """Return a scope with more names."""
        return StaticScope({**self.values, **more}, self.later)


def as_value(data: Any) -> Any:
    """Return what an author wrote as a value: a quantity if it reads as one, else number, truth value or text."""
    if isinstance(data, bool):
        return data
    if isinstance(data, int | float):
        return float(data)
    if isinstance(data, str):
        try:
            return parse_quantity(data)
        except QuantityError:
            return data
    return data


def build_scope(header: Header, node: MapNode, given: Mapping[str, str], findings: Findings) -> StaticScope:
    """Return the scope of a protocol's steps; `given` are the user's own values."""
    scope = StaticScope()
    _check_names(header, node, findings)
    for name in given:
        if normal_name(name) not in {normal_name(one) for one in header.parameters}:
            hint = nearest(name, header.parameters)
            remedy = f"Did you mean {hint!r}?" if hint else f"Parameters: {', '.join(header.parameters) or 'none'}."
            findings.add("E209", None, f"there is no parameter {name!r}", remedy)
    chosen = {normal_name(name): value for name, value in given.items()}
    for name, entry in header.parameters.items():
        scope.values[normal_name(name)] = _parameter(name, entry, chosen.get(normal_name(name)), node, findings)
    for name, material in header.materials.items():
        for key, value in material.model_dump(exclude_none=True).items():
            scope.values[f"{normal_name(name)}.{key}"] = _property(name, key, value, node, findings)
    return scope


def _check_names(header: Header, node: MapNode, findings: Findings) -> None:
    seen: dict[str, str] = {}
    for section in ("parameters", "materials", "vessels", "devices"):
        for name in getattr(header, section):
            _, place = node_at_path(node, (section, name))
            if not is_name(name):
                findings.add("E210", place, f"{name!r} is not a name", "Use letters, digits, spaces and _; begin with a letter.")
            normal = normal_name(name)
            if normal in seen and seen[normal] != f"{section}:{name}":
                findings.add("E211", place, f"{name!r} is the same name as {seen[normal].split(':', 1)[1]!r}", "Rename one of them.")
            seen[normal] = f"{section}:{name}"


def _parameter(name: str, entry: Any, given: str | None, node: MapNode, findings: Findings) -> Any:
    _, place = node_at_path(node, ("parameters", name, "default"))
    default = as_value(entry.default)
    value = as_value(given) if given is not None else default
    if value is None:
        findings.add("E212", place, f"parameter {name!r} has no value", f'Give it a default, or run with --set {name}="...".')
        return None
    _same_kind(name, value, default, place, given is not None, findings)
    for bound, word, wrong in ((as_value(entry.min), "min", -1), (as_value(entry.max), "max", 1)):
        if bound is not None and _compare(value, bound) == wrong:
            relation = "below its min" if wrong < 0 else "above its max"
            findings.add("E701", place, f"parameter {name!r}: {value} is {relation} {bound}", f"Choose a value within {word} {bound}.")
    return value


def _same_kind(name: str, value: Any, default: Any, place: Any, given: bool, findings: Findings) -> None:
    if not given or default is None:
        return
    if isinstance(default, Quantity) != isinstance(value, Quantity) or (
        isinstance(default, Quantity) and default.dimension != value.dimension
    ):
        findings.add("E302", place, f"--set {name}={value}: expected something like {default}", f"Write it like {default}.")


def _compare(value: Any, bound: Any) -> int:
    try:
        return -1 if value < bound else 1 if value > bound else 0
    except (UnitError, TypeError):
        return 0


def _property(name: str, key: str, value: str, node: MapNode, findings: Findings) -> Any:
    if key in ("solute", "solvent", "help"):
        return value
    _, place = node_at_path(node, ("materials", name, key))
    try:
        return parse_quantity(value)
    except QuantityError as error:
        findings.add("E301", place, f"material {name}: {key}: {error.message}", error.remedy)
        return None
