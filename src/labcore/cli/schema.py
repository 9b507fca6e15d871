"""labcore schema: JSON Schema of protocols and labs, with the installed plugins' verbs and drivers."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer


def schema(what: Annotated[str, typer.Argument(help="protocol or lab.")] = "protocol") -> None:
    """Print the JSON Schema that editors use to complete and check."""
    from labcore.adapters.entry_points import EntryPointCatalog
    from labcore.errors import UsageError
    from labcore.pipeline.json_schema import lab_schema, protocol_schema

    if what not in ("protocol", "lab"):
        raise UsageError(f"there is no schema {what!r}", remedy="Choose protocol or lab.")
    kind: Literal["protocol", "lab"] = what  # type: ignore[assignment]
    catalog = EntryPointCatalog()
    found = protocol_schema(catalog) if kind == "protocol" else lab_schema(catalog)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
