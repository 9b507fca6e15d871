"""A run that others can reach: a real socket and a real control, with a guard on a line in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.to_thread
import pytest
from in_memory import MemoryLine

from labcore.adapters.loop import run_loop
from labcore.adapters.loopback_client import ask, read_address
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.wall_clock import SimulatedWallClock
from labcore.app.guard_files import guard_file
from labcore.app.reachable import CONTROL, reachable
from labcore.engine.control import Control
from labcore.engine.guard_post import Post
from labcore.engine.setting import Setting
from labcore.engine.writer import Writer
from labcore.model.event import ControlAsked, RunStarted
from labcore.plugin.driver import SafeAct
from labcore.ports import ByteStream, LineSettings

NAME = "A lab"


class Line(MemoryLine):
    """A line that keeps what went over it."""

    def __init__(self) -> None:
        self.wire: list[bytes] = []

    def put(self, how: str, data: bytes) -> None:
        self.wire.append(data)


@dataclass
class Going:
    """A run that can be reached."""

    folder: Path
    writer: Writer
    journal: MemoryJournal
    control: Control
    setting: Setting
    line: Line
    stream: ByteStream
    frames: list[bytes] = field(default_factory=lambda: [b"STOP\n"])

    async def asks(self, within: float = 5.0, **request: Any) -> list[dict[str, Any]]:
        """Ask as another process does and return all answers."""
        address = read_address(self.folder / CONTROL)
        assert address is not None
        return await anyio.to_thread.run_sync(lambda: list(ask(address, request, first=5.0, within=within)))

    @property
    def asked(self) -> list[ControlAsked]:
        return [event.body for event in self.journal.read() if isinstance(event.body, ControlAsked)]

    async def until(self, condition: Callable[[], Any]) -> None:
        for _ in range(500):
            if condition():
                return
            await anyio.sleep(0.01)
        raise AssertionError("it never came")


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))


@pytest.fixture
def reached(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Run `job(going)` while a run is reachable, in real time."""
    folder = tmp_path / "runs" / "run-1"
    folder.mkdir(parents=True)

    async def go(job: Callable[[Going], Any], simulated: bool) -> Any:
        journal = MemoryJournal()
        writer = Writer(journal, SimulatedWallClock())
        await writer.write(RunStarted("p", "d", NAME, simulated, None, {}))
        line, frames = Line(), [b"STOP\n"]
        post = Post("stirrer", line)
        post.keep(lambda: (SafeAct("speed", tuple(frames), "after_line", _yes),))
        plan: Any = SimpleNamespace(lab=SimpleNamespace(lab=NAME))
        sessions: Any = {"stirrer": SimpleNamespace(post=post), "hand": SimpleNamespace(post=None)}
        none: Any = None
        setting = Setting(
            plan, writer, none, none, none, {}, sessions, none, none, simulated=simulated, unattended=True
        )
        control = Control(writer)
        async with anyio.create_task_group() as group:
            group.start_soon(control.serve)
            stream = await post.link.open(LineSettings())
            going = Going(folder, writer, journal, control, setting, line, stream, frames)
            async with reachable(folder, control, setting, group):
                found = await job(going)
            group.cancel_scope.cancel()
        return found

    yield lambda job, simulated=False: run_loop(partial(go, job, simulated))
    assert not (folder / CONTROL).exists(), "who can be reached no longer says so"
    assert not guard_file(NAME, "run-1").exists()


async def _yes() -> bool:
    await anyio.sleep(0.1)  # a device takes its time: who asked has heard by then that it was heard
    return True
