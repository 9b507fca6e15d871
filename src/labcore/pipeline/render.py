"""Whole reports of problems: sorted text with source lines, a count, and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from labcore.pipeline.problem import Problem, sorted_problems
from labcore.pipeline.source import source_lines


def report(problems: Iterable[Problem], sources: Mapping[str, str]) -> str:
    """Return every problem in order, each with its line and a caret; `sources` are the texts by file name."""
    lines = {file: source_lines(text) for file, text in sources.items()}
    return "\n".join(
        problem.text(lines.get(problem.place.file) if problem.place else None)
        for problem in sorted_problems(problems)
    )


def count(problems: Iterable[Problem]) -> str:
    """Return "2 errors, 1 warning", or "no problems"."""
    found = sorted_problems(problems)
    numbers = (
        (kind, sum(problem.severity == kind for problem in found)) for kind in ("error", "warning", "note")
    )
    return (
        ", ".join(f"{many} {kind}{'s' if many > 1 else ''}" for kind, many in numbers if many)
        or "no problems"
    )


def as_json(problems: Iterable[Problem]) -> str:
    """Return the problems in order as a JSON list of objects."""
    return json.dumps(
        [problem.as_dict() for problem in sorted_problems(problems)], ensure_ascii=False, indent=1
    )
