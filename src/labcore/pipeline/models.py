"""Read a located node into a pydantic model and say every mistake where it stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from labcore.pipeline.draft import Findings, hint, key_place, node_at_path, place_at_path
from labcore.pipeline.nodes import MapNode, Node
from labcore.pipeline.problem import Place
from labcore.pipeline.scalars import missing_blank, plain

M = TypeVar("M", bound=BaseModel)

_WANTED = {
    "string_type": "a text; put it in quotes", "int_type": "a whole number", "int_parsing": "a whole number",
    "int_from_float": "a whole number", "bool_type": "true or false", "bool_parsing": "true or false",
    "float_type": "a number", "float_parsing": "a number", "tuple_type": "a list [...]", "list_type": "a list [...]",
    "dict_type": "a mapping {...}", "model_type": "a mapping {...}", "model_attributes_type": "a mapping {...}",
}  # fmt: skip


def read_model(model: type[M], node: Node, findings: Findings, *, what: str) -> M | None:
    """Return the model, or None after noting what is wrong."""
    try:
        return model.model_validate(plain(node))
    except ValidationError as error:
        note_errors(error, model, node, findings, what=what)
        return None


def note_errors(
    error: ValidationError, model: type[BaseModel], node: Node | None, findings: Findings, *, what: str = "",
    step: str | None = None, base: tuple[Any, ...] = (), ignore: Collection[str] = (), beside: Collection[str] = (),
) -> None:  # fmt: skip
    """Turn pydantic's errors into problems.

    `base` is the path in `node` at which the model begins. With `ignore`, nothing is said about these keys, nor about
    the model as a whole, which lacks them. `beside` are keys that may stand with the model's own, read by somebody else.
    """
    for one in error.errors():
        path = tuple(part for part in one["loc"] if not _internal(part))
        if ignore and (not path or path[0] in ignore):
            continue
        fault = _Fault(one, path, model, node, base, what, step, tuple(beside))
        _NOTES.get(one["type"], _value)(fault, findings)


def _internal(part: Any) -> bool:
    """Say whether a part of a location is pydantic's own: a validator's name, `[key]`, a member of a union."""
    return isinstance(part, str) and (
        part.startswith(("function-", "[")) or part in ("str", "int", "float", "bool")
    )


class _Fault:
    """One error of pydantic's, with what is needed to place it."""

    def __init__(
        self, one: Any, path: tuple[Any, ...], model: type[BaseModel], node: Node | None, base: tuple[Any, ...],
        what: str, step: str | None, beside: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.context: Mapping[str, Any] = one.get("ctx") or {}
        self.kind = str(one["type"])
        self.said = str(one["msg"]).removeprefix("Value error, ")
        self.path, self.model, self.node, self.base = path, model, node, base
        self.lead = f"{what}: " if what else ""
        self.step = step
        self._beside = beside

    @property
    def where(self) -> str:
        """Return the path as people write it."""
        return ".".join(str(part) for part in self.path)

    @property
    def place(self) -> Place | None:
        """Return the place of the value."""
        return place_at_path(self.node, (*self.base, *self.path))

    def known(self) -> list[str]:
        """Return the keys that may stand where the last part of the path stands."""
        own = known_keys(self.model, self.path[:-1])
        return own if self.path[:-1] else list(dict.fromkeys((*self._beside, *own)))


def _unknown(fault: _Fault, findings: Findings) -> None:
    known, key = fault.known(), str(fault.path[-1])
    remedy = hint(key, known, f"Known keys: {', '.join(known)}." if known else "Remove it.")
    place = key_place(fault.node, (*fault.base, *fault.path))
    findings.add("E201", place, f"{fault.lead}unknown key {key!r}", remedy, step=fault.step)


def _missing(fault: _Fault, findings: Findings) -> None:
    holder, place = node_at_path(fault.node, (*fault.base, *fault.path[:-1]))
    tight = missing_blank(holder) if holder is not None and not isinstance(holder, MapNode) else None
    if tight is not None:
        key, value = tight
        message = f"{fault.lead}there is no blank after the colon of {key!r}"
        findings.add("E133", place, message, f"Write {key}: {value}", step=fault.step)
        return
    message, remedy = f"{fault.lead}{fault.where!r} is missing", f"Add {fault.path[-1]}: ..."
    findings.add("E202", place, message, remedy, step=fault.step)


def _quantity(fault: _Fault, findings: Findings) -> None:
    code = {"quantity": "E301", "too_long": "E309"}.get(fault.kind, "E302")
    remedy = str(fault.context.get("remedy") or "")
    lead = f"{fault.where}: " if fault.where else ""
    findings.add(code, fault.place, f"{fault.lead}{lead}{fault.said}", remedy, step=fault.step)


def _value(fault: _Fault, findings: Findings) -> None:
    expected = fault.context.get("expected")
    remedy = str(fault.context.get("remedy") or "")
    if fault.kind in _WANTED:
        fault.said = f"this is not {_WANTED[fault.kind].partition(';')[0]}"
        remedy = f"Write {_WANTED[fault.kind]}."
    elif expected:
        fault.said, remedy = f"this is not {expected}", f"Write {expected}."
    lead = f"{fault.where}: " if fault.where else ""
    findings.add("E303", fault.place, f"{fault.lead}{lead}{fault.said}", remedy, step=fault.step)


_NOTES = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "quantity": _quantity,
    "dimension": _quantity,
    "too_long": _quantity,
}


def known_keys(model: type[BaseModel], path: tuple[Any, ...] = ()) -> list[str]:
    """Return the keys a model knows at a path, as far as its annotations tell."""
    current: Any = model
    for part in path:
        fields = getattr(current, "model_fields", None)
        if fields is None:
            continue
        field = next((one for name, one in fields.items() if part in (name, one.alias)), None)
        current = _inner(field.annotation) if field is not None else current
    fields = getattr(current, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _inner(annotation: Any) -> Any:
    """Return the model inside dict[str, Model] and the like."""
    if hasattr(annotation, "model_fields"):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        inner = _inner(argument)
        if hasattr(inner, "model_fields"):
            return inner
    return annotation
