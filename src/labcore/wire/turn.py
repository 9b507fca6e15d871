"""Whose turn it is to write to a port: one writer at a time, and whoever is urgent before all who wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turn:
    """A lock for threads with two queues. It is never held for less than one whole write, so no frame is split."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy = False
        self._urgent = 0

    @contextmanager
    def usual(self) -> Iterator[None]:
        """Wait until nobody writes and nobody urgent waits."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy and not self._urgent)
            self._busy = True
        with self._held():
            yield

    @contextmanager
    def urgent(self, within: float) -> Iterator[None]:
        """Wait for the write under way only; TimeoutError if it does not end `within` s."""
        with self._changed:
            self._urgent += 1
            try:
                if not self._changed.wait_for(lambda: not self._busy, within):
                    raise TimeoutError
                self._busy = True
            finally:
                self._urgent -= 1
                self._changed.notify_all()
        with self._held():
            yield

    @contextmanager
    def _held(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
