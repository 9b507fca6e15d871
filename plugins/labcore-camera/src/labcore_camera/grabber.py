"""A thread that keeps a live capture drained, so that the next frame is always the newest one.

The only long-lived thread of the package. It exists in real time only and opens no hold on virtual time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from labcore_camera.pace import Pace

FIRST_WAIT = 0.2  # s before the second attempt to connect
LONGEST_WAIT = 5.0
PATIENCE = 3  # equal frames in a row before one is handed over, flagged


class Camera(Protocol):
    """The part of `cv2.VideoCapture` that the grabber uses."""

    def grab(self) -> bool: ...
    def retrieve(self) -> tuple[bool, Any]: ...
    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Shot:
    """Pixels of a live frame; `at` is a time before which it was not exposed, s on the loop's clock."""

    pixels: Any
    at: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """The capture is gone and a new one could not be made."""

    why: str


@dataclass(frozen=True, slots=True)
class Connected:
    """A capture was made; `told` is what it says of itself."""

    told: Mapping[str, Any]


News = Shot | Lost | Connected


class Grabber:
    """Read frames for ever; hand over those that somebody wants.

    `connect` makes a capture and says what it tells of itself, or raises OSError with the reason. `clock` is
    read from this thread. `publish` gets the news, from this thread too, and returns False when nobody
    listens any more. `latency` (s) is taken off a frame's time because it was exposed before it arrived.
    """

    def __init__(
        self, name: str, connect: Callable[[], tuple[Camera, Mapping[str, Any]]], clock: Callable[[], float],
        publish: Callable[[News], bool], *, settle: float, latency: float,
    ) -> None:  # fmt: skip
        self._connect = connect
        self._clock = clock
        self._publish = publish
        self._settle = settle
        self._latency = latency
        self._wanted: float | None = None
        self._previous: Any = None
        self._repeats = 0
        self._ending = False
        self._nudge = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"labcore-frames {name}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def want(self, newer_than: float | None) -> None:
        """Ask for the next frame newer than this (loop clock, s); None: nobody waits."""
        self._wanted = newer_than
        if newer_than is not None:
            self._nudge.set()

    def stop(self) -> None:
        """Ask the thread to end; it does after the read under way."""
        self._ending = True
        self._nudge.set()

    def join(self, timeout: float) -> bool:
        """Wait up to `timeout` s for the thread's end; say whether it ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # ------------------------------------------------------------------------------------- on the thread
    def _run(self) -> None:
        wait = FIRST_WAIT
        while not self._ending:
            try:
                wait = self._visit()
            except Exception as error:  # the thread's border: whoever waits is told, and it tries again
                self._tell(Lost(str(error)))
                wait = min(2 * wait, LONGEST_WAIT) if wait else FIRST_WAIT
            if wait:
                self._rest(wait)

    def _visit(self) -> float:
        """Connect and read until the capture fails; return how long to pause before the next time, s."""
        asked = self._clock()
        camera, told = self._connect()
        self._tell(Connected(told))
        connected = self._clock()
        try:
            first, frames = self._drain(camera, Pace(connected, self._settle))
        finally:
            camera.release()
        if frames == 1:  # an address that gives one picture and closes: each visit is a new picture
            self._offer(first, asked - self._latency)
            return LONGEST_WAIT
        return FIRST_WAIT if self._clock() - connected < self._settle else 0.0

    def _drain(self, camera: Camera, pace: Pace) -> tuple[Any, int]:
        """Read until the capture fails; return its first pixels and how many frames there were."""
        first, frames = None, 0
        while not self._ending:
            began = self._clock()
            if not camera.grab():
                break
            live = pace.live(began, self._clock())
            frames += 1
            if frames == 1:
                first = camera.retrieve()[1]
            elif not self._is_wanted(began - self._latency):
                self._previous = None
            elif live:
                self._compare(camera.retrieve()[1], began - self._latency)
        return first, frames

    def _compare(self, pixels: Any, at: float) -> None:
        """Hand over pixels that differ from the frame before; FFmpeg repeats a good frame for a torn one.

        A live sensor has noise, so equal frames in a row are no new frames; if there are only such, one goes
        out flagged.
        """
        previous, self._previous = self._previous, pixels
        if previous is None or pixels is None:
            return
        self._repeats = self._repeats + 1 if np.array_equal(previous, pixels) else 0
        if self._repeats == 0:
            self._offer(pixels, at)
        elif self._repeats >= PATIENCE:
            self._offer(pixels, at, ("repeated",))

    def _is_wanted(self, at: float) -> bool:
        wanted = self._wanted
        return wanted is not None and at > wanted

    def _offer(self, pixels: Any, at: float, flags: tuple[str, ...] = ()) -> None:
        if pixels is not None and self._is_wanted(at):
            self._tell(Shot(pixels, at, flags))

    def _tell(self, news: News) -> None:
        if not self._publish(news):
            self._ending = True

    def _rest(self, seconds: float) -> None:
        """Pause before the next attempt: short while somebody waits; a request or the end cuts it short."""
        self._nudge.clear()
        if self._ending:
            return
        self._nudge.wait(seconds if self._wanted is None else min(seconds, FIRST_WAIT))
