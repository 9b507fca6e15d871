"""One public door per package, with `__all__`, and it says the truth."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

PACKAGES = ("labcore", "labcore_simulators")


def _module_name(path: Path) -> str:
    parts = path.parts[
        len(path.parts) - path.parts[::-1].index("src") :
    ]  # the last one: a checkout may lie in another
    return ".".join(parts).removesuffix(".py").removesuffix(".__init__")


def _declares_all(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__" for node in tree.body
    )


def _brings_names(path: Path) -> bool:
    """Say whether an `__init__` imports or defines anything that a user could take from it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Assign)
    return any(isinstance(node, kinds) for node in tree.body if getattr(node, "module", "") != "__future__")


def test_a_package_that_offers_names_says_which(sources: list[Path], root: Path) -> None:
    silent = [
        str(path.relative_to(root))
        for path in sources
        if path.name == "__init__.py" and _brings_names(path) and not _declares_all(path)
    ]
    assert not silent, f"add __all__: {silent}"


def test_every_name_in_all_exists(sources: list[Path]) -> None:
    doors = list(filter(_declares_all, sources))
    assert {"labcore", "labcore.capabilities", "labcore_simulators"} <= set(map(_module_name, doors))
    for path in doors:
        module = importlib.import_module(_module_name(path))
        missing = [name for name in module.__all__ if not hasattr(module, name)]
        assert not missing, f"{module.__name__}.__all__ names {missing}"
        assert len(set(module.__all__)) == len(module.__all__), (
            f"{module.__name__}.__all__ names something twice"
        )


def test_a_door_hides_nothing_it_brought(sources: list[Path]) -> None:
    for path in (one for one in sources if one.name == "__init__.py" and _declares_all(one)):
        module = importlib.import_module(_module_name(path))
        root = module.__name__.split(".")[0]
        public = {
            name
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", "").split(".")[0] == root
        }
        hidden = sorted(public - set(module.__all__))
        assert not hidden, f"{module.__name__}.__all__ lacks {hidden}"


@pytest.mark.parametrize("name", PACKAGES)
def test_the_first_door_is_documented(name: str) -> None:
    assert importlib.import_module(name).__doc__
