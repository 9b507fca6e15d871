"""Arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labcore.errors import UsageError

Protocol = Annotated[Path, typer.Argument(help="The protocol file.")]
Lab = Annotated[
    Path | None,
    typer.Option(
        "--lab", help="The lab file (default: lab.yaml beside the protocol, else a built-in bench)."
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help='Set a parameter: --set monomer="0.1 mmol". May be repeated.'),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON for machines.")]
Data = Annotated[Path, typer.Option("--data", envvar="LABCORE_DATA", help="Where runs are kept.")]
Run = Annotated[str, typer.Argument(help='A run: its id, the beginning or end of it, its folder, or "last".')]
DATA = Path("labcore-data")


def parameters(
    given: list[str] | None, option: str = "--set", example: str = 'monomer="0.1 mmol"'
) -> dict[str, str]:
    """Return `--set name=value` pairs (or another option's)."""
    pairs: dict[str, str] = {}
    for one in given or ():
        name, found, value = one.partition("=")
        if not found or not name.strip():
            raise UsageError(
                f"{option} {one}: write it as name=value", remedy=f"For example {option} {example}."
            )
        pairs[name.strip()] = value.strip()
    return pairs
