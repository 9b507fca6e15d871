"""The flags that the reference names are those that the code can give, with the quality it gives them."""

from __future__ import annotations

import ast
import re
from importlib.resources import files
from pathlib import Path

from labcore_turbidity.judge import SPOILS

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "turbidity.md"
ROW = re.compile(r"^\| (`[^|]+`) \| [^|]+ \| (bad|doubtful|good)", re.MULTILINE)


def words_in_the_code() -> set[str]:
    """Every string of the package outside the table that gives flags their quality."""
    package = Path(str(files("labcore_turbidity")))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in package.rglob("*.py")]
    table = {
        id(key)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "SPOILS"
        for key in ast.walk(node)
    }
    nodes = (node for tree in trees for node in ast.walk(tree) if id(node) not in table)
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_the_reference_names_each_flag_with_its_quality() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    named = {flag: quality for flags, quality in ROW.findall(text) for flag in re.findall(r"`(\w+)`", flags)}
    assert named == SPOILS


def test_no_flag_is_named_that_nothing_gives() -> None:
    assert set(SPOILS) <= words_in_the_code()
