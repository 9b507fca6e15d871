"""labcore init: a folder to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from labcore.errors import UsageError


def init(folder: Annotated[Path, typer.Argument(help="The folder to make.")] = Path("my-protocol")) -> None:
    """Write a protocol and a simulated lab to start from."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} exists and is not empty", remedy="Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    source = files("labcore.app")
    (folder / "protocol.yaml").write_text(
        source.joinpath("first.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (folder / "lab.yaml").write_text(
        source.joinpath("bench.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    typer.echo(f"Wrote {folder / 'protocol.yaml'} and {folder / 'lab.yaml'}. Try:")
    typer.echo(f"  labcore check {folder / 'protocol.yaml'}")
    typer.echo(f"  labcore simulate {folder / 'protocol.yaml'}")
