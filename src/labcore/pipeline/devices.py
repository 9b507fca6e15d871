"""Bind a protocol's devices to a lab's machines. Pure: driver classes are looked at, never made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from labcore.errors import PluginError
from labcore.model.lab import DeviceEntry, LabFile
from labcore.model.names import nearest, normal_name
from labcore.model.plan import Machine
from labcore.model.protocol import Header
from labcore.pipeline.draft import Findings, MapNode, node_at_path
from labcore.pipeline.models import note_errors
from labcore.plugin.catalog import Catalog
from labcore.plugin.driver import capability_names


@dataclass(slots=True)
class Bindings:
    """Machines by name, every name that answers to one, and the protocol's names for them."""

    machines: dict[str, Machine] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)


def bind_devices(
    header: Header, node: MapNode, lab: LabFile, lab_node: MapNode | None, catalog: Catalog, findings: Findings, *, simulate: bool
) -> Bindings:
    """Return the bindings; what cannot be bound is a problem."""
    found = Bindings()
    for name, entry in lab.devices.items():
        if entry.same_as is None:
            machine = _machine(name, entry, lab_node, catalog, findings, simulate)
            if machine is not None:
                found.machines[name] = machine
                found.aliases[name] = name
    for name, entry in lab.devices.items():
        if entry.same_as is not None:
            _alias(name, entry.same_as, lab, lab_node, found, findings)
    for name, wanted in header.devices.items():
        _bind(name, wanted, node, found, findings)
    return found


def _machine(
    name: str, entry: DeviceEntry, lab_node: MapNode | None, catalog: Catalog, findings: Findings, simulate: bool
) -> Machine | None:
    device_node, place = node_at_path(lab_node, ("devices", name))
    if entry.driver is None:
        findings.add("E202", place, f"device {name}: 'driver' is missing", "Add driver: ..., or same_as: another device.")
        return None
    driver = load_driver(entry.driver, name, lab_node, catalog, findings)
    if driver is None:
        return None
    _check_transport(name, entry, driver, lab_node, findings, simulate)
    try:
        options = driver.Options.model_validate(entry.options)
    except ValidationError as error:
        note_errors(error, driver.Options, device_node, findings, what=f"device {name}")
        options = None
    watchdog = driver.watchdog_of(options) if hasattr(driver, "watchdog_of") and options is not None else driver.watchdog
    measures = tuple(getattr(driver, "measures", ()))
    person = driver.transport == "person"
    outputs = tuple(driver.outputs)
    return Machine(name, entry.driver, capability_names(driver), outputs, tuple(watchdog), measures, person)


def load_driver(word: str, device: str, lab_node: MapNode | None, catalog: Catalog, findings: Findings) -> Any:
    """Return a driver class, None after noting why not."""
    _, place = node_at_path(lab_node, ("devices", device, "driver"))
    try:
        return catalog.load("drivers", word)
    except KeyError:
        hint = nearest(word, catalog.names("drivers"))
        remedy = f"Did you mean {hint!r}?" if hint else f"Installed drivers: {', '.join(catalog.names('drivers')) or 'none'}."
        findings.add("E405", place, f"device {device}: there is no driver {word!r}", remedy)
    except PluginError as error:
        findings.add("E901", place, f"device {device}: {error.message}", error.remedy)
    return None


def _check_transport(name: str, entry: DeviceEntry, driver: Any, lab_node: MapNode | None, findings: Findings, simulate: bool) -> None:
    _, place = node_at_path(lab_node, ("devices", name))
    if driver.transport == "link" and entry.port is None:
        findings.add("E407", place, f"device {name}: 'port' is missing", "Say how it is reached, for example port: /dev/ttyUSB0.")
    if driver.transport == "frames" and entry.source is None:
        findings.add("E407", place, f"device {name}: 'source' is missing", "Say where pictures come from, for example source: 0.")
    if simulate and not driver.simulator:
        findings.add(
            "E406", place, f"device {name}: driver {entry.driver} has no simulator", "Run without --simulate, or use another driver."
        )


def _alias(name: str, target: str, lab: LabFile, lab_node: MapNode | None, found: Bindings, findings: Findings) -> None:
    seen = [name]
    while target in lab.devices and lab.devices[target].same_as is not None and target not in seen:
        seen.append(target)
        target = lab.devices[target].same_as or ""
    if target in found.machines:
        found.aliases[name] = target
    elif target not in lab.devices or target in seen:
        _, place = node_at_path(lab_node, ("devices", name, "same_as"))
        hint = nearest(target, found.machines)
        remedy = f"Did you mean {hint!r}?" if hint else "Name a device that has a driver."
        findings.add("E401", place, f"device {name}: same_as names no device: {target!r}", remedy)


def _bind(name: str, wanted: tuple[str, ...], node: MapNode, found: Bindings, findings: Findings) -> None:
    _, place = node_at_path(node, ("devices", name))
    normal = {normal_name(alias): alias for alias in found.aliases}
    target = normal.get(normal_name(name))
    if target is None:
        able = [m for m in found.machines.values() if set(wanted) <= set(m.capabilities)]
        if len(able) != 1:
            known = ", ".join(found.aliases) or "none"
            what = f"the lab has no device {name!r}" + (", and several could do this" if able else f" and none that does {', '.join(wanted)}")
            findings.add("E401", place, what, f"Name one of the lab's devices ({known}), or add {name!r} to the lab file.")
            return
        target = able[0].name
    machine = found.machines[found.aliases[target]]
    for word in wanted:
        if word not in machine.capabilities:
            _unable(name, word, machine, place, found.machines, findings)
    found.devices[name] = target


def _unable(name: str, word: str, machine: Machine, place: Any, machines: Mapping[str, Machine], findings: Findings) -> None:
    others = [m.name for m in machines.values() if word in m.capabilities]
    everything = sorted({capability for m in machines.values() for capability in m.capabilities})
    hint = nearest(word, everything)
    remedy = f"Did you mean {hint!r}?" if hint and hint != word else f"Devices that can: {', '.join(others) or 'none in this lab'}."
    findings.add("E402", place, f"{name} ({machine.driver}) cannot do {word!r}; it does {', '.join(machine.capabilities)}", remedy)
