"""Names and their values before the run: parameters, material properties, loop variables. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labcore.model.expression import EvaluationError, Observed, Value, shown
from labcore.model.names import name_fault, normal_name
from labcore.model.protocol import Header, MaterialEntry, ParameterEntry
from labcore.model.quantity import Quantity, QuantityError, parse_quantity
from labcore.pipeline.draft import Draft, Findings, hint, key_place, place_at_path
from labcore.pipeline.nodes import MapNode, Node, ScalarNode
from labcore.pipeline.problem import Place
from labcore.pipeline.scalars import value_of

_WORDS_OF_A_MATERIAL = ("solute", "solvent", "help")
_MEASURES = {  # what a material's properties measure, and an example
    "concentration": (("concentration", "mass concentration", "ratio"), "10 mmol/L"),
    "density": (("mass concentration",), "0.79 g/mL"),
}


@dataclass(slots=True)
class StaticScope:
    """What is known before the run. Keys are normal names, properties are dotted.

    `later` maps what steps save to its dimension, None where that cannot be told. `broken` names have a value that was
    refused: what is made of them is left unchecked instead of being refused again.
    """

    values: dict[str, Any] = field(default_factory=dict)
    later: dict[str, str | None] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

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
        """Return a scope with more names; what is saved in it is known to this one, too."""
        return StaticScope({**self.values, **more}, self.later, self.broken)

    def remember(self, name: str, dimension: str | None) -> None:
        """Make a result known; its dimension is known only if all steps that save it agree."""
        self.later[name] = dimension if self.later.get(name, dimension) == dimension else None

    def is_broken(self, names: frozenset[str]) -> bool:
        """Say whether one of the names (dotted or not) has no usable value."""
        return any(name in self.broken or name.partition(".")[0] in self.broken for name in names)


def as_value(data: Any) -> Any:
    """Return what an author wrote as a value: a quantity if it reads as one, else number, truth value or text."""
    if isinstance(data, int | float) and not isinstance(data, bool):
        return float(data)
    if isinstance(data, str):
        try:
            return parse_quantity(data)
        except QuantityError:
            return data
    return data


def scalar_value(text: str) -> Any:
    """Return what a text from outside YAML (`--set n=7`) means: as if it stood in a file without quotes."""
    return as_value(value_of(ScalarNode(("", 1, 1, 1, 1), text, True, False)))


def written_value(value: Any, node: Node) -> Any:
    """Return what an argument's text means as the value of a name: in quotes it is a quantity or a text."""
    if not isinstance(value, str):
        return value
    quoted = isinstance(node, ScalarNode) and not node.plain
    return as_value(value) if quoted else scalar_value(value)


def build_scope(
    draft: Draft, given: Mapping[str, Any], findings: Findings, places: Mapping[str, Place] | None = None
) -> StaticScope:
    """Return the scope of a protocol's steps.

    `given` are values from outside, by any spelling of their names, `places` where they are written, if in a file.
    """
    header, node = draft.header, draft.node
    scope = StaticScope(broken=set(draft.broken))
    check_names(header, node, findings)
    chosen = {normal_name(name): value for name, value in given.items()}
    written = {normal_name(name): place for name, place in (places or {}).items()}
    for name, entry in header.parameters.items():
        parameter = _Parameter(name, entry, node, findings, written.get(normal_name(name)))
        value = parameter.value(chosen.get(normal_name(name)))
        scope.values[normal_name(name)] = value
        if value is None:
            scope.broken.add(normal_name(name))
    for name, material in header.materials.items():
        scope.values |= _properties(name, material, node, findings, scope.broken)
    return scope


def check_given(
    given: Mapping[str, Any],
    draft: Draft,
    place: Place | None,
    findings: Findings,
    places: Mapping[str, Place] | None = None,
) -> None:
    """Note values from outside that no parameter takes."""
    known = {normal_name(name) for name in draft.header.parameters} | draft.broken
    for name in given:
        if normal_name(name) not in known:
            otherwise = f"Parameters: {', '.join(draft.header.parameters) or 'none'}."
            remedy = hint(name, draft.header.parameters, otherwise)
            findings.add(
                "E209", (places or {}).get(name, place), f"{draft.file} has no parameter {name!r}", remedy
            )


def check_names(header: Header, node: MapNode, findings: Findings) -> None:
    """Note names that are none, and names of the head that count as one."""
    seen: dict[str, tuple[str, str]] = {}
    for section in ("parameters", "materials", "vessels", "devices"):
        for name in getattr(header, section):
            place = key_place(node, (section, name))
            if fault := name_fault(name):
                findings.add("E210", place, f"{name!r} is not a name: {fault}")
            first = seen.setdefault(normal_name(name), (section, name))
            if first != (section, name):
                what = f"one of the {first[0]}" if first[1] == name else f"{first[1]!r} of the {first[0]}"
                findings.add("E211", place, f"{name!r} is the same name as {what}")


