"""Names that say nothing gather everything."""

from __future__ import annotations

from pathlib import Path

FORBIDDEN = {"utils", "util", "common", "helpers", "helper", "base", "misc", "manager", "managers"}


def test_no_module_has_a_name_that_says_nothing(sources: list[Path], tests: list[Path], root: Path) -> None:
    empty = [
        str(path.relative_to(root))
        for path in [*sources, *tests]
        if FORBIDDEN & {path.stem.strip("_"), path.parent.name.strip("_")}
    ]
    assert not empty, f"name these after what they are about: {empty}"
