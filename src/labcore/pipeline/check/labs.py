"""Check a lab file in itself: every name in it stands for something, limits make sense."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from labcore.capabilities.act import settings
from labcore.errors import PluginError
from labcore.model.lab import LabFile, LimitEntry
from labcore.model.labware import CATALOGUE
from labcore.model.names import normal_name
from labcore.model.quantity import Quantity
from labcore.pipeline.check.guards import check_guards
from labcore.pipeline.devices import Bindings
from labcore.pipeline.draft import Findings, hint, key_place, place_at_path
from labcore.pipeline.nodes import MapNode
from labcore.plugin.catalog import Catalog


def check_lab(
    lab: LabFile, node: MapNode | None, bindings: Bindings, catalog: Catalog, findings: Findings
) -> None:
    """Note what a lab file says about things it does not have."""
    checker = _Checker(lab, node, bindings, findings)
    checker.positions()
    checker.stock()
    checker.waste()
    checker.limits(catalog)
    check_guards(lab, node, bindings, catalog, findings)


@dataclass(frozen=True, slots=True)
class _Checker:
    lab: LabFile
    node: MapNode | None
    bindings: Bindings
    findings: Findings

    def positions(self) -> None:
        for name, entry in self.lab.positions.items():
            path = ("positions", name)
            for index, ware in enumerate(entry.fits):
                if ware not in CATALOGUE:
                    place = place_at_path(self.node, (*path, "fits", index))
                    remedy = hint(ware, CATALOGUE, f"Known labware: {', '.join(CATALOGUE)}.")
                    self.findings.add("E205", place, f"position {name}: unknown labware {ware!r}", remedy)
            self._devices(entry.reach, (*path, "reach"), f"position {name}: reach")
            for key in ("station", "seen_by"):
                device = getattr(entry, key)
                if device is not None:
                    self._device(device, (*path, key), f"position {name}: {key}")

    def stock(self) -> None:
        for name, entry in self.lab.stock.items():
            self._devices(entry.reach, ("stock", name, "reach"), f"stock {name}: reach")

    def _devices(self, names: tuple[str, ...], path: tuple[Any, ...], what: str) -> None:
        for index, name in enumerate(names):
            self._device(name, (*path, index), what)

    def _device(self, name: str, path: tuple[Any, ...], what: str) -> None:
        if name not in self.lab.devices:
            remedy = hint(
                name, self.lab.devices, f"Devices of this lab: {', '.join(self.lab.devices) or 'none'}."
            )
            self.findings.add(
                "E401", place_at_path(self.node, path), f"{what}: there is no device {name!r}", remedy
            )

    def waste(self) -> None:
        waste = self.lab.waste
        if waste is not None and normal_name(waste) not in {normal_name(name) for name in self.lab.vessels}:
            remedy = hint(
                waste,
                self.lab.vessels,
                f"Add `{waste}: {{at: ..., labware: waste-1000ml}}` under `vessels:`.",
            )
            place = place_at_path(self.node, ("waste",))
            self.findings.add("E204", place, f"waste: the lab has no vessel {waste!r}", remedy)

    def limits(self, catalog: Catalog) -> None:
        for device, entries in self.lab.limits.items():
            if device not in self.lab.devices:
                place = key_place(self.node, ("limits", device))
                remedy = hint(
                    device, self.lab.devices, f"Devices of this lab: {', '.join(self.lab.devices) or 'none'}."
                )
                self.findings.add("E401", place, f"limits: there is no device {device!r}", remedy)
                continue
            for setting, limit in entries.items():
                if self._is_setting(device, setting, catalog):
                    self._limit(device, setting, limit, catalog)

    def _is_setting(self, device: str, setting: str, catalog: Catalog) -> bool:
        """Say whether there is something to limit; note it if not: a limit must not protect nothing."""
        driver = self._driver(device, catalog)
        if driver is None:
            return True  # what is wrong with the device is said elsewhere
        known = dict.fromkeys((*driver.limits, *settings(driver.capabilities)))
        if setting in known:
            return True
        remedy = hint(setting, known, f"Settings of it: {', '.join(known) or 'none'}.")
        place = key_place(self.node, ("limits", device, setting))
        self.findings.add("E704", place, f"limits: {device} has no setting {setting!r}", remedy)
        return False

    def _driver(self, device: str, catalog: Catalog) -> Any:
        """Return the driver of a device, None if it cannot be used."""
        machine = self.bindings.machines.get(self.bindings.aliases.get(device, ""))
        try:
            return catalog.load("drivers", machine.driver) if machine is not None else None
        except (KeyError, PluginError):
            return None

    def _limit(self, device: str, setting: str, limit: LimitEntry, catalog: Catalog) -> None:
        path, what = ("limits", device, setting), f"limits: {device}: {setting}"
        if limit.min is not None and limit.max is not None and _above(limit.min, limit.max):
            place = place_at_path(self.node, path)
            self.findings.add(
                "E703", place, f"{what}: min {limit.min} is above max {limit.max}", "Swap them."
            )
            return
        for hard in self._hardware(device, setting, catalog):
            self._against(hard, limit, path, what)

    def _hardware(self, device: str, setting: str, catalog: Catalog) -> Iterator[Any]:
        driver = self._driver(device, catalog)
        hard = driver.limits.get(setting) if driver is not None else None
        if hard is not None:
            yield hard

    def _against(self, hard: Any, limit: LimitEntry, path: tuple[Any, ...], what: str) -> None:
        for key, mine in (("min", limit.min), ("max", limit.max)):
            like = hard.minimum if hard.minimum is not None else hard.maximum
            if mine is None or like is None:
                continue
            if mine.dimension != like.dimension:
                place = place_at_path(self.node, (*path, key))
                message = f"{what}: {mine} is {mine.dimension}, not {like.dimension}"
                self.findings.add("E302", place, message, f"Write it like {like}.")
                return
        too_low = limit.max is not None and hard.minimum is not None and limit.max < hard.minimum
        too_high = limit.min is not None and hard.maximum is not None and limit.min > hard.maximum
        if too_low or too_high:
            message = f"{what}: the hardware goes from {hard.minimum or '-'} to {hard.maximum or '-'}; nothing is left"
            self.findings.add("E703", place_at_path(self.node, path), message)


def _above(low: Quantity, high: Quantity) -> bool:
    return low.dimension == high.dimension and low > high
