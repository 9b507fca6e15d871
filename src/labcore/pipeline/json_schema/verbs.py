"""The schema of one step: an object with one property a verb, and modifiers beside it."""

from __future__ import annotations

from typing import Any

from labcore.model.fields import QUANTITY_PATTERN
from labcore.pipeline.form import Form
from labcore.pipeline.json_schema.shapes import (
    EXPRESSION,
    Schema,
    first_paragraph,
    inlined,
    model_schema,
    usable,
)
from labcore.plugin.catalog import Catalog
from labcore.plugin.step import Verb

_WHAT = {
    "vessel": "the name of a vessel", "material": "the name of a material", "device": "the name of a device",
    "place": "a position of the lab, or a device that has places",
}  # fmt: skip


def verb_schemas(catalog: Catalog) -> dict[str, Schema]:
    """Return what each installed verb takes, by its word."""
    return {name: _verb(verb()) for name, verb in usable(catalog, "verbs")}


def _verb(verb: Verb) -> Schema:
    form = Form.of(verb)
    model = model_schema(type(verb).Args)
    arguments = inlined(model, model.get("$defs", {}))
    arguments.pop("description", None)
    properties = arguments.get("properties", {})
    for key, field in form.fields.items():
        if key in properties:
            properties[key] = _argument(properties[key], quantity=field.dimension is not None)
            if field.names:
                properties[key] = {"description": _WHAT.get(field.names, "")} | properties[key]
    forms: list[Schema] = [arguments]
    if verb.shorthand and verb.shorthand in properties:
        forms.append(
            {key: value for key, value in properties[verb.shorthand].items() if key != "description"}
        )
    if not arguments.get("required"):
        forms.append({"type": "null"})
    return {"description": first_paragraph(verb), "anyOf": forms}


def _argument(schema: Schema, *, quantity: bool) -> Schema:
    """Allow an expression where a value may stand, and bounds where they may be needed."""
    if quantity:
        plain = {key: value for key, value in schema.items() if key != "description"}
        return {
            "description": schema.get("description", ""),
            "anyOf": [plain, EXPRESSION, {"$ref": "#/$defs/bounded"}],
        }
    if schema.get("type") in ("boolean", "number", "integer"):
        about = {"description": schema["description"]} if "description" in schema else {}
        return about | {
            "anyOf": [{key: value for key, value in schema.items() if key != "description"}, EXPRESSION]
        }
    return schema


BOUNDED: Schema = {
    "type": "object",
    "description": "a value that is known only during the run, with the bounds it must stay in",
    "properties": {
        key: {"anyOf": [{"type": "string", "pattern": QUANTITY_PATTERN}, EXPRESSION]}
        for key in ("value", "min", "max")
    },
    "required": ["value"],
    "additionalProperties": False,
}


def step_schema(verbs: dict[str, Schema], blocks: dict[str, Schema], beside: dict[str, Schema]) -> Schema:
    """Return the schema of a step: exactly one verb or block, with what may stand beside it."""
    words = [*verbs, *blocks]
    exactly_one: list[Any] = [{"required": [word]} for word in words] + [{"required": ["when", "then"]}]
    alone = [word for word, one in verbs.items() if {"type": "null"} in one["anyOf"]]
    written_out: Schema = {
        "type": "object",
        "properties": verbs | blocks | beside,
        "additionalProperties": False,
        "oneOf": exactly_one,
    }
    return {"anyOf": [written_out, {"enum": alone}]} if alone else written_out
