"""labcore plugins: what is installed, and what is broken."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from labcore.cli.arguments import Json
from labcore.cli.errors import PROBLEMS


def plugins(
    json_: Json = False,
    load: Annotated[
        bool, typer.Option("--load/--no-load", help="Import each plugin to find broken ones.")
    ] = True,
) -> None:
    """List plugins by kind; a broken one is named and leaves the others working."""
    from labcore.adapters.entry_points import EntryPointCatalog
    from labcore.errors import PluginError

    catalog = EntryPointCatalog()
    for one in catalog.listed() if load else ():
        try:
            catalog.load(one.kind, one.name)
        except PluginError:
            continue  # shown below with its reason
    listed = catalog.listed()
    if json_:
        typer.echo(json.dumps([asdict(one) for one in listed], ensure_ascii=False, indent=1))
    else:
        for one in listed:
            failure = f"  BROKEN: {one.failure}" if one.failure else ""
            typer.echo(f"{one.kind[:-1]:<10} {one.name:<18} {one.distribution} {one.version}{failure}")
    if any(one.failure for one in listed):
        raise typer.Exit(PROBLEMS)
