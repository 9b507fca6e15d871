"""A camera over HTTP: `/NAME.mjpg` is a multipart stream of JPEGs, `/NAME.jpg` one picture."""

from __future__ import annotations

import contextlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ..instruments.camera import Camera
from .stage import Stage
from .wirelog import WireLog

BOUNDARY = "frame"


class CameraSite:
    """Serves one camera. `fps` frames a second, each of the instant it is sent at."""

    def __init__(self, stage: Stage, name: str, camera: Camera, log: WireLog, *, host: str) -> None:
        self.stage, self.name, self.camera, self.log = stage, name, camera, log
        self.ending = threading.Event()
        self._server = _Server((host, 0), self)
        self.url = f"http://{host}:{self._server.server_address[1]}/{name}.mjpg"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name=f"camera {name}", daemon=True
        )

    def start(self) -> None:
        """Wait for clients."""
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self.ending.set()
        if self._thread.is_alive():  # a server that never ran would wait for its own end
            self._server.shutdown()
            self._thread.join(timeout=5)
        self._server.server_close()

    def jpeg(self) -> bytes | None:
        """Return the present as JPEG, None if the camera delivers nothing."""
        import cv2

        frame = self.stage.frame(self.camera)
        if frame is None:
            return None
        good, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 92])
        return data.tobytes() if good else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], site: CameraSite) -> None:
        self.site = site
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:  # noqa: N802 - the standard library's name
        """Answer one request."""
        site = self.server.site
        path = self.path.split("?", 1)[0]
        if path not in (f"/{site.name}.mjpg", f"/{site.name}.jpg"):
            self.send_error(404, f"this camera is at /{site.name}.mjpg")
            return
        site.log.write(site.stage.now(), site.name, "opened", path=path)
        with contextlib.suppress(OSError):
            self._stream() if path.endswith(".mjpg") else self._still()
        site.log.write(site.stage.now(), site.name, "closed", frames=site.camera.frames)

    def _still(self) -> None:
        data = self.server.site.jpeg()
        if data is None:
            self.send_error(503, "the camera delivers nothing")
            return
        self._head("image/jpeg", len(data))
        self.wfile.write(data)

    def _stream(self) -> None:
        site = self.server.site
        self._head(f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        due = time.monotonic()
        while not site.ending.is_set():
            data = site.jpeg()
            if data is not None:
                fields = {"Content-Type": "image/jpeg", "Content-Length": len(data)}
                fields |= {"X-Frame": site.camera.frames, "X-Time": f"{site.camera.last:.6f}"}
                head = "".join(f"{key}: {value}\r\n" for key, value in fields.items())
                self.wfile.write(f"--{BOUNDARY}\r\n{head}\r\n".encode() + data + b"\r\n")
            due = max(due + 1 / max(site.camera.fps, 0.1), time.monotonic())
            site.ending.wait(due - time.monotonic())

    def _head(self, kind: str, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: the wire log has it."""
