"""labcore torture: the public crash test."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from labcore.cli.arguments import Json, Lab, Protocol, Set, parameters
from labcore.cli.errors import DONE, FAILED
from labcore.errors import UsageError

if TYPE_CHECKING:
    from labcore.app.torture import Report, Wanted

Every = Annotated[int | None, typer.Option(min=1, help="Try every N-th point (1: all of them).")]
Points = Annotated[
    int | None,
    typer.Option(min=1, help="Try so many points, evenly spread (default: what about 2 minutes allow)."),
]
Acts = Annotated[bool, typer.Option("--acts", help="Try five boundaries of every act, and no others.")]
Settle = Annotated[
    str,
    typer.Option(help="Who says what became of open acts: witness, unknown (nobody), both, or in-turn."),
]
Deep = Annotated[int, typer.Option(min=0, max=3, help="Kill recoveries, too, so many of them in a row.")]
Only = Annotated[
    list[str] | None, typer.Option(help="Replay one trial, as torture names it: commit-12-before/unknown.")
]
Seed = Annotated[int, typer.Option(help="Seed of the simulation.")]
Work = Annotated[
    Path | None, typer.Option("--data", help="Keep the runs of failing trials here (default: nowhere).")
]
Out = Annotated[Path, typer.Option(help="Where the page is written.")]
SETTLE = ("both", "witness", "unknown", "in-turn")


def torture(
    protocol: Protocol, lab: Lab = None, set_: Set = None, seed: Seed = 0, every: Every = None, points: Points = None,
    acts: Acts = False, settle: Settle = "both", deep: Deep = 0, only: Only = None, data: Work = None, json_: Json = False,
    out: Out = Path("torture.html"),
) -> None:  # fmt: skip
    """Kill a simulated run at its every boundary, recover, finish, and count in the world's own record."""
    from labcore.app.torture import Wanted, parse_trial

    if settle not in SETTLE:
        raise UsageError(f"--settle {settle}: nobody like that", remedy=f"One of {', '.join(SETTLE)}.")
    trials = tuple(parse_trial(one) for one in only or ())
    who = cast(Literal["both", "witness", "unknown", "in-turn"], settle)
    wanted = Wanted(
        protocol, lab, parameters(set_), seed, every=every, points=points, only=trials, acts=acts, settle=who, deep=deep
    )  # fmt: skip
    if data is not None:
        _say(_torture(wanted, _fresh(data)), out, json_)
    with tempfile.TemporaryDirectory(prefix="labcore-torture-") as folder:
        _say(_torture(wanted, Path(folder)), out, json_)


def _fresh(data: Path) -> Path:
    if data.exists() and any(data.iterdir()):
        raise UsageError(f"{data} is not empty", remedy="Name a new folder; each trial gets one inside it.")
    data.mkdir(parents=True, exist_ok=True)
    return data


def _torture(wanted: Wanted, folder: Path) -> Report:
    """Torture with a progress bar that is drawn by this thread: a process with threads must not fork."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from labcore.app.torture import torture as carry_out

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True)
    with bar:
        task = bar.add_task("running undisturbed", total=None)

        def show(done: int, of: int, failed: int) -> None:
            said = f"killed and recovered, {failed} failing" if failed else "killed and recovered"
            bar.update(task, description=said, completed=done, total=of, refresh=True)

        bar.refresh()
        return carry_out(wanted, folder, show)


def _say(report: Report, out: Path, json_: bool) -> None:
    from labcore.app.torture.report import as_data, lines, write_page

    write_page(report, out)
    if json_:
        typer.echo(json.dumps(as_data(report), ensure_ascii=False, indent=1))
    else:
        for line in lines(report):
            typer.echo(line)
        typer.echo(str(out))
    raise typer.Exit(DONE if report.ok else FAILED)
