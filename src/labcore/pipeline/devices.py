"""Bind a protocol's devices to a lab's machines. Pure: driver classes are looked at, never made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from labcore.capabilities.act import Acts, marked, switches
from labcore.errors import PluginError
from labcore.model.lab import DeviceEntry, LabFile
from labcore.model.names import normal_name
from labcore.model.pace import Pace
from labcore.model.plan import Machine
from labcore.model.protocol import Header
from labcore.pipeline.addresses import check_addresses
from labcore.pipeline.draft import Findings, hint, key_place, place_at_path
from labcore.pipeline.models import note_errors
from labcore.pipeline.nodes import MapNode
from labcore.pipeline.problem import Place
from labcore.plugin.catalog import Catalog
from labcore.plugin.driver import capability_names


@dataclass(slots=True)
class Bindings:
    """Machines by name, every name that answers to one, and the protocol's names for them.

    `broken` says that a device could not be bound, so that steps may miss it for no fault of theirs.
    """

    machines: dict[str, Machine] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    broken: bool = False


def bind_devices(
    header: Header, node: MapNode, lab: LabFile, lab_node: MapNode | None, catalog: Catalog, findings: Findings, *, simulate: bool
) -> Bindings:  # fmt: skip
    """Return the bindings; what cannot be bound is a problem."""
    found = bind_lab(lab, lab_node, catalog, findings, simulate=simulate)
    bind_protocol(header, node, found, findings)
    return found


def bind_lab(
    lab: LabFile, lab_node: MapNode | None, catalog: Catalog, findings: Findings, *, simulate: bool
) -> Bindings:
    """Return the lab's machines and their other names."""
    found = Bindings()
    for name, entry in lab.devices.items():
        if entry.same_as is None:
            machine = _Described(name, entry, lab_node, catalog, findings).machine(simulate=simulate)
            if machine is None:
                found.broken = True
            else:
                found.machines[name] = machine
                found.aliases[name] = name
    for name, entry in lab.devices.items():
        if entry.same_as is not None:
            _alias(name, entry, lab, lab_node, found, findings)
    check_addresses(lab, lab_node, catalog, findings)
    return found


def bind_protocol(header: Header, node: MapNode, found: Bindings, findings: Findings) -> None:
    """Add a protocol's names for the machines it needs."""
    for name, wanted in header.devices.items():
        _bind(name, wanted, node, found, findings)


class _Described:
    """One device of the lab file: what its driver says about it."""

    def __init__(
        self, name: str, entry: DeviceEntry, lab_node: MapNode | None, catalog: Catalog, findings: Findings
    ) -> None:
        self._name, self._entry, self._node = name, entry, lab_node
        self._catalog, self._findings = catalog, findings

    def _note(self, code: str, key: str, message: str, remedy: str = "") -> None:
        place = place_at_path(self._node, ("devices", self._name, key))
        self._findings.add(code, place, f"device {self._name}: {message}", remedy)

    def machine(self, *, simulate: bool) -> Machine | None:
        """Return what the plan knows about it; None after noting why it cannot be used at all."""
        if self._entry.driver is None:
            self._note(
                "E202", "driver", "'driver' is missing", "Add driver: ..., or same_as: another device."
            )
            return None
        driver = self._driver(self._entry.driver)
        if driver is None:
            return None
        self._check_transport(driver, simulate)
        watchdog, paces = self._by_options(driver)
        measures = tuple(getattr(driver, "measures", ()))
        names, person = capability_names(driver), driver.transport == "person"
        outputs = tuple(one.output for one in switches(driver.capabilities))
        marks = [mark for one in driver.capabilities for mark in marked(one).values()]
        acts = any(isinstance(mark, Acts) for mark in marks)
        return Machine(
            self._name, self._entry.driver, names, outputs, watchdog, measures, person, paces, acts
        )

    def _driver(self, word: str) -> Any:
        try:
            return self._catalog.load("drivers", word)
        except KeyError:
            known = self._catalog.names("drivers")
            otherwise = f"Installed drivers: {', '.join(known) or 'none'}."
            self._note("E405", "driver", f"there is no driver {word!r}", hint(word, known, otherwise))
        except PluginError as error:
            self._note("E901", "driver", error.message, error.remedy)
        return None

    def _by_options(self, driver: Any) -> tuple[tuple[str, ...], dict[str, Pace]]:
        """Return the outputs that stop by themselves and how fast it works, as this lab sets the driver's options."""
        try:
            options = driver.Options.model_validate(self._entry.options)
        except ValidationError as error:
            base = ("devices", self._name)
            note_errors(
                error, driver.Options, self._node, self._findings, what=f"device {self._name}", base=base,
                beside=DeviceEntry.model_fields,
            )  # fmt: skip
            return tuple(driver.watchdog), {}
        watchdog = driver.watchdog_of(options) if hasattr(driver, "watchdog_of") else driver.watchdog
        return tuple(watchdog), dict(driver.paces_of(options)) if hasattr(driver, "paces_of") else {}

    def _check_transport(self, driver: Any, simulate: bool) -> None:
        if driver.transport == "link" and self._entry.port is None:
            self._note("E407", "port", "'port' is missing", "Say how it is reached, like port: /dev/ttyUSB0.")
        if driver.transport == "frames" and self._entry.source is None:
            self._note(
                "E407", "source", "'source' is missing", "Say where pictures come from, like source: 0."
            )
        if simulate and not driver.simulator:
            self._note("E406", "driver", f"driver {self._entry.driver} has no simulator")


