"""labcore demo: the robot run of the poly(amic acid) protocol, on a bench of simulated devices."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from labcore.cli.arguments import DATA, Data
from labcore.cli.run import Language, Wanted, run_protocol


def demo(
    data: Data = DATA,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the simulation.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not show progress.")] = False,
    language: Language = "en",
) -> None:
    """Run the demo in virtual time. The last line names the report."""
    with as_file(files("labcore.app").joinpath("demo")) as folder:
        run_protocol(
            Path(folder) / "protocol.yaml",
            Path(folder) / "robot.yaml",
            {},
            Wanted(True, seed, None, data, True, quiet, language),
        )
