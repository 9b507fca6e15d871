"""Show problems to people and to machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from labcore.cli.errors import PROBLEMS
from labcore.errors import ProblemsFound

if TYPE_CHECKING:
    from labcore.app.api import Checked


def show_problems(checked: Checked, *, as_json: bool = False) -> None:
    """Print every problem: JSON to stdout, or text with source line and caret to stderr."""
    from labcore.pipeline.render import report

    if as_json:
        data = {
            "ok": checked.ok,
            "protocol": checked.texts.protocol_file,
            "lab": checked.texts.lab_file,
            "problems": [problem.as_dict() for problem in checked.problems],
        }
        print(json.dumps(data, ensure_ascii=False, indent=1))
    elif checked.problems:
        print(report(checked.problems, _sources(checked)), file=sys.stderr)


@contextmanager
def problems_of(lab: str, *, as_json: bool) -> Iterator[None]:
    """Print what is wrong with a lab file as `check --json` does, if that is wanted; exit code 1."""
    try:
        yield
    except ProblemsFound as found:
        if not as_json:
            raise
        data = {"ok": False, "lab": lab, "problems": [problem.as_dict() for problem in found.problems]}
        print(json.dumps(data, ensure_ascii=False, indent=1))
        raise typer.Exit(PROBLEMS) from None


def _sources(checked: Checked) -> dict[str, str]:
    """Return the texts that problems refer to, those of called protocols included."""
    texts = checked.texts
    return {**checked.prepared.texts, texts.lab_file: texts.lab, texts.protocol_file: texts.protocol}


def summary(checked: Checked) -> str:
    """Return one line that counts what was found."""
    from labcore.pipeline.render import count

    return count(checked.problems)
