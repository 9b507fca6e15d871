"""One thing, one file; a newcomer reads it in a minute."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

FILE, FUNCTION = 300, 60
# An exception needs a decision record; the record's file name is its reason.
LONG_FILES = {"src/labcore/model/event.py": "0001-events-are-frozen-dataclasses.md"}
LONG_FUNCTIONS: dict[str, str] = {}


def _functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


def test_no_file_is_longer_than_300_lines(sources: list[Path], tests: list[Path], root: Path) -> None:
    lengths = {
        str(path.relative_to(root)): len(path.read_text(encoding="utf-8").splitlines())
        for path in [*sources, *tests]
    }
    long = {name: length for name, length in lengths.items() if length > FILE and name not in LONG_FILES}
    assert not long, f"too long: {long}. Split them by what they are about."


def test_no_function_is_longer_than_60_lines(sources: list[Path], tests: list[Path], root: Path) -> None:
    long = {
        f"{path.relative_to(root)}:{name}": length
        for path in [*sources, *tests]
        for name, length in _functions(path)
        if length > FUNCTION and name not in LONG_FUNCTIONS
    }
    assert not long, f"longer than {FUNCTION} lines: {long}"


def test_the_median_function_has_about_ten_lines(sources: list[Path]) -> None:
    lengths = [length for path in sources for _, length in _functions(path)]
    assert statistics.median(lengths) <= 12


def test_every_exception_is_needed_and_has_its_record(root: Path) -> None:
    for name, record in LONG_FILES.items():
        assert len((root / name).read_text(encoding="utf-8").splitlines()) > FILE, (
            f"{name} needs no exception any more"
        )
        assert (root / "docs" / "decisions" / record).exists(), (
            f"{name}: there is no decision record {record}"
        )
