"""labcore check: everything that is wrong, at once, before anything moves."""

from __future__ import annotations

from typing import Annotated

import typer

from labcore.cli.arguments import Json, Lab, Protocol, Set, parameters
from labcore.cli.errors import PROBLEMS


def check(
    protocol: Protocol, lab: Lab = None, set_: Set = None, json_: Json = False,
    simulate: Annotated[bool, typer.Option("--simulate", help="Check for a simulated run.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail.")] = False,
) -> None:  # fmt: skip
    """Check a protocol against a lab."""
    from labcore.app import check as check_protocol
    from labcore.cli.problems import show_problems, summary

    checked = check_protocol(protocol, lab=lab, parameters=parameters(set_), simulate=simulate)
    show_problems(checked, as_json=json_)
    if not json_:
        typer.echo(f"{protocol} with {checked.texts.lab_file}: {summary(checked)}")
    warned = strict and any(problem.severity == "warning" for problem in checked.problems)
    if not checked.ok or warned:
        raise typer.Exit(PROBLEMS)
