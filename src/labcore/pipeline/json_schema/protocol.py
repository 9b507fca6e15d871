"""The schema of a protocol."""

from __future__ import annotations

from labcore.model.failure import KINDS
from labcore.model.fields import QUANTITY_PATTERN
from labcore.model.labware import CATALOGUE
from labcore.model.protocol import Header
from labcore.pipeline.json_schema.shapes import DIALECT, EXPRESSION, Schema, model_schema, usable
from labcore.pipeline.json_schema.verbs import BOUNDED, step_schema, verb_schemas
from labcore.pipeline.policy import CASES, KEYS, POLICIES
from labcore.plugin.catalog import Catalog
from labcore.plugin.driver import capability_names

_STEPS: Schema = {"$ref": "#/$defs/steps"}
_TIME: Schema = {"anyOf": [{"type": "string", "pattern": QUANTITY_PATTERN}, EXPRESSION]}
_CONDITION: Schema = {"type": ["string", "boolean"]}
_COUNT: Schema = {"anyOf": [{"type": "integer", "minimum": 1}, EXPRESSION]}
_FLAG: Schema = {"type": "boolean"}
_QUANTITY: Schema = {"type": "string", "pattern": QUANTITY_PATTERN}


def protocol_schema(catalog: Catalog) -> Schema:
    """Return the schema of protocols, with the installed verbs, abilities and observers."""
    head = model_schema(Header)
    definitions = head.pop("$defs")
    definitions |= {
        "bounded": BOUNDED,
        "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
        "step": step_schema(verb_schemas(catalog), _blocks(), _beside()),
        "on_error": _on_error(),
    }
    definitions["MaterialEntry"]["properties"] |= {"concentration": _QUANTITY, "density": _QUANTITY}
    definitions["VesselNeed"]["properties"]["labware"] = {"enum": list(CATALOGUE)}
    properties = head["properties"]
    able = sorted({word for _, driver in usable(catalog, "drivers") for word in capability_names(driver)})
    properties["devices"] = {
        "type": "object",
        "description": "what is needed, by ability; the lab binds names to machines",
        "additionalProperties": {"type": "array", "items": {"enum": able}},
    }
    properties["observers"]["items"] = {"enum": list(catalog.names("observers"))}
    properties |= {"steps": _STEPS | {"minItems": 1}, "finally": _STEPS}
    return {
        "$schema": DIALECT,
        "title": "labcore protocol",
        "description": "A laboratory procedure: what is needed, and what is done.",
        "type": "object",
        "properties": properties,
        "required": [*head["required"], "steps"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _blocks() -> dict[str, Schema]:
    """Return the blocks by their word."""
    each: Schema = {
        "type": "object",
        "properties": {"do": _STEPS | {"description": "the steps, once for each value"}},
        "required": ["do"],
        "minProperties": 2,
        "maxProperties": 2,
        "additionalProperties": {
            "type": "array",
            "items": {"type": ["string", "number", "boolean"]},
            "minItems": 1,
        },
    }
    call: Schema = {
        "type": "object",
        "properties": {"protocol": {"type": "string"}, "with": {"type": "object"}},
        "required": ["protocol"],
        "additionalProperties": False,
    }
    return {
        "sequence": _STEPS | {"description": "steps one after another"},
        "repeat": _STEPS | {"description": "steps again and again, with times, every, for or until"},
        "parallel": {
            "description": "branches side by side; it ends when all have ended",
            "type": "array",
            "items": {"anyOf": [_STEPS, {"$ref": "#/$defs/step"}]},
            "minItems": 1,
        },
        "for_each": each | {"description": "the same steps for each value of a list"},
        "call": {"description": "the steps of another protocol file", "anyOf": [{"type": "string"}, call]},
    }


def _beside() -> dict[str, Schema]:
    """Return what may stand beside a verb."""
    return {
        "name": {"type": "string", "description": "what people read instead of the arguments"},
        "save": {"type": "string", "description": "keep what the step returns under this name"},
        "when": _CONDITION | {"description": "only if this holds when the step is due"},
        "then": _STEPS | {"description": "with when: the steps if it holds"},
        "otherwise": _STEPS | {"description": "with when: the steps if it does not hold"},
        "every": _TIME | {"description": "again at this interval"},
        "for": _TIME | {"description": "how long an output lasts, or a repetition goes on"},
        "times": _COUNT | {"description": "how often"},
        "until": _CONDITION | {"description": "repeat until this holds, tested after each round"},
        "timeout": _TIME | {"description": "how long the step, or the wait for an observation, may take"},
        "max_age": _TIME | {"description": "no older observation counts"},
        "require": _CONDITION | {"description": "fail if this does not hold when the step is due"},
        "retry": _COUNT | {"description": "how often to try again"},
        "repeatable": _FLAG | {"description": "it is safe to do this again"},
        "on_error": {"$ref": "#/$defs/on_error"},
        "background": _FLAG | {"description": "go on beside the following steps; end with the block"},
        "safe_point": _FLAG | {"description": "a pause may begin here"},
        "hold": _FLAG | {"description": "keep this output on while the run is stopped"},
        "finally": _STEPS | {"description": "with a block: on every end but abort"},
    }


def _on_error() -> Schema:
    words: Schema = {"enum": [word for word in POLICIES if word not in ("replace", "fallback")]}
    values: dict[str, Schema] = {
        "retry": _COUNT,
        "then": words,
        "limit": _TIME,
        "default": {"enum": ["stop", "pause", "skip"]},
        "fallback": _STEPS | {"description": "these steps instead"},
        "replace": _STEPS | {"description": "these steps, then the failed one once more"},
    }
    mapping: Schema = {
        "type": "object",
        "properties": {key: values[key] for key in KEYS},
        "additionalProperties": False,
    }
    cases: Schema = {
        "type": "object",
        "properties": {
            kind: {"description": KINDS.get(kind, "every other kind"), "anyOf": [words, mapping]}
            for kind in CASES
        },
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"description": "what to do when the step fails", "anyOf": [words, mapping, cases]}