def _alias(
    name: str, entry: DeviceEntry, lab: LabFile, lab_node: MapNode | None, found: Bindings, findings: Findings
) -> None:
    place = place_at_path(lab_node, ("devices", name, "same_as"))
    if entry.driver is not None:
        message = f"device {name}: it has both a driver and same_as"
        findings.add("E303", place, message, "Keep one of them.")
    target, seen = entry.same_as or "", [name]
    while target in lab.devices and lab.devices[target].same_as is not None and target not in seen:
        seen.append(target)
        target = lab.devices[target].same_as or ""
    if target in found.machines:
        found.aliases[name] = target
        return
    found.broken = True
    if target not in lab.devices or target in seen:
        remedy = hint(target, found.machines, "Name a device that has a driver.")
        findings.add("E401", place, f"device {name}: same_as names no device: {target!r}", remedy)


def _bind(name: str, wanted: tuple[str, ...], node: MapNode, found: Bindings, findings: Findings) -> None:
    target = {normal_name(alias): alias for alias in found.aliases}.get(normal_name(name))
    if target is None:
        target = _only_one_able(name, wanted, node, found, findings)
        if target is None:
            return
    machine = found.machines[found.aliases[target]]
    for index, word in enumerate(wanted):
        if word not in machine.capabilities:
            place = place_at_path(node, ("devices", name, index))
            _unable(name, word, machine, place, found, findings)
    found.devices[name] = target


def _only_one_able(
    name: str, wanted: tuple[str, ...], node: MapNode, found: Bindings, findings: Findings
) -> str | None:
    """Return the one machine of the lab that can do what is wanted; None after noting that there is not one."""
    able = [machine for machine in found.machines.values() if set(wanted) <= set(machine.capabilities)]
    if len(able) == 1:
        return able[0].name
    noise = found.broken and not able  # the lab's own problem says it already
    found.broken = True
    if not noise:
        known = ", ".join(found.aliases) or "none"
        more = (
            ", and several could do this"
            if able
            else f", and none that does {', '.join(wanted) or 'anything'}"
        )
        otherwise = f"Name one of the lab's devices ({known}), or add {name!r} to the lab file."
        likely = [
            alias for alias, machine in found.aliases.items() if any(one.name == machine for one in able)
        ]
        remedy = hint(name, likely or found.aliases, otherwise)
        findings.add(
            "E401", key_place(node, ("devices", name)), f"the lab has no device {name!r}{more}", remedy
        )
    return None


def _unable(
    name: str, word: str, machine: Machine, place: Place | None, found: Bindings, findings: Findings
) -> None:
    found.broken = True
    others = [one.name for one in found.machines.values() if word in one.capabilities]
    everything = sorted({capability for one in found.machines.values() for capability in one.capabilities})
    otherwise = f"Devices that can: {', '.join(others) or 'none in this lab'}."
    remedy = otherwise if others else hint(word, everything, otherwise)
    can = ", ".join(machine.capabilities)
    findings.add("E402", place, f"{name} ({machine.driver}) cannot do {word!r}; it does {can}", remedy)
