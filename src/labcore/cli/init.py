"""labcore init: a folder to start from."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from labcore.cli.schema import schema_text
from labcore.errors import UsageError

SCHEMA_LINE = re.compile(r"\A# yaml-language-server:.*\n")


def init(folder: Annotated[Path, typer.Argument(help="The folder to make.")] = Path("my-protocol")) -> None:
    """Write a protocol and a simulated lab to start from."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} exists and is not empty", remedy="Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for kind, template in (("protocol", "first.yaml"), ("lab", "bench.yaml")):
        text = files("labcore.app").joinpath(template).read_text(encoding="utf-8")
        (folder / f"{kind}.yaml").write_text(_for_editors(kind, text), encoding="utf-8")
        (folder / f"{kind}.schema.json").write_text(schema_text(kind) + "\n", encoding="utf-8")
    typer.echo(f"Wrote {folder / 'protocol.yaml'} and {folder / 'lab.yaml'}. Try:")
    typer.echo(f"  labcore check {folder / 'protocol.yaml'}")
    typer.echo(f"  labcore simulate {folder / 'protocol.yaml'}")


def _for_editors(kind: str, text: str) -> str:
    """Name the schema beside the file, with which an editor completes and checks it."""
    return f"# yaml-language-server: $schema={kind}.schema.json\n" + SCHEMA_LINE.sub("", text)
