"""Frame sources over OpenCV: what `source:` of a lab file may name, except simulated ones.

A number or /dev/video* is a camera of this computer, http(s)/rtsp/... a network camera, a file or a pattern
like img_%03d.png a recording.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio

from labcore.errors import LinkLost, UsageError
from labcore.ports import Frame, FrameSource, Workers
from labcore_camera.connect import connect
from labcore_camera.grabber import Connected, Grabber, Lost, News, Shot
from labcore_camera.options import CameraOptions, options_from
from labcore_camera.recording import Recording

LIVE_SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "udp", "tcp", "srt")
SETTLE = 0.5  # s of reading after a connection whose frames may come from before it
END_LIMIT = 3.0  # s for the thread to end its last read


def open_camera(source: str | int, options: Mapping[str, Any], workers: Workers) -> FrameSource:
    """Make the frame source that `source` names; nothing is opened yet. UsageError if it names none."""
    wanted = options_from(options)
    text = str(source).strip()
    if text.isdigit() or text.startswith("/dev/"):
        return LiveCapture(text, wanted, workers)
    scheme, found, _ = text.partition("://")
    if found and scheme.lower() in LIVE_SCHEMES:
        return LiveCapture(text, wanted, workers)
    if found and scheme.lower() != "file":
        raise UsageError(
            f"a camera cannot look through {text!r}: unknown scheme {scheme!r}",
            remedy=f"Use a number (0), a URL ({', '.join(LIVE_SCHEMES)}), a file or pattern (img_%03d.png).",
        )
    return Recording(text.removeprefix("file://"), workers)


@dataclass(slots=True, eq=False)
class _Waiter:
    """Somebody who waits for a frame, and what they got."""

    newer_than: float
    done: anyio.Event = field(default_factory=anyio.Event)
    shot: Shot | None = None
    lost: str = ""


class LiveCapture:
    """Always the newest frame of a live camera; one that may be older than asked for is never delivered.

    Lifetime: from `open` to `aclose`; after a cut it connects anew by itself. Concurrency: any number of
    requests; the grabber's thread reaches the loop only through `call_soon_threadsafe`.
    """

    def __init__(self, source: str, options: CameraOptions, workers: Workers) -> None:
        self._source = source
        self._options = options
        self._workers = workers
        self._waiters: list[_Waiter] = []
        self._grabber: Grabber | None = None
        self._told: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """The address of the camera."""
        return f"camera {self._source}" if self._source.isdigit() else self._source

    async def open(self) -> Mapping[str, Any]:
        """Connect and wait for the first live frame; LinkLost with the reason if there is none."""
        if self._grabber is None:
            loop = asyncio.get_running_loop()

            def publish(news: News) -> bool:
                try:
                    loop.call_soon_threadsafe(self._hear, news)
                except RuntimeError:  # the loop is closed: nobody listens
                    return False
                return True

            self._grabber = Grabber(
                self.name, lambda: connect(self._source, self._options.requests()), loop.time, publish,
                settle=SETTLE, latency=self._options.latency.in_("s"),
            )  # fmt: skip
            self._grabber.start()
        first = await self.frame(float("-inf"))
        height, width = first.pixels.shape[:2]
        return {**self._told, "width": int(width), "height": int(height)}

    async def frame(self, newer_than: float) -> Frame:
        """Return the first frame exposed after `newer_than`; LinkLost if the camera is gone for good."""
        if self._grabber is None:
            raise LinkLost(f"{self.name} is not open")
        waiter = _Waiter(newer_than)
        self._waiters.append(waiter)
        self._ask()
        try:
            await waiter.done.wait()
        finally:
            self._waiters.remove(waiter)
            self._ask()
        if waiter.shot is None:
            raise LinkLost(waiter.lost, remedy="Check that the camera is on and reachable, and its address.")
        return Frame(waiter.shot.pixels, waiter.shot.at, waiter.shot.flags)

    async def aclose(self) -> None:
        """End the thread and release the camera; a read that hangs is left to end by itself."""
        grabber, self._grabber = self._grabber, None
        if grabber is None:
            return
        grabber.stop()
        self._hear(Lost(f"{self.name} was closed"))
        with anyio.CancelScope(shield=True):
            await self._workers.run(grabber.join, END_LIMIT)

    def _ask(self) -> None:
        if self._grabber is not None:
            self._grabber.want(min((waiter.newer_than for waiter in self._open_waiters()), default=None))

    def _open_waiters(self) -> list[_Waiter]:
        return [waiter for waiter in self._waiters if not waiter.done.is_set()]

    def _hear(self, news: News) -> None:
        """Take the grabber's news (on the loop)."""
        if isinstance(news, Connected):
            self._told = dict(news.told)
            return
        for waiter in self._open_waiters():
            if isinstance(news, Lost):
                waiter.lost = news.why
                waiter.done.set()
            elif news.at > waiter.newer_than:
                waiter.shot = news
                waiter.done.set()
        self._ask()
