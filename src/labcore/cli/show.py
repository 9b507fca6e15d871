"""labcore show: a run in a few lines: outcome, steps, what each vessel holds."""

from __future__ import annotations

import json

import typer

from labcore.cli.arguments import DATA, Data, Json, Run
from labcore.cli.holdings import finished_vessels, vessel_text, vessels_as_data
from labcore.cli.world_text import world_text


def show(run: Run, data: Data = DATA, json_: Json = False) -> None:
    """Show a run: outcome, vessels, open questions, report."""
    from labcore.app import open_run
    from labcore.app.controlling import standing

    found = open_run(run, data=data)
    state = found.state
    word, reason = standing(found)
    vessels = finished_vessels(found)
    reproducible = state.reproducible or not state.simulated
    if json_:
        summary = {
            "id": found.id, "state": word, "world": found.world, "reason": reason, "at": state.at,
            "vessels": vessels_as_data(vessels), "results": dict(state.results),
            "reproducible": state.simulated and state.reproducible,
            "unsettled": sorted(state.intents), "questions": sorted(state.questions),
            "left_tasks": dict(found.left_tasks), "report": str(found.report or ""),
        }  # fmt: skip
        typer.echo(json.dumps(summary, ensure_ascii=False, indent=1))
        return
    typer.echo(f"{found.id}: {word} ({world_text(found.world)}) {reason}".rstrip())
    if not reproducible:
        typer.echo("  not reproducible: a reader was too slow (labcore events RUN --kind reader_failed)")
    for name, vessel in vessels.items():
        typer.echo(f"  {vessel_text(name, vessel)}")
    for act, intent in state.intents.items():
        typer.echo(f"  unsettled: {act} {intent.method} {intent.arguments}")
    for name, question in state.questions.items():
        typer.echo(f"  open question {name}: {question.text}")
    for step, label in found.left_tasks.items():
        typer.echo(f"  left as a task: {step} {label}")
    if found.report:
        typer.echo(f"  report: {found.report}")
