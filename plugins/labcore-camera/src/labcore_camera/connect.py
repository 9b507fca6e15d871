"""Make an OpenCV capture of a live camera, ask it for its settings, and read back what it made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labcore_camera.grabber import Camera
from labcore_camera.opencv import opencv

OPEN_TIMEOUT_MS = 2000
READ_TIMEOUT_MS = 1000  # a stalled stream is given up after this; honoured by the FFmpeg back end only
PROPERTIES = {
    "width": "CAP_PROP_FRAME_WIDTH",
    "height": "CAP_PROP_FRAME_HEIGHT",
    "fps": "CAP_PROP_FPS",
    "exposure": "CAP_PROP_EXPOSURE",
}


def connect(source: str, requests: Mapping[str, float]) -> tuple[Camera, dict[str, Any]]:
    """Open `source` (an index, a device file or a URL); ConnectionError with the reason if it does not open.

    The second value is what the camera says of itself; a request it did not follow stands there as
    `<name>_requested` beside `<name>`.
    """
    capture = _local(source) if source.isdigit() or source.startswith("/dev/") else _network(source)
    if not capture.isOpened():
        capture.release()
        raise ConnectionError(_reason(source))
    refused = _request(capture, requests)
    told = {name: _read(capture, name) for name in ("fps", *requests)}
    asked = {
        f"{name}_requested": value
        for name, value in requests.items()
        if name in refused or told[name] != value
    }
    return capture, {"backend": capture.getBackendName(), **told, **asked}


def _local(source: str) -> Any:
    cv2 = opencv()
    capture = cv2.VideoCapture(int(source)) if source.isdigit() else cv2.VideoCapture(source, cv2.CAP_V4L2)
    if capture.isOpened():
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # a wish; the grabber does not rely on it
    return capture


def _network(source: str) -> Any:
    cv2 = opencv()
    limits = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        OPEN_TIMEOUT_MS,
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        READ_TIMEOUT_MS,
    ]
    return cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)


def _request(capture: Any, requests: Mapping[str, float]) -> set[str]:
    cv2 = opencv()
    return {
        name for name, value in requests.items() if not capture.set(getattr(cv2, PROPERTIES[name]), value)
    }


def _read(capture: Any, name: str) -> float:
    return round(float(capture.get(getattr(opencv(), PROPERTIES[name]))), 4)


def _reason(source: str) -> str:
    if source.isdigit():
        return f"camera {source} did not open: there is none with this number, or another program holds it"
    if source.startswith("/dev/"):
        return f"{source} did not open: it is missing, is no camera, or another program holds it"
    return f"{source} gave no picture within {OPEN_TIMEOUT_MS / 1000:g} s"
