"""A clean environment with labcore and its simulators as wheels, made without a network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
WORD = re.compile(r"[A-Za-z0-9._-]+")


def run(*command: str | Path, **how: object) -> str:
    """Run a command and return what it printed; its whole output is in the failure if it fails."""
    done = subprocess.run([str(one) for one in command], capture_output=True, text=True, **how)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return str(done.stdout)


def wheel(project: Path, out: Path) -> Path:
    """Build a project's wheel into `out`."""
    before = set(out.glob("*.whl"))
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, project)
    (built,) = set(out.glob("*.whl")) - before
    return built


def requirements(*wheels: Path) -> dict[str, Distribution]:
    """Return the installed third-party distributions that wheels need, directly or not."""
    found: dict[str, Distribution] = {}
    waiting = [line for one in wheels for line in wants(one)]
    while waiting:
        requirement = waiting.pop()
        name = WORD.match(requirement)[0].lower().replace("_", "-")  # type: ignore[index]
        if "extra ==" in requirement or name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # a requirement of another platform
            continue
        waiting += found[name].requires or ()
    return found


def wants(wheel: Path) -> list[str]:
    """Return the requirements in a wheel's metadata."""
    with ZipFile(wheel) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA")]
        lines = archive.read(name).decode().split("\n\n")[0].splitlines()
    return [line.partition(": ")[2] for line in lines if line.startswith("Requires-Dist: ")]


def link(one: Distribution, target: Path) -> None:
    """Put an installed third-party distribution into another environment, by links to its top-level names."""
    for file in one.files or ():
        top = file.parts[0]
        if top not in ("..", "__pycache__") and not (target / top).exists():
            (target / top).symlink_to(Path(str(one.locate_file(top))))


def _pip(python: Path) -> list[str]:
    """Return the command that installs into another environment; pip may live in the Python that made ours."""
    own = sys.executable if find_spec("pip") is not None else getattr(sys, "_base_executable", sys.executable)
    return [own, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheels of labcore and of labcore-simulators."""
    out = tmp_path_factory.mktemp("wheels")
    return wheel(ROOT, out), wheel(ROOT / "simulators", out)


@pytest.fixture(scope="session")
def environment(
    tmp_path_factory: pytest.TempPathFactory, wheels: tuple[Path, Path]
) -> Callable[..., tuple[Path, dict[str, str]]]:
    """Make environments with labcore, its simulators and the wheels one names; nothing else of this repository."""

    def make(*more: Path) -> tuple[Path, dict[str, str]]:
        folder = tmp_path_factory.mktemp("environment")
        venv.create(folder, symlinks=True)
        bin_ = folder / "bin"
        site = Path(
            run(bin_ / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        )
        for one in requirements(*wheels).values():
            link(one, site)
        outside = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
        variables = outside | {"LABCORE_STATE": str(folder / "state"), "COLUMNS": "200"}
        run(*_pip(bin_ / "python"), "install", "--quiet", "--no-index", *wheels, *more, env=variables)
        return bin_, variables

    return make
