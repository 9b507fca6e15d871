"""labcore devices: the devices of a lab file, what they can do and how they are reached."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, cast

import typer

from labcore.cli.arguments import Json
from labcore.cli.problems import problems_of


def devices(
    lab: Annotated[Path | None, typer.Argument(help="The lab file (default: the built-in bench).")] = None,
    json_: Json = False,
) -> None:
    """List a lab's devices."""
    with problems_of(str(lab or "built-in bench"), as_json=json_):
        _list(lab, json_)


def _list(lab: Path | None, json_: bool) -> None:
    from labcore.adapters.entry_points import EntryPointCatalog
    from labcore.app.files import built_in_lab, read_text
    from labcore.app.machines import is_simulated_device
    from labcore.errors import ProblemsFound
    from labcore.model.protocol import Header
    from labcore.pipeline.devices import bind_devices
    from labcore.pipeline.draft import Findings
    from labcore.pipeline.parse import parse_lab, parse_protocol

    findings = Findings()
    name = str(lab) if lab is not None else "built-in bench"
    found, node = parse_lab(read_text(lab, "lab") if lab is not None else built_in_lab(), name, findings)
    draft = parse_protocol("{labcore: 1, name: none, steps: []}", "none", Findings())
    if found is None or draft is None:
        raise ProblemsFound(findings.problems)
    bound = bind_devices(
        Header(labcore=1, name="none"), draft.node, found, node, EntryPointCatalog(), findings, simulate=False
    )
    if findings.problems:
        raise ProblemsFound(findings.problems)
    rows = []
    for alias, machine_name in bound.aliases.items():
        machine, entry = bound.machines[machine_name], found.devices[machine_name]
        address = entry.port or entry.source
        rows.append(
            {
                "name": alias, "machine": machine_name, "driver": machine.driver, "address": address,
                "capabilities": list(machine.capabilities), "watchdog": list(machine.watchdog),
                "simulated": is_simulated_device(entry),
            }
        )  # fmt: skip
    if json_:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        same = "" if row["name"] == row["machine"] else f" (same as {row['machine']})"
        where = row["address"] if row["address"] is not None else "a person"
        typer.echo(
            f"{row['name']}{same}: {row['driver']} at {where}; {', '.join(map(str, cast(list[str], row['capabilities'])))}"
        )
