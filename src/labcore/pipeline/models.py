"""Read a located node into a pydantic model and say every mistake where it stands."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from labcore.model.names import nearest
from labcore.pipeline.compose import Node, plain
from labcore.pipeline.draft import Findings, key_place, node_at_path

M = TypeVar("M", bound=BaseModel)


def read_model(model: type[M], node: Node, findings: Findings, *, what: str, data: Any = None, step: str | None = None) -> M | None:
    """Return the model, or None after noting what is wrong."""
    try:
        return model.model_validate(plain(node) if data is None else data)
    except ValidationError as error:
        note_errors(error, model, node, findings, what=what, step=step)
        return None


def note_errors(
    error: ValidationError, model: type[BaseModel], node: Node | None, findings: Findings, *, what: str, step: str | None = None
) -> None:
    """Turn pydantic's errors into problems."""
    for one in error.errors():
        path = tuple(part for part in one["loc"] if not (isinstance(part, str) and part.startswith("function-")))
        _note(one, path, model, node, findings, what, step)


def _note(
    one: Any, path: tuple[Any, ...], model: type[BaseModel], node: Node | None, findings: Findings, what: str, step: str | None
) -> None:
    where = ".".join(str(part) for part in path)
    match one["type"]:
        case "extra_forbidden":
            known = _known(model, path[:-1])
            hint = nearest(str(path[-1]), known)
            remedy = f"Did you mean {hint!r}?" if hint else (f"Known keys: {', '.join(known)}." if known else "Remove it.")
            findings.add("E201", key_place(node, path), f"{what}: unknown key {str(path[-1])!r}", remedy, step=step)
        case "missing":
            _, place = node_at_path(node, path[:-1])
            findings.add("E202", place, f"{what}: {where!r} is missing", f"Add {path[-1]}: ...", step=step)
        case "quantity" | "dimension":
            _, place = node_at_path(node, path)
            remedy = str((one.get("ctx") or {}).get("remedy") or "")
            findings.add("E301" if one["type"] == "quantity" else "E302", place, f"{what}: {where}: {one['msg']}", remedy, step=step)
        case _:
            _, place = node_at_path(node, path)
            message = str(one["msg"]).removeprefix("Value error, ")
            findings.add("E303", place, f"{what}: {where + ': ' if where else ''}{message}", _expected(one), step=step)


def _expected(one: Any) -> str:
    context = one.get("ctx") or {}
    if "expected" in context:
        return f"Expected {context['expected']}."
    kinds = {
        "string_type": "a text", "int_type": "a whole number", "int_parsing": "a whole number", "bool_type": "true or false",
        "bool_parsing": "true or false", "float_type": "a number", "tuple_type": "a list [...]", "dict_type": "a mapping {...}",
        "list_type": "a list [...]", "model_type": "a mapping {...}", "model_attributes_type": "a mapping {...}",
    }  # fmt: skip
    wanted = kinds.get(one["type"])
    return f"Write {wanted} here." if wanted else "Correct this value."


def _known(model: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """Return the keys a model knows at a path, as far as its annotations tell."""
    current: Any = model
    for part in path:
        fields = getattr(current, "model_fields", None)
        if fields is None:
            continue
        field = fields.get(str(part))
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
