"""A recording instead of a camera: a video file, a picture, or a numbered sequence of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio

from labcore.errors import LinkLost
from labcore.ports import Frame, Workers
from labcore_camera.opencv import opencv


class Recording:
    """Deliver each recorded picture once, in order, whenever one is asked for.

    Every frame is flagged `recorded`, since it was not exposed when it is delivered. Lifetime: from `open` to
    `aclose`. Concurrency: requests queue.
    """

    def __init__(self, path: str, workers: Workers) -> None:
        self._path = path
        self._workers = workers
        self._capture: Any = None
        self._given = 0
        self._lock = anyio.Lock()

    @property
    def name(self) -> str:
        """The file or the pattern."""
        return self._path

    async def open(self) -> Mapping[str, Any]:
        """Open the recording; LinkLost if it is missing or no picture format."""
        if self._capture is None:
            self._capture = await self._workers.run(self._open)
            self._given = 0
        cv2 = opencv()
        return {
            "backend": self._capture.getBackendName(),
            "fps": round(float(self._capture.get(cv2.CAP_PROP_FPS)), 4),
            "frames": int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)),
            "width": int(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            "height": int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        }

    async def frame(self, newer_than: float) -> Frame:
        """Return the next recorded picture, stamped with the present; LinkLost after the last one."""
        async with self._lock:
            if self._capture is None:
                raise LinkLost(f"{self._path} is not open")
            there, pixels = await self._workers.run(self._capture.read)
            if not there:
                raise LinkLost(
                    f"{self._path} has no picture after number {self._given}",
                    remedy="Use a longer recording or fewer image steps.",
                )
            self._given += 1
            return Frame(pixels, anyio.current_time(), ("recorded",), {"frame_number": self._given})

    async def aclose(self) -> None:
        """Close the file."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()

    def _open(self) -> Any:
        if "%" not in self._path and not Path(self._path).is_file():
            raise LinkLost(
                f"there is no file {self._path}", remedy="Check `source:` of the camera in the lab file."
            )
        capture = opencv().VideoCapture(self._path)
        if not capture.isOpened():
            raise LinkLost(
                f"{self._path} cannot be read as a video or as pictures",
                remedy="A sequence is written with its numbering, like img_%03d.png, and starts at 0 to 4.",
            )
        return capture
