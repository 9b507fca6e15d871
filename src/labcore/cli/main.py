"""The command line: one command a file; this file only lists them, so that `--help` loads nothing else."""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from labcore.cli import (
    answer,
    check,
    control,
    demo,
    devices,
    estop,
    events,
    init,
    lab,
    notebook,
    plan,
    plugins,
    recover,
    run,
    runs,
    schema,
    show,
    torture,
)
from labcore.cli.extra import PluginGroup

app = typer.Typer(
    cls=PluginGroup,
    name="labcore",
    help="Run chemistry protocols on robots, simulators and people, and keep one truthful record.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("init")(init.init)
app.command("check")(check.check)
app.command("plan")(plan.plan)
app.command("run")(run.run)
app.command("simulate")(run.simulate)
app.command("recover")(recover.recover)
app.command("runs")(runs.runs)
app.command("show")(show.show)
app.command("events")(events.events)
app.command("answer")(answer.answer)
app.command("pause")(control.pause)
app.command("resume")(control.resume)
app.command("stop")(control.stop)
app.command("abort")(control.abort)
app.command("estop")(estop.estop)
app.command("notebook")(notebook.notebook)
app.add_typer(lab.app, name="lab")
app.command("schema")(schema.schema)
app.command("plugins")(plugins.plugins)
app.command("devices")(devices.devices)
app.command("demo")(demo.demo)
app.command("torture")(torture.torture)


def _version(value: bool) -> None:
    if value:
        from labcore import __version__

        typer.echo(f"labcore {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""
    from labcore.cli.interrupted import say_what_was_interrupted

    say_what_was_interrupted(context.invoked_subcommand or "")


def main() -> None:
    """Run the command line; errors meant for people are printed without a traceback."""
    from labcore.cli.errors import report
    from labcore.cli.streams import prepare_streams

    prepare_streams()
    gc.set_threshold(
        50_000
    )  # much is loaded and stays: looking through it again and again took a tenth of a command
    try:
        app()
    except Exception as error:  # the outermost border: everything becomes a message and an exit code
        sys.exit(report(error))


if __name__ == "__main__":
    main()
