"""Check how the devices of a lab are reached, as far as the text tells: nothing is opened."""

from __future__ import annotations

from urllib.parse import urlsplit

from labcore.model.address import PORT_SCHEMES, SIM, SOURCE_SCHEMES, one_spelling, scheme_of
from labcore.model.lab import DeviceEntry, LabFile
from labcore.model.names import nearest
from labcore.pipeline.draft import Findings, hint, place_at_path
from labcore.pipeline.nodes import MapNode
from labcore.plugin.catalog import Catalog


def check_addresses(lab: LabFile, node: MapNode | None, catalog: Catalog, findings: Findings) -> None:
    """Note addresses that lead nowhere, and two devices at one port."""
    taken: dict[str, str] = {}
    for name, entry in lab.devices.items():
        key = "port" if entry.port is not None else "source"
        address = getattr(entry, key)
        if address is None or entry.same_as is not None:
            continue
        wrong = _wrong(key, address, catalog)
        place = place_at_path(node, ("devices", name, key))
        if wrong is not None:
            findings.add("E410", place, f"device {name}: {wrong[0]}", wrong[1])
        elif scheme_of(address) != SIM:  # that names a kind of simulator, of which each device has its own
            first = taken.setdefault(one_spelling(address), name)
            if first != name:
                message = (
                    f"devices {first} and {name} have one {key}, {_shown(lab.devices[first], key, address)}"
                )
                remedy = f"If it is one machine: `{name}: {{same_as: {first}}}`; else correct the {key}."
                findings.add("E409", place, message, remedy)


def _shown(first: DeviceEntry, key: str, address: object) -> str:
    other = getattr(first, key)
    return f"{address}" if other in (address, None) else f"written {other} and {address}"


def _wrong(key: str, address: object, catalog: Catalog) -> tuple[str, str] | None:
    """Return what is wrong with an address and what to do; None if it may be right."""
    text = str(address).strip()
    scheme = scheme_of(text)
    if scheme == SIM:
        return _no_simulator(urlsplit(text).netloc, text, catalog)
    if key == "port" and (not text or text.isdecimal()):
        return f"port {text!r} is no port", "Write it like /dev/ttyUSB0, COM5 or socket://192.168.0.7:5000."
    if not scheme:
        return None
    known = PORT_SCHEMES if key == "port" else SOURCE_SCHEMES
    if scheme in known or (key == "source" and nearest(scheme, known) is None):
        return None  # a camera's plugin may know more schemes than these
    remedy = hint(scheme, known, f"Known: {', '.join(f'{one}://' for one in known)}.")
    return f"{text}: there is no way {scheme}:// to reach it", remedy


def _no_simulator(word: str, text: str, catalog: Catalog) -> tuple[str, str] | None:
    known = catalog.names("simulators")
    if word in known or not known:  # without simulators installed the run says so
        return None
    otherwise = f"Simulators: {', '.join(known)}."
    return f"{text}: there is no simulator {word!r}", hint(word, known, otherwise)
