"""The writing side of a TCP connection: what the loop sends, and what breaks in from another thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

from labcore.wire.inbox import gone


class Outlet:
    """Two handles on one socket: a quick one for the loop, a patient one for whoever breaks in.

    What the peer has not taken yet waits here and not in the loop's transport, so that another thread can finish the frame
    under way before it writes its own.
    """

    def __init__(self, duplicate: Callable[[], socket.socket], name: str) -> None:
        self._name = name
        self.quick, self._patient = duplicate(), duplicate()
        self.quick.settimeout(0.0)
        self._rest = bytearray()
        self._lock = threading.Lock()

    def push(self, data: bytes = b"") -> bool:
        """Send as much as the peer takes now; say whether that was everything. LinkLost if the connection is gone."""
        with self._lock:
            self._rest += data
            try:
                while self._rest:
                    del self._rest[: self.quick.send(self._rest)]
            except BlockingIOError:
                return False
            except OSError as error:
                raise gone(self._name, f"the connection was lost ({error})") from error
            return True

    def urgent(self, data: bytes, within: float) -> None:
        """Finish the frame under way, then send `data`, from any thread. LinkLost if the peer takes none of it in time."""
        ends = time.monotonic() + within
        if not self._lock.acquire(timeout=within):
            raise gone(self._name, "the line is held by somebody else")
        try:
            self._rest += data  # also if it fails: half of it may have gone, and the rest belongs to it
            while self._rest:
                self._patient.settimeout(max(ends - time.monotonic(), 0.001))
                del self._rest[: self._patient.send(self._rest)]
        except OSError as error:
            raise gone(self._name, f"it takes no bytes ({error})") from error
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let go of the connection; calling it twice is harmless."""
        self.quick.close()
        self._patient.close()
