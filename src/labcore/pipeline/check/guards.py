"""Check a lab's guards: each watches something that its device can tell, against a bound that makes sense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labcore.errors import PluginError
from labcore.model.lab import GuardEntry, LabFile
from labcore.model.plan import Machine
from labcore.model.quantity import Quantity
from labcore.pipeline.devices import Bindings
from labcore.pipeline.draft import Findings, hint, key_place, place_at_path
from labcore.pipeline.nodes import MapNode
from labcore.plugin.catalog import Catalog

HEAT = "temperature"


def check_guards(
    lab: LabFile, node: MapNode | None, bindings: Bindings, catalog: Catalog, findings: Findings
) -> None:
    """Note guards of unknown devices, of quantities nobody reads, and without a bound."""
    for device, entries in lab.guards.items():
        path = ("guards", device)
        if device not in lab.devices:
            remedy = hint(device, lab.devices, f"Devices of this lab: {', '.join(lab.devices) or 'none'}.")
            findings.add("E401", key_place(node, path), f"guards: there is no device {device!r}", remedy)
            continue
        machine = bindings.machines.get(bindings.aliases.get(device, ""))
        for quantity, entry in entries.items():
            if machine is not None:
                guard = _Guard((*path, quantity), f"guards: {device}: {quantity}", node, findings)
                guard.check(quantity, entry, machine, _unit(catalog, machine, quantity))


def _unit(catalog: Catalog, machine: Machine, quantity: str) -> str | None:
    """Return the unit in which a device tells a quantity, None if its driver does not say."""
    try:
        measures = getattr(catalog.load("drivers", machine.driver), "measures", {})
    except (KeyError, PluginError):
        return None
    return measures.get(quantity) if isinstance(measures, dict) else None


@dataclass(frozen=True, slots=True)
class _Guard:
    path: tuple[Any, ...]
    what: str
    node: MapNode | None
    findings: Findings

    def check(self, quantity: str, entry: GuardEntry, machine: Machine, unit: str | None) -> None:
        known = [name for name in machine.measures if name != "*"]
        if quantity not in known:
            remedy = hint(quantity, known, f"It measures {', '.join(known) or 'nothing'}.")
            self._add("E402", key_place(self.node, self.path), f"{machine.name} does not measure it", remedy)
            return
        if entry.min is None and entry.max is None and entry.closed is None and quantity != HEAT:
            self._add(
                "E303",
                place_at_path(self.node, self.path),
                "it watches for nothing",
                "Add min, max or closed.",
            )
        if entry.runaway and quantity != HEAT:
            place = place_at_path(self.node, (*self.path, "runaway"))
            self._add("E303", place, "only a heater's temperature runs away", "Remove runaway.")
        self._bounds(entry, Quantity(0.0, unit) if unit is not None else None)

    def _bounds(self, entry: GuardEntry, like: Quantity | None) -> None:
        low, high = entry.min, entry.max
        for key, bound in (("min", low), ("max", high)):
            if bound is not None and like is not None and bound.dimension != like.dimension:
                place = place_at_path(self.node, (*self.path, key))
                message = f"{bound} is {bound.dimension}, not {like.dimension}"
                self._add("E302", place, message, f"Write it in {like.unit}.")
                return
        if low is not None and high is not None:
            if low.dimension != high.dimension:
                place = place_at_path(self.node, (*self.path, "max"))
                self._add("E302", place, f"{high} is {high.dimension}, not {low.dimension}", "Use one unit.")
            elif low > high:
                self._add(
                    "E703",
                    place_at_path(self.node, self.path),
                    f"min {low} is above max {high}",
                    "Swap them.",
                )

    def _add(self, code: str, place: Any, message: str, remedy: str) -> None:
        self.findings.add(code, place, f"{self.what}: {message}", remedy)
