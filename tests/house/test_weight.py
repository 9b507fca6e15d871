"""Importing labcore, and asking the command line for help, is light."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("numpy", "cv2", "scipy", "anyio", "asyncio", "pluggy", "serial", "sqlite3", "jinja2", "rich.console")
LOOK = "import json, sys; sys.stdout.write(chr(10) + json.dumps(sorted(sys.modules)))"
HELP = "import sys\nsys.argv = ['labcore', '--help']\nimport labcore.cli.main as cli\ntry:\n    cli.main()\nexcept SystemExit:\n    pass\n"


def _modules(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{LOOK}"], capture_output=True, text=True, timeout=60, check=True
    )
    return list(json.loads(done.stdout.splitlines()[-1]))


def _heavy(modules: list[str]) -> list[str]:
    return [name for name in HEAVY if name in modules]


def test_import_labcore_loads_nothing_else() -> None:
    nothing = _modules("")
    modules = _modules("import labcore")
    assert not _heavy(modules)
    assert [name for name in modules if name.startswith("labcore.")] == []
    assert "pydantic" not in modules
    assert len(set(modules) - set(nothing)) < 40


def test_help_loads_commands_and_nothing_behind_them() -> None:
    modules = _modules(HELP)
    assert not _heavy(modules)
    assert not [name for name in modules if name.split(".")[0].startswith("labcore_")], (
        "a plugin was loaded for --help"
    )
    assert not [
        name
        for name in modules
        if name.startswith(("labcore.app", "labcore.engine", "labcore.pipeline", "labcore.state"))
    ]
    assert "pydantic" not in modules
    assert len(modules) < 400, len(modules)


def test_what_is_heavy_would_be_noticed() -> None:
    assert set(_heavy(_modules("import anyio, sqlite3"))) >= {"anyio", "sqlite3"}


def test_the_contract_files_of_a_plugin_need_no_event_loop() -> None:
    modules = _modules(
        "import labcore.plugin.driver, labcore.plugin.step, labcore.plugin.observer, labcore.ports, labcore.capabilities"
    )
    assert not _heavy(modules)


def test_telling_what_an_interrupted_run_waits_for_loads_no_engine() -> None:
    """Whoever was cut off wants to know at once; reading a record needs neither plans nor an event loop."""
    modules = _modules("import labcore.app.interrupted, labcore.app.story")
    inside = ("labcore.engine", "labcore.pipeline", "labcore.app.running", "labcore.steps")
    assert not [name for name in modules if name.startswith(inside)]
    assert "anyio" not in modules
