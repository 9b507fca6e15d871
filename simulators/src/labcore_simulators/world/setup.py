"""The bench at its beginning, as the lab file tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import placement
from .dissolution import Solid, solid
from .errors import WorldError
from .labware import labware
from .liquid import Liquid
from .materials import Material, material
from .quantities import lookup, read
from .rules import Rules, rules
from .vessel import Vessel

WASTE = "waste"
Entries = Mapping[str, Mapping[str, Any]]


def beginning(lab: Mapping[str, Any], seed: int) -> tuple[Rules, dict[str, Vessel]]:
    """Return the rules and every vessel by name.

    Raise `WorldError` for what the bench cannot make sense of.
    """
    world: Mapping[str, Any] = lab.get("world") or {}
    stock: Entries = lab.get("stock") or {}
    vessels: Entries = {name: entry or {} for name, entry in (lab.get("vessels") or {}).items()}
    more: Entries = world.get("materials") or {}
    materials = {name: material(name, {**entry, **more.get(name, {})}) for name, entry in stock.items()}
    materials |= {name: material(name, entry) for name, entry in more.items() if name not in stock}
    solids = {
        each.name: each for each in (_solid(name, entry, world) for name, entry in vessels.items()) if each
    }
    bench = rules(world, materials, solids)
    made = [_bottle(name, entry, bench) for name, entry in stock.items()]
    made += [_vessel(name, entry, bench, lab, seed) for name, entry in vessels.items()]
    return bench, _checked(made, lab)


def _checked(made: list[Vessel], lab: Mapping[str, Any]) -> dict[str, Vessel]:
    waste = str(lab.get("waste") or WASTE)
    if all(waste not in (each.place, each.name) for each in made):
        made = [*made, Vessel(waste, labware("waste-5l", where="waste"), place=waste)]
    names: dict[str, Vessel] = {}
    places: dict[str | None, str] = {}
    for each in made:
        if each.name in names or each.place in places:
            other = places.get(each.place, each.name)
            raise WorldError(
                f"the lab puts two vessels at one place or under one name: {each.name!r}, {other!r}"
            )
        names[each.name], places[each.place] = each, each.name
    return names


def _bottle(name: str, entry: Mapping[str, Any], bench: Rules) -> Vessel:
    where = f"stock.{name}"
    volume = lookup(entry, "volume", "mL", 250.0, where=where)
    kind = labware(
        str(entry.get("labware") or ("bottle-250ml" if volume <= 250 else "bottle-500ml")), where=where
    )
    place = str(entry.get("in") or name)
    if volume > kind.capacity:
        kind = replace(kind, capacity=volume)
    liquid = bench.materials[name].portion(volume, bench.ambient)
    return Vessel(place, kind, closed=True, place=place, core=liquid, temperature=bench.ambient)


def _vessel(name: str, entry: Mapping[str, Any], bench: Rules, lab: Mapping[str, Any], seed: int) -> Vessel:
    where = f"vessels.{name}"
    place = entry.get("at")
    kind = labware(str(entry.get("labware") or "vial-50ml"), where=f"{where}.labware")
    station = ((lab.get("positions") or {}).get(place) or {}).get("station")
    stands = placement.draw(bench.placement["person"], seed=seed, act=-1 - sum(map(ord, name)))
    vessel = Vessel(
        name,
        kind,
        closed=bool(entry.get("closed", False)),
        place=None if place is None else str(place),
        placed=stands if station else placement.Placed(),
        temperature=bench.ambient,
    )
    return replace(vessel, core=_contents(entry, bench, where), bed=_powder(entry, bench, where))


def _contents(entry: Mapping[str, Any], bench: Rules, where: str) -> Liquid:
    liquid = Liquid(temperature=bench.ambient)
    for name, volume in (entry.get("contents") or {}).items():
        if name == "solid":
            continue
        known = bench.materials.get(name) or Material(name, name, {}, {})
        liquid = liquid.plus(
            known.portion(read(volume, "mL", where=f"{where}.contents.{name}"), bench.ambient)
        )
    return liquid


def _powder_entry(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = (entry.get("contents") or {}).get("solid") or entry.get("solid")
    return found if isinstance(found, Mapping) else None


def _solid(name: str, entry: Mapping[str, Any], world: Mapping[str, Any]) -> Solid | None:
    powder = _powder_entry(entry)
    return (
        None
        if powder is None
        else solid(powder, world.get("dissolution") or {}, where=f"vessels.{name}.solid")
    )


def _powder(entry: Mapping[str, Any], bench: Rules, where: str) -> Liquid:
    powder = _powder_entry(entry)
    if powder is None:
        return Liquid()
    name = str(powder.get("name", "solid"))
    grams = lookup(powder, "mass", "g", 0.0, where=f"{where}.solid")
    return (
        Liquid(solids={name: grams}, grains={name: bench.solids[name].grains(grams)})
        if grams > 0
        else Liquid()
    )
