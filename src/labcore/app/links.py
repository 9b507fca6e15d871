"""The only place where a URL becomes a connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from labcore.errors import UsageError
from labcore.model.address import SIM, scheme_of
from labcore.model.lab import DeviceEntry
from labcore.plugin.catalog import Catalog
from labcore.ports import FrameSource, Link, Workers


def is_simulated(entry: DeviceEntry) -> bool:
    """Say whether a device of the lab file is an in-process simulator."""
    return SIM in (scheme_of(entry.port), scheme_of(entry.source))


@dataclass(slots=True)
class SimulatedBench:
    """The simulators of one run and the world they share, made when they are first needed.

    `lock` is held whenever one of them is touched: the guard's threads touch them beside the loop.
    """

    catalog: Catalog
    lab: Mapping[str, Any]
    seed: int
    folder: Path | None
    now: float
    made: dict[str, Any] = field(default_factory=dict)
    lock: AbstractContextManager[Any] = field(default_factory=threading.RLock)
    _world: Any = None

    def simulator(self, word: str, device: str, options: Mapping[str, Any]) -> Any:
        """Return the simulator that stands in for `device`."""
        if device not in self.made:
            if self._world is None:
                self._world = self._begin()
            factory = self._plugin("simulators", word)
            self.made[device] = factory(
                self._world, device=device, options=dict(options), lab=self.lab, seed=self.seed
            )
        return self.made[device]

    def _begin(self) -> Any:
        make = self._plugin("worlds", "bench")
        try:
            return make(self.lab, seed=self.seed, folder=self.folder, now=self.now)
        except ValueError as error:
            raise UsageError(
                f"the simulated world cannot begin: {error}",
                remedy="Correct the lab file; if it was changed since the last real run, `labcore lab reset LAB`.",
            ) from error

    def _plugin(self, kind: Any, word: str) -> Any:
        try:
            return self.catalog.load(kind, word)
        except KeyError:
            known = ", ".join(self.catalog.names(kind)) or "none"
            raise UsageError(
                f"there is no {kind[:-1]} {word!r}",
                remedy=f"Installed: {known}. Simulators come with labcore-simulators.",
            ) from None


def open_link(
    address: str, simulator: Callable[[str], Any], lock: AbstractContextManager[Any] | None = None
) -> Link:
    """Return a link for a port address: sim://, socket:// or tcp://, or anything pyserial understands."""
    if scheme_of(address) == SIM:
        from labcore.wire.in_process import InProcessLink

        return InProcessLink(simulator(urlsplit(address).netloc), address, lock=lock)
    return open_port(address)


def open_port(address: str) -> Link:
    """Return a link for the address of a real port."""
    if scheme_of(address) in ("tcp", "socket"):
        from labcore.wire.tcp_link import TcpLink

        parts = urlsplit(address)
        return TcpLink(parts.hostname or "", parts.port or 0, name=address)
    from labcore.wire.serial_link import SerialLink

    return SerialLink(address)


def open_frames(
    address: str | int,
    options: Mapping[str, Any],
    simulator: Callable[[str], Any],
    workers: Workers,
    catalog: Catalog,
    lock: AbstractContextManager[Any] | None = None,
) -> FrameSource:
    """Return a source of pictures for an address: sim://, or what an installed camera opener takes."""
    if scheme_of(address) == SIM:
        from labcore.wire.sim_frames import SimFrames

        camera = simulator(urlsplit(str(address)).netloc)
        return SimFrames(camera, name=str(address), workers=workers, lock=lock)
    opener: Callable[..., FrameSource] = catalog.load("openers", "camera")
    return opener(address, options, workers)
