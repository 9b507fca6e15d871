"""Show problems to people and to machines."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labcore.app.api import Checked


def show_problems(checked: Checked, *, as_json: bool = False) -> None:
    """Print every problem: JSON to stdout, or text with source line and caret to stderr."""
    if as_json:
        data = {"ok": checked.ok, "problems": [problem.as_dict() for problem in checked.problems]}
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return
    for problem in checked.problems:
        source = checked.source_of(problem.place.file) if problem.place is not None else None
        print(problem.text(source.splitlines() if source is not None else None), file=sys.stderr)


def summary(checked: Checked) -> str:
    """Return one line that counts what was found."""
    kinds = [("error", "error"), ("warning", "warning"), ("note", "note")]
    counts = [(sum(p.severity == kind for p in checked.problems), word) for kind, word in kinds]
    found = ", ".join(f"{count} {word}{'s' if count != 1 else ''}" for count, word in counts if count)
    return found or "no problems"
