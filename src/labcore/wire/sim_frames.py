"""Frames of a simulated camera on the loop's clock: the same picture times in virtual and in real time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, runtime_checkable

import anyio

from labcore.errors import LinkLost
from labcore.ports import Frame, Workers

DEFAULT_FPS = 25.0
SLACK = 1e-9  # s; a frame at the very instant of the request is not newer than it


class SimulatedCamera(Protocol):
    """A camera of the simulated world (the same shape as `labcore.plugin.simulator.SimulatedCamera`)."""

    def frame(self, now: float) -> Any: ...


@runtime_checkable
class Exposing(Protocol):
    """A simulated camera that can take its look at the world now and paint the picture later.

    The world belongs to the loop's thread: looked at from another, it could change under the look, and its
    clock could be ahead. So only the painting goes to a worker; without `expose` both happen on the loop.
    """

    def expose(self, now: float) -> Callable[[], Any]:
        """Return a function without arguments that gives what `frame(now)` would have given."""


class SimFrames:
    """A `FrameSource` over a simulated camera whose shutter opens every 1/fps s.

    Lifetime: from `open` to `aclose`. Concurrency: any number of requests at once; `lock` is held while the camera looks.
    """

    def __init__(
        self, camera: SimulatedCamera, *, name: str, workers: Workers, fps: float | None = None,
        lock: AbstractContextManager[Any] | None = None,
    ) -> None:  # fmt: skip
        self._camera = camera
        self._name = name
        self._workers = workers
        self._fps = fps if fps is not None else float(getattr(camera, "fps", DEFAULT_FPS))
        self._lock = lock or nullcontext()
        self._open = False

    @property
    def name(self) -> str:
        """The `sim://` address, for messages."""
        return self._name

    async def open(self) -> Mapping[str, Any]:
        """Start delivering."""
        self._open = True
        return {"backend": "simulated", "fps": self._fps}

    async def frame(self, newer_than: float) -> Frame:
        """Return the first frame exposed after `newer_than` (loop clock, s); wait while there is none."""
        if not self._open:
            raise LinkLost(f"{self._name} is not open")
        tick = max(newer_than, anyio.current_time())
        while True:
            tick = self._next_tick(tick)
            await anyio.sleep_until(tick)
            pixels = await self._render(anyio.current_time())
            if pixels is not None:
                return Frame(pixels, tick)

    async def aclose(self) -> None:
        """Stop delivering."""
        self._open = False

    def _next_tick(self, after: float) -> float:
        return (math.floor(after * self._fps + SLACK) + 1) / self._fps

    async def _render(self, now: float) -> Any:
        if not isinstance(self._camera, Exposing):
            with self._lock:
                return self._camera.frame(now)
        with self._lock:
            paint = self._camera.expose(now)
        return await self._workers.run(paint)
