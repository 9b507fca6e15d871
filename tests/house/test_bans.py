"""What no file of labcore, its plugins or simulators may do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

BANNED_CALLS = {"create_task", "ensure_future"}
BANNED_ATTRIBUTES = {("time", "sleep"), ("os", "_exit"), ("logging", "getLogger")}
ALLOWED = {
    ("app/torture/process.py", "os._exit"): "how a forked child ends: it must not run its parent's clean-up"
}
MACHINE_PATH = re.compile(r"(/home/[a-z]+/|/Users/[A-Za-z]+/|/roo[t]/|/tm[p]/|[A-Z]:\\\\Users)")


def _banned(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            banned = node.attr in BANNED_CALLS or (owner, node.attr) in BANNED_ATTRIBUTES
            if banned and not any(
                path.as_posix().endswith(end) and f"{owner}.{node.attr}" == what for end, what in ALLOWED
            ):
                yield f"{path}:{node.lineno} {owner}.{node.attr}"
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if names & BANNED_CALLS or (node.module == "time" and "sleep" in names):
                yield f"{path}:{node.lineno} from {node.module} import {', '.join(sorted(names))}"


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def test_no_task_without_a_group_and_no_blocking_sleep(sources: list[Path]) -> None:
    assert not [one for path in sources for one in _banned(path)]


def test_nobody_mocks(sources: list[Path], tests: list[Path]) -> None:
    found = [
        f"{path}:{line}"
        for path in [*sources, *tests]
        for name, line in _imports(path)
        if name.startswith("unittest.mock")
    ]
    assert not found, "write a fake and let it pass the suite of what it stands for"


def test_nothing_at_run_time_imports_tests(sources: list[Path]) -> None:
    found = [
        f"{path}:{line} {name}"
        for path in sources
        for name, line in _imports(path)
        if name.split(".")[0] in ("pytest", "hypothesis") and "testing" not in path.parts
    ]
    assert not found


def test_no_file_knows_a_path_of_one_machine(sources: list[Path], root: Path) -> None:
    texts = [
        *sources,
        *root.glob("src/**/*.yaml"),
        *root.glob("protocols/**/*.yaml"),
        *root.glob("docs/**/*.md"),
        root / "README.md",
    ]
    assert {".py", ".yaml", ".md"} == {path.suffix for path in texts}
    found = [
        f"{path.relative_to(root)}: {match[0]}"
        for path in texts
        for match in MACHINE_PATH.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_a_ban_would_be_noticed(tmp_path: Path) -> None:
    sinner = tmp_path / "sinner.py"
    sinner.write_text(
        "import asyncio, time\nfrom unittest import mock\nasync def f(g):\n    asyncio.create_task(g())\n    time.sleep(1)\n",
        encoding="utf-8",
    )
    assert len(list(_banned(sinner))) == 2
    assert ("unittest.mock", 2) in list(_imports(sinner))
    assert MACHINE_PATH.search("see /home/" + "ann/lab.yaml")


def test_every_room_is_looked_at(sources: list[Path], tests: list[Path], root: Path) -> None:
    plugins = [path for path in (root / "plugins").iterdir() if path.is_dir()]
    assert len(plugins) >= 6
    for room in (root / "src", root / "simulators" / "src", *(one / "src" for one in plugins)):
        assert any(path.is_relative_to(room) for path in sources), room
    for room in (root / "tests", root / "simulators" / "tests", *(one / "tests" for one in plugins)):
        assert any(path.is_relative_to(room) for path in tests), room
