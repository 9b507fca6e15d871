"""Shapes that both schemas use, and how a model becomes one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError

from labcore.errors import PluginError
from labcore.plugin.catalog import Catalog, Kind

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

EXPRESSION: Schema = {"type": "string", "pattern": r"\$\{", "description": "an expression: ${...}"}


def model_schema(model: type[BaseModel]) -> Schema:
    """Return a model's schema without titles and defaults; a model that JSON cannot describe allows any object."""
    try:
        return without_noise(model.model_json_schema(by_alias=True))
    except (PydanticInvalidForJsonSchema, PydanticSchemaGenerationError):
        return {"type": "object"}


def without_noise(schema: Schema) -> Schema:
    """Drop titles, defaults and the null of optional values, which say nothing to an author."""
    kept: Schema = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            kept[key] = {name: without_noise(one) for name, one in value.items()}
        elif isinstance(value, dict):
            kept[key] = without_noise(value)
        elif isinstance(value, list):
            kept[key] = [without_noise(one) if isinstance(one, dict) else one for one in value]
        elif key not in ("title", "default"):
            kept[key] = value
    kept.pop("default", None)
    several = [one for one in kept.get("anyOf", ()) if one != {"type": "null"}]
    if len(several) == 1:
        del kept["anyOf"]
        return {**several[0], **kept}
    return kept


def inlined(schema: Any, definitions: Schema) -> Any:
    """Return a schema with its `$ref`s into a model's own definitions written out."""
    if isinstance(schema, list):
        return [inlined(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    target = schema.get("$ref", "").removeprefix("#/$defs/")
    if target in definitions:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return inlined(definitions[target], definitions) | rest
    return {key: inlined(value, definitions) for key, value in schema.items() if key != "$defs"}


def usable(catalog: Catalog, kind: Kind) -> Iterable[tuple[str, Any]]:
    """Yield the plugins of a kind that can be loaded, by name."""
    for name in catalog.names(kind):
        try:
            yield name, catalog.load(kind, name)
        except (KeyError, PluginError):
            continue  # `labcore plugins` names it


def first_paragraph(thing: Any) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join((thing.__doc__ or "").strip().partition("\n\n")[0].split())


def one_or_many(item: Schema) -> Schema:
    """Return the schema of a value, or of a list of such values."""
    return {"anyOf": [item, {"type": "array", "items": item}]}
