"""The contract of a simulator: a byte device without task, clock or thread.

Found in group `labcore.simulators`; the entry-point name is the host part of a `sim://` URL. A factory makes it:

    def gantry(world, *, device: str, options: Mapping, lab: Mapping, seed: int) -> ByteDevice

`labcore.worlds` holds factories of what the simulators of one lab share (`bench` from labcore-simulators):

    def bench(lab: Mapping, *, seed: int, folder: Path | None, now: float) -> World
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol


class ByteDevice(Protocol):
    """An instrument at the end of a wire. `now` is the loop's clock in s."""

    def opened(self, now: float) -> None:
        """Somebody opened the port."""

    def feed(self, data: bytes, now: float) -> None:
        """Bytes arrived."""

    def poll(self, now: float) -> bytes:
        """Return what the device has to say by now."""

    def due(self) -> float | None:
        """Return the time of its next output or change, None while it waits for input."""


class SimulatedCamera(Protocol):
    """A camera of the simulated world."""

    def frame(self, now: float) -> Any:
        """Return pixels (height, width, 3), uint8, BGR, or None if it delivers nothing."""


class ExposingCamera(SimulatedCamera, Protocol):
    """One that looks at the world on the loop's thread and lets the picture be painted in another."""

    def expose(self, now: float) -> Callable[[], Any]:
        """Return what gives the pixels of `now`; it must not look at anything that changes."""


class PendingReply(Protocol):
    """What a simulated person is about to do."""

    @property
    def at(self) -> float:
        """When the answer comes (loop clock, s)."""

    def complete(self, now: float) -> Any:
        """Do it and return the reply (value, by, file)."""


class SimulatedPerson(Protocol):
    """A person of the simulated world."""

    def ask(self, question: Mapping[str, Any], now: float) -> PendingReply:
        """Take a question."""
