"""One world and its instruments in real time: the only place of this package with a clock and a lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..instruments.camera import Camera
from ..instruments.contract import Instrument

Listener = Callable[[bytes], None]


class Stage:
    """Brings every instrument up to the present before anything touches one, in order of time.

    `now()` is s since the stage was made. What an instrument says goes to its listener at once.
    """

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._changed = threading.Condition(threading.RLock())
        self._instruments: dict[str, Instrument] = {}
        self._listeners: dict[str, Listener] = {}
        self._ending = False
        self._ticker = threading.Thread(target=self._tick, name="stage", daemon=True)

    def now(self) -> float:
        """Return s since the start."""
        return time.monotonic() - self._start

    def add(self, name: str, instrument: Instrument, listener: Listener) -> None:
        """Put an instrument on the stage."""
        self._instruments[name], self._listeners[name] = instrument, listener

    def start(self) -> None:
        """Let time pass."""
        self._ticker.start()

    def close(self) -> None:
        """Stop time."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        if self._ticker.is_alive():
            self._ticker.join(timeout=5)

    def opened(self, name: str) -> None:
        """Tell an instrument that its port was opened."""
        with self._changed:
            now = self._advance()
            self._instruments[name].opened(now)
            self._say(name, now)

    def feed(self, name: str, data: bytes) -> None:
        """Give bytes to an instrument."""
        with self._changed:
            now = self._advance()
            self._instruments[name].feed(data, now)
            self._say(name, now)

    def frame(self, camera: Camera) -> Any:
        """Take a picture of the present; while it is painted, the others go on."""
        with self._changed:
            paint = camera.expose(self._advance())
        return paint()

    def snapshots(self) -> Mapping[str, dict[str, Any]]:
        """Return the state of every instrument."""
        with self._changed:
            self._advance()
            return {name: instrument.snapshot() for name, instrument in self._instruments.items()}

    def _advance(self) -> float:
        now = self.now()
        while True:
            times = [(due, name) for name, one in self._instruments.items() if (due := one.due()) is not None]
            at, name = min(times, default=(now, ""))
            if not name or at > now:
                return now
            self._say(name, max(at, 0.0), notify=False)

    def _say(self, name: str, at: float, *, notify: bool = True) -> None:
        said = self._instruments[name].poll(at)
        if said:
            self._listeners[name](said)
        if notify:
            self._changed.notify_all()

    def _tick(self) -> None:
        with self._changed:
            while not self._ending:
                self._advance()
                dues = [due for one in self._instruments.values() if (due := one.due()) is not None]
                wait = max(0.0, min(dues) - self.now()) if dues else None
                self._changed.wait(wait)
