"""A network camera on loopback whose every frame carries a number that survives JPEG."""

from __future__ import annotations

import contextlib
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from labcore.adapters.loop import elapsed
from labcore.adapters.workers import ThreadWorkers

FPS = 20.0
BITS = 16
STRIPE = 10
BOUNDARY = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"


def stripes(number: int) -> Any:
    """Paint a number as 16 black and white stripes, most significant first."""
    bits = [(number >> (BITS - 1 - place)) & 1 for place in range(BITS)]
    row = np.repeat(np.array(bits, dtype=np.uint8) * 200 + 30, STRIPE)
    return np.repeat(np.tile(row, (120, 1))[..., None], 3, axis=2)


class NetworkCamera:
    """MJPEG over HTTP. `mode` says how it behaves; frame n is exposed at `exposed(n)` (loop clock, s)."""

    def __init__(self) -> None:
        self.mode = "play"  # or "stall", "cut", "still"
        self.connections = 0
        self.frozen_at: int | None = None
        self.torn: Callable[[int], bool] = lambda number: False
        self.start = elapsed()
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    self.rfile.readline()
                    owner.serve(self.wfile.write)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/stream.mjpg"

    def exposed(self, number: int) -> float:
        return self.start + number / FPS

    def read(self, pixels: Any) -> int:
        """Return the number in a picture."""
        middle = pixels[60, STRIPE // 2 :: STRIPE, 1] > 128
        return int("".join("1" if bit else "0" for bit in middle[:BITS]), 2)

    def serve(self, write: Callable[[bytes], Any]) -> None:
        self.connections += 1
        if self.mode == "still":
            write(b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + self.jpeg(self._number()))
            return
        if self.mode == "cut":
            return
        write(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n")
        last = -1
        while self.mode != "cut":
            number = self._number()
            if self.mode == "play" and number != last:
                data = self.jpeg(number)
                write(BOUNDARY % len(data) + data + b"\r\n")
                last = number
            time.sleep(0.25 / FPS)

    def jpeg(self, number: int) -> bytes:
        whole = bytes(cv2.imencode(".jpg", stripes(self.frozen_at or number))[1].tobytes())
        return whole[: len(whole) // 2] if self.torn(number) else whole

    def _number(self) -> int:
        return int((elapsed() - self.start) * FPS)

    def close(self) -> None:
        self.mode = "cut"
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def network_camera() -> Iterator[NetworkCamera]:
    camera = NetworkCamera()
    yield camera
    camera.close()


@pytest.fixture
def workers() -> Iterator[ThreadWorkers]:
    threads = ThreadWorkers()
    yield threads
    threads.close()
