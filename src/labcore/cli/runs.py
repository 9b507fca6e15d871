"""labcore runs: what was run here, oldest first."""

from __future__ import annotations

import json

import typer

from labcore.cli.arguments import DATA, Data, Json


def runs(data: Data = DATA, json_: Json = False) -> None:
    """List the runs, oldest first."""
    from labcore.app import open_run
    from labcore.app.controlling import standing
    from labcore.cli.world_text import world_text
    from labcore.records.run_folder import run_folders

    rows = []
    for folder in run_folders(data):
        run = open_run(str(folder), data=data)
        header = run.header
        rows.append(
            {
                "id": run.id, "state": standing(run)[0], "protocol": header.get("protocol", ""), "lab": header.get("lab", ""),
                "world": run.world, "simulated": header.get("simulated"), "seed": header.get("seed"), "started": header.get("started", ""),
            }
        )  # fmt: skip
        run.record.close()
    if json_:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        typer.echo(
            f"{row['id']}  {row['state']:<12} {world_text(row['world']):<10} {row['started']}  {row['protocol']}"
        )
    if not rows:
        typer.echo(f"no runs in {data}")
