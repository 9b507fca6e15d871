"""What an instrument is, and what it asks of the world it stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

BUFFER_LIMIT = 64 * 1024
"""Bytes that any one buffer of a simulated instrument may hold."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Settings of a serial line: baud, data bits, parity (N E O M S), stop bits."""

    baud: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: float = 1

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.baud} {self.bytesize}{self.parity}{self.stopbits:g}"


class Instrument(Protocol):
    """A byte device without task, clock or thread. `now` is the caller's clock in s and does not go back."""

    line: LineSettings | None

    def opened(self, now: float) -> None:
        """Somebody opened the port."""

    def feed(self, data: bytes, now: float) -> None:
        """Bytes arrived."""

    def poll(self, now: float) -> bytes:
        """Return what the instrument has to say by now."""

    def due(self) -> float | None:
        """Return the time of its next output or change of state, None while it waits for input."""

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as plain data."""

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the state that `snapshot` gave."""


class Portion(Protocol):
    """A volume of liquid on its way from one vessel to another, mL."""

    @property
    def volume_ml(self) -> float: ...
    def split(self, volume_ml: float) -> tuple[Any, Any]: ...


class Bench(Protocol):
    """The part of the world that instruments use (volumes mL, masses g, temperatures deg C)."""

    @property
    def clock(self) -> float: ...
    def advance(self, now: float) -> None: ...
    def vessel_at(self, place: str) -> str | None: ...
    def place_of(self, vessel: str) -> str | None: ...
    def lift(self, place: str, now: float, *, by: str) -> str | None: ...
    def put(self, vessel: str, place: str, now: float, *, by: str) -> None: ...
    def draw(self, vessel: str, volume_ml: float, now: float, *, by: str) -> Any: ...
    def pour(self, vessel: str, liquid: Any, now: float, *, by: str) -> float: ...
    def set_stirring(self, place: str, rpm: float, now: float) -> None: ...
    def set_heating(self, place: str, target_c: float | None, now: float) -> None: ...
    def temperature(self, place: str, now: float) -> float: ...
    def liquid_temperature(self, vessel: str, now: float) -> float: ...
    def speed(self, place: str, now: float) -> float: ...
    def mass(self, vessel: str, now: float) -> float: ...
    def expose(
        self, place: str, now: float, *, camera: str, width: int = 640, height: int = 480
    ) -> Callable[[], Any]: ...
    def truth(self, vessel: str, now: float) -> dict[str, Any]: ...
    def acts(self) -> list[dict[str, Any]]: ...


def places_of_station(lab: Mapping[str, Any], device: str, key: str = "station") -> list[str]:
    """Return the lab's positions whose entry `key` names `device`, in the order of the file.

    A device that shares its machine with another (`same_as`) is known by all its names.
    """
    names = names_of_device(lab, device)
    positions = lab.get("positions") or {}
    return [
        place for place, entry in positions.items() if isinstance(entry, Mapping) and entry.get(key) in names
    ]


def names_of_device(lab: Mapping[str, Any], device: str) -> set[str]:
    """Return `device` and every device of the lab that is the same machine."""
    devices = {
        name: entry for name, entry in (lab.get("devices") or {}).items() if isinstance(entry, Mapping)
    }
    machine = devices.get(device, {}).get("same_as", device)
    return {device, machine} | {name for name, entry in devices.items() if entry.get("same_as") == machine}
