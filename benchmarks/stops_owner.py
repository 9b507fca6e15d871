"""The process whose devices are to be made safe: guard, loopback and a real driver over TCP, with a loop kept idle, busy or blocked."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import anyio
import anyio.lowlevel
from assembly import MemoryDoser, Nobody, planned

from labcore.adapters.loop import run_loop
from labcore.adapters.memory_journal import MemoryJournal
from labcore.adapters.wall_clock import RealWallClock
from labcore.adapters.workers import ThreadWorkers
from labcore.app.reachable import reachable
from labcore.engine.control import Control
from labcore.engine.guard_post import Post
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.engine.writer import Writer
from labcore.plugin.driver import DriverOptions, Site
from labcore.wire.tcp_link import TcpLink
from labcore_namur.driver import IkaNamur

SLICE = 0.005  # s of Python on the loop, again and again
BLOCK = 0.3  # s in which a driver that forgot an await keeps the loop


async def busy() -> None:
    """Compute in slices, as an observer that should use a worker does."""
    while True:
        end = time.perf_counter() + SLICE
        while time.perf_counter() < end:
            sum(range(200))
        await anyio.lowlevel.checkpoint()


async def blocked() -> None:
    """Block the loop, as a driver that sleeps does."""
    while True:
        time.sleep(BLOCK)  # noqa: ASYNC251 - this is what is measured
        await anyio.sleep(0.001)


async def own(port: int, folder: Path, mode: str) -> None:
    """Hold a stirrer at `port` until this process is ended."""
    plan = planned("  - nothing: {}\n").plan
    assert plan is not None
    post = Post("stirrer", TcpLink("127.0.0.1", port))
    driver = IkaNamur(Site("stirrer", False, link=post.link), IkaNamur.Options())
    post.keep(driver.safe)
    await driver.connect()
    writer = Writer(MemoryJournal(), RealWallClock(), began=anyio.current_time())
    sessions = {"stirrer": Session("stirrer", driver, False, post=post), "doser": _doser()}
    setting = Setting(
        plan, writer, None, ThreadWorkers(), Nobody(), {}, sessions, None, _keep, simulated=False  # type: ignore[arg-type]
    )  # fmt: skip
    async with anyio.create_task_group() as group, reachable(folder, Control(writer), setting, group):
        print("ready", flush=True)
        group.start_soon({"busy": busy, "blocked": blocked}.get(mode, anyio.sleep_forever))
        await anyio.sleep_forever()


def _doser() -> Session:
    return Session("doser", MemoryDoser(Site("doser", True), DriverOptions()), simulated=True)


def _keep(name: str, data: bytes) -> str:
    raise RuntimeError("nothing measured here writes a report")


if __name__ == "__main__":
    run_loop(own, int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
