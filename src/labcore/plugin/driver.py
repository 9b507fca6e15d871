"""The contract of a driver: one class, found under its entry-point name in group `labcore.drivers`.

A driver turns capability calls into bytes. It never opens a URL (it gets a `Link`, a `FrameSource` or `Prompts`), never
retries an act by itself, and says after every act what became of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from labcore.model.event import Asked
from labcore.model.quantity import Quantity
from labcore.ports import Answer, FrameSource, Link, Workers


class DriverOptions(BaseModel):
    """Base of a driver's options: the keys of its entry in the lab file beside driver, port, source and same_as."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answered: `name` for people ("IKA RCT digital"), `serial` if the device tells one."""

    name: str
    serial: str = ""
    detail: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} ({self.serial})" if self.serial else self.name


BreaksIn = Literal["realtime", "after_line", "bus_gap"]


@dataclass(frozen=True, slots=True)
class SafeAct:
    """One part of a device's safe state as data (semantics.md, Stops).

    `frames` are raw bytes in order, line ends included; `breaks_in` says how they may interrupt other traffic: "realtime" at
    once, "after_line" after the line under way, "bus_gap" after a silence of the bus. `output` names what becomes safe
    ("speed", "temperature", "motion"); `confirm` reads back whether it did, changing nothing.
    """

    output: str
    frames: tuple[bytes, ...]
    breaks_in: BreaksIn
    confirm: Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Limit:
    """The hardware's own range of one setting, canonical unit included."""

    minimum: Quantity | None = None
    maximum: Quantity | None = None


class Ask(Protocol):
    """How a driver asks a person: the engine journals question and answer."""

    async def __call__(self, question: Asked) -> Answer:
        """Return the answer; the caller owns the deadline."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a driver is given about the place it works in: by its `transport`, one of link, frames and ask.

    `places` maps a place to the coordinates its lab file gives for it (mm), if any; `stations` are the places the device
    itself acts on (a stirrer's plate).
    """

    device: str
    simulated: bool
    link: Link | None = None
    frames: FrameSource | None = None
    ask: Ask | None = None
    workers: Workers | None = None
    places: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    stations: tuple[str, ...] = ()


class Driver(Protocol):
    """A device of one kind. Class attributes are read without an instance; `connect` is the first I/O.

    `transport` says what `Site` must carry; `simulator` is the word of the simulator that replaces the device under
    `--simulate` (""; none). `watchdog` names the outputs that stop by themselves if labcore dies. A dosing driver
    may say how well it doses with `dose_uncertainty(millilitres)` (half-width in mL; without it 5 % are taken). One whose
    device keeps count may say after a crash what became of an act: `became_of(method, arguments, frames)`, an `Outcome`.
    """

    capabilities: ClassVar[tuple[type, ...]]
    Options: ClassVar[type[DriverOptions]]
    transport: ClassVar[Literal["link", "frames", "person"]]
    simulator: ClassVar[str]
    limits: ClassVar[Mapping[str, Limit]]
    watchdog: ClassVar[tuple[str, ...]]

    def __init__(self, site: Site, options: Any) -> None: ...

    async def connect(self) -> Identity:
        """Open and identify without disturbing what the device does."""

    async def disconnect(self) -> None:
        """Close; the device keeps its state."""

    def safe(self) -> tuple[SafeAct, ...]:
        """Return the safe state as data, as it is right now: no I/O, no wait, and possible before `connect`.

        It is asked for before each send of the driver's own, on the loop's thread, and sent from another thread.
        """


def capability_names(driver: Any) -> tuple[str, ...]:
    """Return the words ("dosing", "placing") a driver type answers to."""
    return tuple(capability.capability for capability in driver.capabilities)
