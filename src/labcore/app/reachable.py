"""Make a run under way reachable for other processes: control words, and the emergency stop of its lab."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, get_args

from anyio.abc import TaskGroup

from labcore.adapters.loopback import Loopback, Reply
from labcore.adapters.loopback_client import publish, withdraw
from labcore.app.emergency import latch_of
from labcore.app.guard_files import guard_file
from labcore.app.safe_data import safe_states
from labcore.engine.control import ENDING, Control, Word
from labcore.engine.guard import Guard
from labcore.engine.guard_post import Post
from labcore.engine.guard_report import Report
from labcore.engine.setting import Setting

STATUS = "status"  # asks how the run stands, beside the control words
CONTROL = "control.json"  # in the run's folder, while the run can be reached
LONGEST_NAME, LONGEST_WHY = 100, 500  # characters


@asynccontextmanager
async def reachable(
    folder: Path, control: Control, setting: Setting, group: TaskGroup
) -> AsyncIterator[None]:
    """Take requests from other processes while inside (on the run's loop, in real or scaled time).

    Unless it is a simulation a guard stands by its devices, and the lab's emergency stop is watched.
    """
    posts = [session.post for session in setting.sessions.values() if session.post is not None]
    lab = None if setting.simulated else _Lab(setting.plan.lab.lab, folder, Guard(posts))
    desk = _Desk(control, setting, lab)
    loopback = Loopback(desk.take, idle=desk.look)
    try:
        if lab is not None:
            lab.begin(loopback.address)
            group.start_soon(lab.guard.serve)
        loopback.start()
        publish(folder / CONTROL, loopback.address)
        yield
        if lab is not None:
            await lab.guard.finish()
    finally:
        withdraw(folder / CONTROL)
        if lab is not None:
            lab.end()
        loopback.close()


@dataclass(slots=True)
class _Lab:
    """The guard of a run and the file in which others find it, with every device's safe state as it is now."""

    name: str
    folder: Path
    guard: Guard
    _address: Mapping[str, Any] | None = None

    def begin(self, address: Mapping[str, Any]) -> None:
        self.guard.start()
        self._address = address
        for post in self.guard.posts.values():
            post.watch(self._rewrite)
        self._write()

    def end(self) -> None:
        for post in self.guard.posts.values():
            post.watch(None)
        withdraw(guard_file(self.name, self.folder.name))
        self.guard.close()

    def _rewrite(self, changed: Post) -> None:
        """Keep up with a driver in the middle of its sending: a full disk must not stop that."""
        with suppress(OSError):
            self._write()

    def _write(self) -> None:
        assert self._address is not None
        devices = safe_states(self.guard.posts.values())
        found = {**self._address, "run": str(self.folder.resolve()), "lab": self.name, "devices": devices}
        publish(guard_file(self.name, self.folder.name), found)


class _Desk:
    """Understands requests (on the loopback's thread) and hands them to the loop; the emergency stop does not wait for it."""

    def __init__(self, control: Control, setting: Setting, lab: _Lab | None) -> None:
        self._control = control
        self._setting = setting
        self._lab = lab
        self._latch = latch_of(lab.name) if lab is not None else None
        self._fired = False
        self._loop = asyncio.get_running_loop()

    def take(self, request: Mapping[str, Any], reply: Reply) -> None:
        """Do what was asked for; a control word is answered when it is in the journal."""
        if request.get("ask") == STATUS:
            reply({"stalled": self._stalled()})
            return
        what = _word(request)
        by, why = _text(request, "by", LONGEST_NAME) or "unknown user", _text(request, "why", LONGEST_WHY)
        if what is None or (what == "estop" and self._lab is None):
            reply({"refused": f"there is no request {request.get('ask')!r} here"})
        elif what == "estop":
            self._emergency(by, why, reply)
        elif self._stalled():
            reply({"stalled": self._stalled()})
            if what in ENDING:
                self._post(what, by, why, False, _unheard)
        else:
            self._post(what, by, why, request.get("now") is True, _answering(reply))

    def _stalled(self) -> str:
        """Say why the run stands still and what is off, "" while its record can be written."""
        stall = self._setting.writer.stall
        if stall is None:
            return ""
        made = f"; made safe: {', '.join(stall.made_safe)}" if stall.made_safe else ""
        return f"{stall.error.message}{made}"

    def look(self) -> None:
        """See whether the lab was latched without us being asked: the request may have been lost, or we were stopped."""
        if self._latch is None or self._fired:
            return
        who = self._latch.read()
        if who is not None:
            self._emergency(who.by, who.why, None)

    def _emergency(self, by: str, why: str, reply: Reply | None) -> None:
        """Make every device safe; who asked is told at once that it was heard, and then how it went."""
        assert self._lab is not None
        first, self._fired = not self._fired, True
        done = partial(_report, reply) if reply is not None else None
        self._lab.guard.fire(f"emergency stop by {by}", done)
        if reply is not None:
            reply({"heard": True, "devices": sorted(self._lab.guard.posts)}, last=False)
        if first:
            self._post("estop", by, why, False, _unheard)

    def _post(
        self, what: Word, by: str, why: str, now: bool, heard: Callable[[int | None, str], None]
    ) -> None:
        post = partial(self._control.post, what, by, why, now=now, heard=heard)
        try:
            self._loop.call_soon_threadsafe(self._attended, post)
        except RuntimeError:  # the loop is closed
            heard(None, "it has ended")

    def _attended(self, post: Callable[[], None]) -> None:
        self._setting.unattended = False  # whoever paused it from another terminal can resume it from there
        post()


def _answering(reply: Reply) -> Callable[[int | None, str], None]:
    def heard(position: int | None, refused: str) -> None:
        reply({"position": position, "refused": refused or ("" if position is not None else "it has ended")})

    return heard


def _unheard(position: int | None, refused: str) -> None:
    """Nobody waits to hear whether the emergency stop is in the journal."""


def _report(reply: Reply, reports: Mapping[str, Report]) -> None:
    reply({"reports": [asdict(one) for one in reports.values()]})


def _word(request: Mapping[str, Any]) -> Word | None:
    return next((word for word in get_args(Word) if word == request.get("ask")), None)


def _text(request: Mapping[str, Any], key: str, longest: int) -> str:
    """Return a text of a request on one line and not too long; "" if there is none."""
    return " ".join(str(request.get(key) or "").split())[:longest]
