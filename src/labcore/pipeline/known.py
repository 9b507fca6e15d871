"""What names may stand for: the vessels, materials, devices and places of protocol and lab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from labcore.model.lab import LabFile
from labcore.model.names import normal_name
from labcore.model.protocol import Header
from labcore.pipeline.draft import hint

CODES = {"vessel": "E204", "material": "E215", "device": "E401", "place": "E501"}
_SECTION = {"vessel": "vessels", "material": "materials", "device": "devices", "place": "positions"}


@dataclass(slots=True)
class Known:
    """Declared spellings by kind and normal name.

    `missing` are names that were refused where they are declared: using them is not refused once more. `own` are those
    that the protocol itself declares.
    """

    names: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    own: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of_lab(cls, lab: LabFile, vessels: Iterable[str], aliases: Mapping[str, str]) -> Known:
        """Return what a lab has; `vessels` are all that hold something, `aliases` all names of its machines."""
        serving = {aliases.get(entry.station or "") for entry in lab.positions.values()} - {None}
        stations = [name for name, machine in aliases.items() if machine in serving]
        inside = [material for vessel in lab.vessels.values() for material in vessel.contents]
        return cls(
            {
                "vessel": _by_name(vessels),
                "material": _by_name((*lab.stock, *inside)),
                "device": _by_name((*lab.devices, *aliases)),
                "place": _by_name((*lab.positions, *stations)),
            }
        )

    def declare(self, header: Header, devices: Mapping[str, str], broken: Iterable[str]) -> None:
        """Add what a protocol declares; `devices` are those of its devices that the lab has."""
        for kind, entries in (
            ("vessel", header.vessels),
            ("material", header.materials),
            ("device", header.devices),
        ):
            self.own |= {(kind, normal_name(name)) for name in entries}
            for name in entries:
                if normal_name(name) not in self.names[kind] and name not in devices:
                    self.missing.add(normal_name(name))
        self.names["device"] |= _by_name(devices)
        places = self.names["place"]
        places |= {
            normal_name(name): name for name, target in devices.items() if normal_name(target) in places
        }
        self.missing |= set(broken)

    def has(self, kind: str, name: str) -> bool:
        """Say whether a name stands for something of a kind; a device is a place if it has places."""
        return normal_name(name) in self.names[kind]

    def is_missing(self, name: str) -> bool:
        """Say whether the name was refused already."""
        return normal_name(name) in self.missing

    def subject(self, name: str) -> str | None:
        """Return the declared spelling of what is observed: a vessel or a device."""
        wanted = normal_name(name)
        return self.names["vessel"].get(wanted) or self.names["device"].get(wanted)

    def subjects(self) -> dict[str, str]:
        """Return every vessel and device by normal name."""
        return self.names["device"] | self.names["vessel"]

    def remedy(self, kind: str, name: str) -> str:
        """Say what an unknown name may have meant."""
        where = f"Add it under `{_SECTION[kind]}:`" + (
            " in the lab file." if kind in ("place", "device") else "."
        )
        return hint(name, self.names[kind].values(), where)


def _by_name(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(normal_name(name), name)
    return found
