"""What the lab file says stands where and holds what, at the beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labcore.model.event import VesselStated
from labcore.model.interval import Interval
from labcore.model.lab import LabFile, StockEntry, VesselEntry
from labcore.model.labware import CATALOGUE
from labcore.model.names import normal_name
from labcore.model.protocol import Header, VesselNeed
from labcore.model.quantity import Quantity
from labcore.pipeline.draft import Draft, Findings, hint, key_place, place_at_path
from labcore.pipeline.nodes import MapNode
from labcore.pipeline.open_vessels import is_closed, losses_of, solvents_of, tare_of
from labcore.pipeline.scope import as_value

DEFAULT_LABWARE = "vial-50ml"
UNCERTAINTY = 0.02  # of a content that somebody stated
_KNOWN = f"Known labware: {', '.join(CATALOGUE)}."


@dataclass(frozen=True, slots=True)
class Stating:
    """Reads one lab's vessels and bottles."""

    lab: LabFile
    node: MapNode | None
    findings: Findings

    def all(self, header: Header) -> tuple[VesselStated, ...]:
        """Return bottles and vessels; a vessel without labware in the lab file takes the protocol's."""
        needs = {normal_name(name): need for name, need in header.vessels.items()}
        solvents = solvents_of(self.lab, header)
        stated = [self._bottle(name, entry) for name, entry in self.lab.stock.items()]
        stated += [
            self._vessel(name, one, needs.get(normal_name(name)), solvents)
            for name, one in self.lab.vessels.items()
        ]
        self._places_taken_twice()
        return tuple(stated)

    def _bottle(self, name: str, entry: StockEntry) -> VesselStated:
        share = as_value(entry.uncertainty)
        if not isinstance(share, Quantity) or share.dimension != "ratio":
            place = place_at_path(self.node, ("stock", name, "uncertainty"))
            message = f"stock {name}: uncertainty {entry.uncertainty!r} is no share"
            self.findings.add("E301", place, message, "Write it like 1 %.")
            share = Quantity(1.0, "%")
        volume = Interval.around(entry.volume.in_("mL"), relative=share.in_("%") / 100)
        labware = self._labware(entry.labware, ("stock", name, "labware"), f"stock {name}")
        self._density(name, entry)
        self._fits(volume.mid, labware, ("stock", name, "volume"), f"stock {name}")
        return VesselStated(entry.place, labware, entry.place, {name: volume}, "lab file", True)

    def _density(self, name: str, entry: StockEntry) -> None:
        told = (entry.model_extra or {}).get("density")
        value = as_value(told) if told is not None else None
        if told is None or (isinstance(value, Quantity) and value.dimension == "mass concentration"):
            return
        place = place_at_path(self.node, ("stock", name, "density"))
        self.findings.add("E301", place, f"stock {name}: {told!r} is no density", "Write it like 0.791 g/mL.")

    def _vessel(
        self, name: str, entry: VesselEntry, need: VesselNeed | None, solvents: dict[str, str]
    ) -> VesselStated:
        wanted = entry.labware or (need.labware if need is not None else None) or DEFAULT_LABWARE
        labware = (
            wanted
            if entry.labware is None
            else self._labware(wanted, ("vessels", name, "labware"), f"vessel {name}")
        )
        if labware not in CATALOGUE:
            labware = DEFAULT_LABWARE
        if entry.at is not None and entry.at not in self.lab.positions:
            place = place_at_path(self.node, ("vessels", name, "at"))
            remedy = hint(entry.at, self.lab.positions, "Add it under `positions:`.")
            self.findings.add(
                "E501", place, f"vessel {name} stands at {entry.at!r}, which is no position", remedy
            )
        contents = self._contents(name, entry.contents)
        total = sum(amount.mid for amount in contents.values())
        self._fits(total, labware, ("vessels", name, "contents"), f"vessel {name}")
        return VesselStated(
            name,
            labware,
            entry.at,
            contents,
            "lab file",
            is_closed(entry, need),
            losses_of(entry, need, labware, solvents),
            tare_of(entry, self._solids(name, entry.contents)),
        )

    def _labware(self, word: str, path: tuple[str, ...], what: str) -> str:
        if word in CATALOGUE:
            return word
        place = place_at_path(self.node, path)
        self.findings.add("E205", place, f"{what}: unknown labware {word!r}", hint(word, CATALOGUE, _KNOWN))
        return DEFAULT_LABWARE

    def _fits(self, volume: float, labware: str, path: tuple[str, ...], what: str) -> None:
        capacity = CATALOGUE[labware].capacity
        if volume > capacity * (1 + 1e-9):
            message = f"{what} would begin with {volume:g} mL; {labware} holds {capacity:g} mL"
            self.findings.add("E601", place_at_path(self.node, path), message, "Correct volume or labware.")

    def _contents(self, name: str, contents: Mapping[str, object]) -> dict[str, Interval]:
        found = {}
        for material, value in contents.items():
            volume = self._amount(name, material, value, "volume")
            if volume is not None:
                found[material] = Interval.around(volume.in_("mL"), relative=UNCERTAINTY)
            solid = (
                isinstance(value, dict) and "mass" in value
            )  # which has no volume of its own in the ledger
            if volume is None and not solid and not isinstance(value, str):
                place = place_at_path(self.node, ("vessels", name, "contents", material))
                message = f"vessel {name}: neither a volume nor a mass of {material}"
                self.findings.add("E301", place, message, "Write it like 20 mL, or {mass: 0.3 g}.")
        return found

    def _solids(self, name: str, contents: Mapping[str, object]) -> float:
        """Return the mass of the solids that are stated, g."""
        solids = [
            self._amount(name, material, value, "mass")
            for material, value in contents.items()
            if isinstance(value, dict) and "mass" in value
        ]
        return sum(one.in_("g") for one in solids if one is not None)

    def _amount(self, name: str, material: str, value: object, dimension: str) -> Quantity | None:
        """Return how much of a material is stated, None if that is not said, or wrong (noted)."""
        path = ["vessels", name, "contents", material]
        if isinstance(value, dict):
            path.append(dimension)
            value = value.get(dimension)
        if value is None:
            return None
        quantity = as_value(value)
        if isinstance(quantity, Quantity) and quantity.dimension == dimension:
            return quantity
        example = "20 mL" if dimension == "volume" else "0.3 g"
        message = f"vessel {name}: {value!r} is no {dimension} of {material}"
        self.findings.add("E301", place_at_path(self.node, path), message, f"Write it like {example}.")
        return None

    def _places_taken_twice(self) -> None:
        taken: dict[str, str] = {}
        uses = [(entry.place, name, ("stock", name, "in")) for name, entry in self.lab.stock.items()]
        uses += [
            (one.at, name, ("vessels", name, "at"))
            for name, one in self.lab.vessels.items()
            if one.at is not None
        ]
        for place, name, path in uses:
            first = taken.setdefault(place, name)
            if first != name:
                message = f"{name} begins at {place}, where {first} is already"
                self.findings.add("E508", place_at_path(self.node, path), message)


