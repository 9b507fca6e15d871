"""labcore runs: what was run here, oldest first."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer

from labcore.cli.arguments import DATA, Data, Json
from labcore.errors import DamagedRecord, LabcoreError

EMPTY = {"protocol": "", "lab": "", "world": "", "simulated": None, "seed": None, "started": ""}


def runs(data: Data = DATA, json_: Json = False) -> None:
    """List the runs, oldest first; one whose record is damaged is listed with what is wrong."""
    from labcore.cli.world_text import world_text
    from labcore.records.run_folder import run_folders

    rows = [_row(folder, data) for folder in run_folders(data)]
    if json_:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        world = world_text(row["world"]) if row["world"] else ""
        typer.echo(
            f"{row['id']}  {row['state']:<12} {world:<10} {row['started']}  {row['protocol']}".rstrip()
        )
        if row["problem"]:
            typer.echo(f"  {row['problem']}")
    if not rows:
        typer.echo(f"no runs in {data}")


def _row(folder: Path, data: Path) -> dict[str, Any]:
    """Return what is listed of one run, whatever state it is in: the others are listed all the same."""
    try:
        return _sound(folder, data)
    except (LabcoreError, OSError) as error:
        state = "damaged" if isinstance(error, DamagedRecord) else "unreadable"
        return {"id": folder.name, "state": state, **EMPTY, **_known(folder), "problem": str(error)}


def _known(folder: Path) -> dict[str, Any]:
    """Return what the header tells, if it can be read."""
    from labcore.records.run_folder import HEADER, read_json

    with suppress(LabcoreError, OSError):
        header = read_json(folder / HEADER)
        return {
            name: header[name]
            for name in ("protocol", "lab", "simulated", "seed", "started")
            if name in header
        }
    return {}


def _sound(folder: Path, data: Path) -> dict[str, Any]:
    from labcore.app import open_run
    from labcore.app.controlling import standing

    run = open_run(str(folder), data=data)
    try:
        header = run.header
        return {
            "id": run.id, "state": standing(run)[0], "protocol": header.get("protocol", ""), "lab": header.get("lab", ""),
            "world": run.world, "simulated": header.get("simulated"), "seed": header.get("seed"),
            "started": header.get("started", ""), "problem": "",
        }  # fmt: skip
    finally:
        run.record.close()
