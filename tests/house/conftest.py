"""The repository as the house rules see it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _python(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py") if ".venv" not in path.parts)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> list[Path]:
    """Every Python file that is installed: labcore, its plugins, the simulators."""
    return _python(ROOT / "src", ROOT / "simulators" / "src", *ROOT.glob("plugins/*/src"))


@pytest.fixture(scope="session")
def tests() -> list[Path]:
    """Every Python file of tests."""
    return _python(ROOT / "tests", ROOT / "simulators" / "tests", *ROOT.glob("plugins/*/tests"))
