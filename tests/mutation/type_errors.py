"""Run mypy over the mutants and print what it finds inside them: `python tests/mutation/type_errors.py mypy`, called by mutmut.

mutmut asks a type checker which mutants a strict check refuses. What its own scaffolding around them violates (a default
written `...`, a comment that nothing needs any more) is nobody's mutant and left out here.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

MUTANT = re.compile(r"__mutmut_\d+$")
COMMAND = ["-m", "mypy", "--strict", "--no-warn-unused-ignores", "--output", "json", "src/labcore"]


@cache
def mutants_of(path: str) -> list[tuple[int, int]]:
    """Return the first and last lines of the mutants of a file."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [one for one in ast.walk(tree) if isinstance(one, functions) and MUTANT.search(one.name)]
    return [(one.lineno, one.end_lineno or one.lineno) for one in found]


def main() -> None:
    """Print mypy's reports, one JSON object a line, those of mutants only."""
    reports = subprocess.run(
        [sys.executable, *COMMAND], capture_output=True, encoding="utf-8", check=False
    ).stdout
    for line in reports.splitlines():
        if not line.startswith("{"):
            continue
        report = json.loads(line)
        if any(first <= report["line"] <= last for first, last in mutants_of(report["file"])):
            print(line)


if __name__ == "__main__":
    main()
