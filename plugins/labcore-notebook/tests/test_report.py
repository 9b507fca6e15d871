"""The report and the observer: which files are written, and when."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, TypeVar

import pytest

from labcore.errors import UsageError
from labcore.model import event as ev
from labcore.ports import RunReader
from labcore_notebook.observer import Notebook
from labcore_notebook.report import notebook

T = TypeVar("T")


class Desk:
    """A desk that keeps files in memory and counts what was asked of threads."""

    def __init__(self, record: Any) -> None:
        self._record = record
        self.jobs = 0
        self.files: dict[str, bytes] = {}

    @property
    def record(self) -> RunReader:
        reader: RunReader = self._record
        return reader

    async def work(self, job: Callable[..., T], *args: Any) -> T:
        self.jobs += 1
        return job(*args)

    async def observe(self, *args: Any, **more: Any) -> None:
        raise AssertionError("a notebook observes nothing")

    async def say(self, kind: str, version: int, data: Any) -> None:
        raise AssertionError("a notebook adds nothing to the journal")

    def keep(self, name: str, data: bytes) -> str:
        assert "/" not in name
        self.files[name] = data
        return name


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio."""
    return "asyncio"


def test_the_report_writes_page_markdown_and_pictures(robot: Any, tmp_path: Path) -> None:
    path = notebook(robot, tmp_path / "report", language="ja")
    assert path == tmp_path / "report" / "notebook.ja.html"
    assert "実験ノート" in path.read_text(encoding="utf-8")
    text = (path.parent / "notebook.ja.md").read_text(encoding="utf-8")
    linked = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    assert len(linked) == 8
    assert all((path.parent / name).stat().st_size > 500 for name in linked)


def test_another_language_stands_beside_the_page_of_the_run(
    make_robot: Callable[..., Any], tmp_path: Path
) -> None:
    run = make_robot(4)
    run.header["language"] = "ja"
    own = notebook(run, tmp_path, language="ja")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    other = notebook(run, tmp_path, language="en")
    assert (own.name, other.name) == ("notebook.html", "notebook.en.html")
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
    assert "Laboratory notebook" in other.read_text(encoding="utf-8")


def test_an_unknown_language_writes_nothing(robot: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        notebook(robot, tmp_path / "report", language="fr")
    assert not (tmp_path / "report").exists()


def test_markdown_tables_hold_and_text_is_escaped(human: Any, tmp_path: Path) -> None:
    text = (notebook(human, tmp_path).parent / "notebook.md").read_text(encoding="utf-8")
    assert "<b>cloudy" not in text.partition("## Event list")[0]
    assert r"Is it \<b\>cloudy\</b\> \| yet?" in text
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


@pytest.mark.anyio
async def test_a_simulated_run_is_written_once_at_its_end(robot: Any) -> None:
    desk, observer = Desk(robot), Notebook()
    for event in robot.events():
        await observer.see(event, desk)
    assert desk.jobs == 1
    assert {"notebook.html", "notebook.md"} <= set(desk.files)
    assert b"Laboratory notebook" in desk.files["notebook.html"]


@pytest.mark.anyio
async def test_a_real_run_is_refreshed_every_ten_minutes(make_robot: Callable[..., Any]) -> None:
    run = make_robot(14, 120.0)
    run.lines[0] = replace(run.lines[0], body=replace(run.lines[0].body, simulated=False))
    desk, observer = Desk(run), Notebook()
    for event in run.lines:
        await observer.see(event, desk)
        if event is run.lines[-2]:
            assert set(desk.files) == {"notebook.html"}
    assert desk.jobs == 1 + int(run.lines[-2].at // 600)


@pytest.mark.anyio
async def test_late_observations_are_added_when_the_record_is_quiet(make_robot: Callable[..., Any]) -> None:
    run = make_robot(8)
    picture = next(event.position for event in run.lines if isinstance(event.body, ev.ImageTaken))
    run.turbidity(1.0, 0.1, picture)
    run.turbidity(1.1, 0.1, picture)
    desk, observer = Desk(run), Notebook()
    for event in run.events():
        await observer.see(event, desk)
    assert desk.jobs == 2


@pytest.mark.anyio
async def test_the_language_comes_from_the_header(make_robot: Callable[..., Any]) -> None:
    run = make_robot(2)
    run.header["language"] = "ja"
    desk = Desk(run)
    await Notebook().see(run.lines[-1], desk)
    assert "実験ノート" in desk.files["notebook.html"].decode()


def test_entry_points_lead_somewhere() -> None:
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    targets = re.findall(r'^notebook = "(labcore_notebook[^"]+)"', text, re.MULTILINE)
    assert [EntryPoint("notebook", one, "").load() for one in targets] == [Notebook, notebook]
