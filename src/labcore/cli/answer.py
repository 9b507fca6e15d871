"""labcore answer: answer a run's question from another terminal."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from labcore.cli.arguments import DATA, Data, Run


def answer(
    run: Run,
    question: Annotated[
        str | None, typer.Argument(help="The question's id; without it the open questions are listed.")
    ] = None,
    value: Annotated[str | None, typer.Argument(help="The answer.")] = None,
    data: Data = DATA,
    file: Annotated[
        Path | None, typer.Option("--file", help="A photograph that belongs to the answer.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who answers.")] = "",
) -> None:
    """Answer an open question of a run under way."""
    from labcore.adapters.prompts_folder import open_questions, write_answer
    from labcore.errors import UsageError
    from labcore.records.run_folder import find_run

    folder = find_run(data, run)
    if question is None:
        found = open_questions(folder)
        for one in found:
            typer.echo(f"{one['question']}: {one['text']}")
            for line in _about(one):
                typer.echo(f"    {line}")
        if not found:
            typer.echo(f"{folder.name} asks nothing at the moment")
        return
    if value is None and file is None:
        raise UsageError(
            f"what is the answer to {question}?", remedy=f"Write labcore answer {run} {question} VALUE."
        )
    write_answer(folder, question, value, by or getpass.getuser(), file)


def _about(question: dict[str, Any]) -> list[str]:
    """Say what may be answered, how long it waits, what counts then, and what goes on meanwhile."""
    lines = [f"one of: {', '.join(question['options'])}"] if question.get("options") else []
    limit, default = question.get("limit"), question.get("default")
    if limit is not None:
        then = f"then {default} counts" if default is not None else "then its step fails"
        lines.append(f"asked for {limit:g} s at most, {then}")
    return lines + [question["holds"]] if question.get("holds") else lines
