"""labcore plan: what will happen, when, with what."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from labcore.cli.arguments import Json, Lab, Protocol, Set, parameters
from labcore.cli.errors import PROBLEMS
from labcore.model.effect import Placement, Transfer

if TYPE_CHECKING:
    from labcore.app.api import Checked
    from labcore.pipeline.check.walk import Planned

WIDTH = 40
MOST_LINES = 200


def plan(protocol: Protocol, lab: Lab = None, set_: Set = None, json_: Json = False) -> None:
    """Show the plan of a protocol: what is done when, on which devices."""
    from labcore.app import check as check_protocol
    from labcore.cli.problems import show_problems
    from labcore.model.plan_data import plan_as_data

    checked = check_protocol(protocol, lab=lab, parameters=parameters(set_))
    if not checked.ok or checked.prepared.plan is None:
        show_problems(checked, as_json=json_)
        raise typer.Exit(PROBLEMS)
    if json_:
        data = plan_as_data(checked.prepared.plan) | {
            "duration_s": checked.prepared.duration,
            "timeline": _timeline(checked),
            "more_rounds": dict(checked.prepared.more_rounds),
        }
        typer.echo(json.dumps(data, ensure_ascii=False, indent=1))
        return
    show_problems(checked)
    _show(checked)


def _timeline(checked: Checked) -> list[dict[str, object]]:
    return [
        {
            "step": planned.key, "label": planned.node.label, "start_s": round(planned.start, 1),
            "duration_s": round(planned.duration.mid, 1), "devices": list(planned.effects.devices),
            "changes": [asdict(change) for change in planned.effects.changes],
        }
        for planned in checked.prepared.timeline
    ]  # fmt: skip


def _show(checked: Checked) -> None:
    prepared = checked.prepared
    assert prepared.plan is not None
    total = max(prepared.duration, 1.0)
    typer.echo(f"{prepared.plan.name}  (lab: {prepared.plan.lab.lab}; {checked.texts.lab_file})")
    typer.echo(
        f"expected to take {clock(prepared.duration)}; loops with a condition are taken at their longest\n"
    )
    shown = prepared.timeline[:MOST_LINES]
    for planned, following in zip(shown, [*shown[1:], None], strict=True):
        begin = int(planned.start / total * WIDTH)
        length = max(1, round(planned.duration.mid / total * WIDTH))
        bar = (" " * min(begin, WIDTH - 1) + "█" * length)[:WIDTH].ljust(WIDTH)
        with_ = ", ".join([*planned.effects.devices, *_worked_out(planned)])
        typer.echo(
            f"{clock(planned.start):>8}  |{bar}|  {planned.key:<8} {planned.node.label}"
            + (f"  [{with_}]" if with_ else "")
        )
        for line in _more_rounds(checked, planned.key, following.key if following else ""):
            typer.echo(line)
    if len(prepared.timeline) > MOST_LINES:
        typer.echo(f"... and {len(prepared.timeline) - MOST_LINES} more steps (--json shows all)")


def _more_rounds(checked: Checked, key: str, following: str) -> list[str]:
    """Return a line for every repetition that ends between two steps and of which not all rounds are shown."""
    return [
        f"{'':>8}  ... and {rounds:,} more rounds of step {repeat} like these"
        for repeat, rounds in checked.prepared.more_rounds.items()
        if key.startswith(f"{repeat}#") and not following.startswith(f"{repeat}#")
    ]


def _worked_out(planned: Planned) -> list[str]:
    """Return the amounts and places that the step's own words do not name."""
    found = []
    for change in planned.effects.changes:
        match change:
            case Transfer(volume=volume):
                found.append(f"{volume.mid:.4g} mL")
            case Placement(place=place):
                found.append(place)
    return [one for one in found if f" {one} " not in f" {planned.node.label} "]


def clock(seconds: float) -> str:
    """Return a duration as h:mm:ss."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