def check_vessels(draft: Draft, lab: LabFile, findings: Findings) -> None:
    """Note vessels of the protocol that the lab does not have, or has in another labware."""
    there = {normal_name(name): entry for name, entry in lab.vessels.items()}
    for name, need in draft.header.vessels.items():
        if need.labware is not None and need.labware not in CATALOGUE:
            place = place_at_path(draft.node, ("vessels", name, "labware"))
            message = f"vessel {name}: unknown labware {need.labware!r}"
            findings.add("E205", place, message, hint(need.labware, CATALOGUE, _KNOWN))
        entry = there.get(normal_name(name))
        if entry is None:
            otherwise = f"Add `{name}: {{at: ..., labware: ...}}` under `vessels:` in the lab file."
            place = key_place(draft.node, ("vessels", name))
            findings.add("E204", place, f"the lab has no vessel {name!r}", hint(name, lab.vessels, otherwise))
        elif entry.labware is not None and need.labware in CATALOGUE and entry.labware != need.labware:
            place = place_at_path(draft.node, ("vessels", name, "labware"))
            findings.add(
                "E507", place, f"vessel {name} must be a {need.labware}, the lab has a {entry.labware}"
            )
    named = {normal_name(name) for name in draft.header.vessels}
    mine = [entry for name, entry in there.items() if name in named]
    if mine and all(entry.at is None for entry in mine):
        findings.add(
            "W506", key_place(draft.node, ("vessels",)), "nobody knows where any of these vessels stands"
        )


def check_materials(draft: Draft, lab: LabFile, findings: Findings) -> None:
    """Note materials that the lab has neither in stock nor in a vessel."""
    there = {normal_name(name) for name in lab.stock}
    there |= {normal_name(name) for vessel in lab.vessels.values() for name in vessel.contents}
    for name in draft.header.materials:
        if normal_name(name) not in there:
            otherwise = "Add it under `stock:` in the lab file, with the bottle it is in."
            place = key_place(draft.node, ("materials", name))
            findings.add("E603", place, f"the lab has no {name!r} in stock", hint(name, lab.stock, otherwise))
