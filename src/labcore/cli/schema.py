"""labcore schema: JSON Schema of protocols and labs, with the installed plugins' verbs and drivers."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def schema(what: Annotated[str, typer.Argument(help="protocol or lab.")] = "protocol") -> None:
    """Print the JSON Schema that editors use to complete and check."""
    typer.echo(schema_text(what))


def schema_text(what: str) -> str:
    """Return the schema of "protocol" or "lab" as JSON; UsageError for anything else."""
    from labcore.adapters.entry_points import EntryPointCatalog
    from labcore.errors import UsageError
    from labcore.pipeline.json_schema import lab_schema, protocol_schema

    if what not in ("protocol", "lab"):
        raise UsageError(f"there is no schema {what!r}", remedy="Choose protocol or lab.")
    catalog = EntryPointCatalog()
    found = protocol_schema(catalog) if what == "protocol" else lab_schema(catalog)
    return json.dumps(found, ensure_ascii=False, indent=1)