class _Parameter:
    """One declared parameter, and the value it gets."""

    def __init__(
        self, name: str, entry: ParameterEntry, node: MapNode, findings: Findings, written: Place | None
    ) -> None:
        self._outside = written or key_place(node, ("parameters", name))
        self._name, self._node, self._findings = name, node, findings
        self._before = len(findings.problems)
        self._default = self._declared("default", entry.default)
        self._bounds = self._in_order(
            [(key, self._declared(key, getattr(entry, key))) for key in ("min", "max")]
        )

    def _in_order(self, bounds: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        """Return the bounds; none, after noting it, if no value can be within them."""
        low, high = bounds[0][1], bounds[1][1]
        if low is None or high is None or kind_of(low) != kind_of(high) or not low > high:
            return bounds
        message = f"parameter {self._name!r}: min {shown(low)} is above max {shown(high)}"
        self._findings.add("E703", self._place("min"), message, "Swap them.")
        return []

    def _place(self, key: str) -> Place | None:
        return place_at_path(self._node, ("parameters", self._name, key))

    def _declared(self, key: str, data: Any) -> Any:
        if isinstance(data, str) and "${" in data:
            message = f"parameter {self._name!r}: {key} cannot be worked out from others"
            self._findings.add(
                "E303", self._place(key), message, "Write a plain value here, and ${...} in the steps."
            )
            return None
        if isinstance(data, list | dict):
            message = f"parameter {self._name!r}: {key} is one value"
            self._findings.add("E303", self._place(key), message, "Write a quantity, a number or a word.")
            return None
        return as_value(data)

    def value(self, given: Any) -> Any:
        """Return the value; None after noting why there is none."""
        value = self._default if given is None else self._chosen(given)
        if value is None:
            if len(self._findings.problems) == self._before:
                message = f"parameter {self._name!r} has no value"
                remedy = f'Give it a default, or run with --set {self._name}="...".'
                self._findings.add("E212", key_place(self._node, ("parameters", self._name)), message, remedy)
            return None
        for key, bound in self._bounds:
            if bound is not None:
                self._check(value, key, bound, given is not None)
        return value

    def _chosen(self, given: Any) -> Any:
        """Return a value from outside, of the same kind as the default."""
        like = next(
            (one for one in (self._default, *(bound for _, bound in self._bounds)) if one is not None), None
        )
        if isinstance(given, str) and not given.strip() and like is not None and not isinstance(like, str):
            self._findings.add(
                "E301", self._outside, f"{self._name} = : nothing is given", f"Write it like {shown(like)}."
            )
            return None
        value = given if isinstance(like, str) else scalar_value(given) if isinstance(given, str) else given
        if like is None or kind_of(value) == kind_of(like):
            return value
        expected = f"Write it like {shown(like)}." if not isinstance(like, str) else "Write a word."
        message = f"{self._name} = {given}: this is {_article(value)}, expected {_article(like)}"
        code = "E301" if isinstance(like, Quantity) and not isinstance(value, Quantity) else "E302"
        self._findings.add(code, self._outside, message, expected)
        return None

    def _check(self, value: Any, key: str, bound: Any, from_outside: bool) -> None:
        if kind_of(value) != kind_of(bound):
            message = (
                f"parameter {self._name!r}: {key} {shown(bound)} does not measure the same as {shown(value)}"
            )
            self._findings.add("E302", self._place(key), message, f"Write {key} like {shown(value)}.")
        elif not isinstance(value, Quantity | float) or isinstance(value, bool):
            message = f"parameter {self._name!r}: a {_article(value)[2:]} has no {key}"
            self._findings.add("E303", self._place(key), message, f"Remove {key}.")
        elif (value < bound) if key == "min" else (value > bound):
            relation = "below its min" if key == "min" else "above its max"
            remedy = f"Choose at {'least' if key == 'min' else 'most'} {shown(bound)}."
            place = self._outside if from_outside else self._place("default")
            message = f"parameter {self._name!r}: {shown(value)} is {relation} {shown(bound)}"
            self._findings.add("E701", place, message, remedy)


def kind_of(value: Value) -> str:
    """Return what a value measures: a dimension's name, "number", "yes/no" or "text"."""
    if isinstance(value, Quantity):
        return value.dimension
    if isinstance(value, bool):
        return "yes/no"
    return "text" if isinstance(value, str) else "number"


def _article(value: Value) -> str:
    kind = kind_of(value)
    named = {"number": "a number without unit", "text": "a text", "yes/no": "a yes or no"}
    return named.get(kind, f"a quantity of {kind}")


def _properties(
    name: str, material: MaterialEntry, node: MapNode, findings: Findings, broken: set[str]
) -> dict[str, Any]:
    """Return a material's properties under their dotted names."""
    found: dict[str, Any] = {}
    for key, value in material.model_dump(exclude_none=True).items():
        full = f"{normal_name(name)}.{key}"
        if key in _WORDS_OF_A_MATERIAL:
            found[full] = value
            continue
        place = place_at_path(node, ("materials", name, key))
        try:
            found[full] = quantity = parse_quantity(value)
        except QuantityError as error:
            findings.add("E301", place, f"material {name}: {key}: {error.message}", error.remedy)
            broken.add(full)
            continue
        wanted, example = _MEASURES.get(key, ((quantity.dimension,), ""))
        if quantity.dimension not in wanted:
            message = f"material {name}: {key} {quantity} is {quantity.dimension}, not {' or '.join(wanted)}"
            findings.add("E302", place, message, f"Write it like {example}.")
            broken.add(full)
    return found
