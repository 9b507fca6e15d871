"""Lines typed into a terminal, read by a thread so that the loop never waits for a person.

The thread is long-lived and therefore takes no hold on virtual time; it exists in real time only.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import select
import sys
import threading
from collections.abc import Callable

CHUNK = 4096


class TerminalLines:
    """Read lines from a file descriptor and hand them to `hear` on the loop; None is the end of input.

    Lifetime: from `start` to `close`. `close` ends the thread at once where a descriptor can be waited for
    together with another (not on Windows, where it stays behind as a daemon until the next line).
    """

    def __init__(self, descriptor: int, hear: Callable[[str | None], None]) -> None:
        self._descriptor = descriptor
        self._hear = hear
        self._ending = False
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="labcore-terminal", daemon=True)

    def start(self) -> None:
        """Start reading (on a running loop)."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def close(self) -> None:
        """Stop reading; calling it twice is harmless."""
        if self._ending:
            return
        self._ending = True
        os.write(self._wake_write, b".")
        if sys.platform == "win32":
            return
        if self._thread.is_alive():
            self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)

    # ------------------------------------------------------------------------------------- on the thread
    def _run(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        typed = ""
        while self._is_ready():
            data = self._read()
            typed += decoder.decode(data, final=not data)
            *lines, typed = typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            for line in lines:
                self._tell(line)
            if not data:
                break
        else:
            return
        if typed:
            self._tell(typed)
        self._tell(None)

    def _is_ready(self) -> bool:
        """Wait for something to read; False when told to end."""
        if sys.platform != "win32":
            ready, _, _ = select.select([self._descriptor, self._wake_read], [], [])
            return self._wake_read not in ready
        return not self._ending

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, CHUNK)
        except OSError:  # a terminal whose other end is gone says so with an error
            return b""

    def _tell(self, line: str | None) -> None:
        if self._ending:
            return
        try:
            self._loop.call_soon_threadsafe(self._hear, line)
        except RuntimeError:  # the loop is closed: nobody listens
            self._ending = True
