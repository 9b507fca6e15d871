"""Serves all simulated devices of a lab file and writes the lab file that reaches them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..instruments.camera import Camera
from ..instruments.contract import Bench
from ..instruments.person import Person
from ..registration import SIMULATORS
from .labfile import LabFileError, options_of, simulated, with_urls
from .mjpeg import CameraSite
from .serial_line import SerialLine, Transport
from .stage import Stage
from .wirelog import WireLog

MakeWorld = Callable[..., Bench]


class Served:
    """Devices on the air until `close()`. `urls`: name -> (key in the lab file, URL); `lab` reaches them."""

    def __init__(self, lab: Mapping[str, Any], stage: Stage, world: Bench, log: WireLog) -> None:
        self.stage, self.world, self.log = stage, world, log
        self.sites: dict[str, SerialLine | CameraSite] = {}
        self.urls: dict[str, tuple[str, str]] = {}
        self.people: list[str] = []
        self._lab = lab

    @property
    def lab(self) -> dict[str, Any]:
        """The lab with the served devices at their URLs."""
        return with_urls(self._lab, self.urls)

    def start(self) -> None:
        """Let clients in and time pass."""
        self.stage.start()
        for site in self.sites.values():
            site.start()

    def close(self) -> None:
        """Hang up everywhere."""
        for site in self.sites.values():
            site.close()
        self.stage.close()
        self.log.close()


def serve(
    lab: Mapping[str, Any],
    *,
    make_world: MakeWorld,
    seed: int = 0,
    folder: Path | None = None,
    host: str = "127.0.0.1",
    transport: Transport = "rfc2217",
) -> Served:
    """Serve the sim:// devices of `lab` (a person is not served). `folder`: truth and wire log."""
    found = simulated(lab)
    unknown = {name: kind for name, (kind, _) in found.items() if kind not in SIMULATORS}
    if unknown:
        named = ", ".join(f"{name}: sim://{kind}" for name, kind in unknown.items())
        raise LabFileError(f"no simulator for {named}; there are {', '.join(sorted(SIMULATORS))}.")
    if not found:
        raise LabFileError("no device of this lab is at a sim:// URL; there is nothing to serve.")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    stage = Stage()
    log = WireLog(None if folder is None else folder / "wire.jsonl")
    world = make_world(lab, seed=seed, folder=folder, now=stage.now())
    served = Served(lab, stage, world, log)
    for name, (kind, key) in found.items():
        device = SIMULATORS[kind](world, device=name, options=options_of(lab, name), lab=lab, seed=seed)
        if isinstance(device, Person):
            served.people.append(name)
            continue
        site: SerialLine | CameraSite
        if isinstance(device, Camera):
            site = CameraSite(stage, name, device, log, host=host)
        else:
            site = SerialLine(stage, name, device, log, host=host, transport=transport)
        served.sites[name], served.urls[name] = site, (key, site.url)
    return served
