"""The schema of a lab file."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.functional_validators import BeforeValidator, PlainValidator, WrapValidator

from labcore.model.lab import DeviceEntry, LabFile
from labcore.model.labware import CATALOGUE
from labcore.pipeline.json_schema.shapes import (
    DIALECT,
    Schema,
    first_paragraph,
    inlined,
    model_schema,
    one_or_many,
    usable,
)
from labcore.plugin.catalog import Catalog

_LABWARE: Schema = {"enum": list(CATALOGUE)}


def lab_schema(catalog: Catalog) -> Schema:
    """Return the schema of lab files, with the installed drivers and observers."""
    model = model_schema(LabFile)
    definitions = model.pop("$defs")
    drivers = dict(usable(catalog, "drivers"))
    definitions |= {f"driver-{name}": _options(driver) for name, driver in drivers.items()}
    definitions["DeviceEntry"] = _device(definitions["DeviceEntry"], drivers)
    definitions["PositionEntry"]["properties"]["fits"] = one_or_many(_LABWARE)
    definitions["StockEntry"]["properties"]["labware"] = _LABWARE
    definitions["VesselEntry"]["properties"]["labware"] = _LABWARE
    model["properties"]["observers"]["items"] = {"enum": list(catalog.names("observers"))}
    return {
        "$schema": DIALECT,
        "title": "labcore lab",
        "description": "The devices, positions, stock and vessels of one site.",
        "type": "object",
        "properties": model["properties"],
        "required": model["required"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _device(entry: Schema, drivers: dict[str, Any]) -> Schema:
    """Return the schema of a device: its options are those of its driver."""
    properties = entry["properties"] | {"driver": {"enum": list(drivers)}}
    chosen = [
        {
            "if": {"properties": {"driver": {"const": name}}, "required": ["driver"]},
            "then": {"$ref": f"#/$defs/driver-{name}"},
        }
        for name in drivers
    ]
    return {
        "description": first_paragraph(DeviceEntry),
        "type": "object",
        "properties": properties,
        "oneOf": [{"required": ["driver"]}, {"required": ["same_as"]}],
        "allOf": chosen,
    }


def _options(driver: Any) -> Schema:
    """Return what a device with this driver may say: the driver's options, and how it is reached."""
    model = model_schema(driver.Options)
    options = inlined(model, model.get("$defs", {}))
    properties = {
        key: {"description": one["description"]} if loose and "description" in one else {} if loose else one
        for key, one in options.get("properties", {}).items()
        for loose in (_read_by_hand(driver.Options, key),)
    }
    always: Schema = {key: {} for key in DeviceEntry.model_fields}
    reached = {"link": ["port"], "frames": ["source"]}.get(driver.transport, [])
    return {
        "description": first_paragraph(driver.Options),
        "properties": always | properties,
        "required": [*reached, *options.get("required", ())],
        "additionalProperties": options.get("additionalProperties", True),
    }


def _read_by_hand(model: type[BaseModel], key: str) -> bool:
    """Say whether a validator of its own turns what an author writes into the field's type."""
    field = next((one for name, one in model.model_fields.items() if key in (name, one.alias)), None)
    marks = field.metadata if field is not None else ()
    return any(isinstance(mark, BeforeValidator | PlainValidator | WrapValidator) for mark in marks)
