"""labcore answer: answer a run's question from another terminal."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from labcore.cli.arguments import DATA, Data, Run


def _lines(question: dict[str, Any]) -> list[str]:
    """Return a question with all that its answer needs: what counts, until when, and what goes on meanwhile."""
    more = [_answers(question), _limit(question), str(question.get("holds") or "")]
    return [f"{question['question']}: {question['text']}", *(f"    {one}" for one in more if one)]


def _answers(question: dict[str, Any]) -> str:
    options = question.get("options") or ()
    if options:
        return f"choose: {', '.join(options)}"
    unit, expects = question.get("unit"), question.get("expects")
    return f"answer with an amount, like 12.5 {unit}" if unit else f"answer with {expects}" if expects else ""


def _limit(question: dict[str, Any]) -> str:
    limit, default = question.get("limit"), question.get("default")
    if limit is None:
        return ""
    after = f"{default!r} counts" if default is not None else "the step fails"
    return f"if nobody answers within {limit:g} s, {after}"


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
            typer.echo("\n".join(_lines(one)))
        if not found:
            typer.echo(f"{folder.name} asks nothing at the moment")
        return
    if value is None and file is None:
        raise UsageError(
            f"what is the answer to {question}?", remedy=f"Write labcore answer {run} {question} VALUE."
        )
    write_answer(folder, question, value, by or getpass.getuser(), file)
