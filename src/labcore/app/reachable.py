"""Make a run under way reachable for other processes: a loopback socket whose address stands in the run's folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, get_args

from labcore.adapters.loopback import Loopback, Reply
from labcore.adapters.loopback_client import publish, withdraw
from labcore.engine.control import Control, Word
from labcore.engine.setting import Setting

CONTROL = "control.json"  # in the run's folder, while the run can be reached
LONGEST_NAME, LONGEST_WHY = 100, 500  # characters


@contextmanager
def reachable(folder: Path, control: Control, setting: Setting) -> Iterator[None]:
    """Take control words from other processes while inside (on the run's loop, in real or scaled time)."""
    desk = _Desk(control, setting)
    loopback = Loopback(desk.take)
    loopback.start()
    publish(folder / CONTROL, loopback.address)
    try:
        yield
    finally:
        withdraw(folder / CONTROL)
        loopback.close()


class _Desk:
    """Understands requests (on the loopback's thread) and hands them to the loop."""

    def __init__(self, control: Control, setting: Setting) -> None:
        self._control = control
        self._setting = setting
        self._loop = asyncio.get_running_loop()

    def take(self, request: Mapping[str, Any], reply: Reply) -> None:
        """Post what was asked for; the answer comes when it is in the journal."""
        what = _word(request)
        if what is None:
            reply({"refused": f"there is no request {request.get('ask')!r}"})
            return
        by, why = text_of(request, "by", LONGEST_NAME) or "unknown user", text_of(request, "why", LONGEST_WHY)

        def heard(position: int | None, refused: str) -> None:
            reply(
                {"position": position, "refused": refused or ("" if position is not None else "it has ended")}
            )

        post = partial(self._control.post, what, by, why, now=request.get("now") is True, heard=heard)
        try:
            self._loop.call_soon_threadsafe(self._attended, post)
        except RuntimeError:  # the loop is closed
            reply({"refused": "it has ended"})

    def _attended(self, post: Callable[[], None]) -> None:
        self._setting.unattended = False  # whoever paused it from another terminal can resume it from there
        post()


def _word(request: Mapping[str, Any]) -> Word | None:
    return next((word for word in get_args(Word) if word == request.get("ask")), None)


def text_of(request: Mapping[str, Any], key: str, longest: int) -> str:
    """Return a text of a request on one line and not too long; "" if there is none."""
    return " ".join(str(request.get(key) or "").split())[:longest]
