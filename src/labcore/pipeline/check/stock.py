"""What the protocol calls a material against what the lab says is in the bottle."""

from __future__ import annotations

from labcore.model.characters import one_spelling
from labcore.model.names import normal_name
from labcore.model.quantity import Quantity
from labcore.pipeline.check.subject import Subject
from labcore.pipeline.draft import place_at_path
from labcore.pipeline.scope import as_value

COMPARED = ("solute", "concentration", "solvent")


def check_stock(subject: Subject) -> None:
    """Note stock that differs from the material the protocol means."""
    lab = subject.plan.lab
    materials = {normal_name(name): entry for name, entry in subject.plan.materials.items()}
    for name, entry in lab.stock.items():
        wanted = materials.get(normal_name(name), {})
        there = entry.model_extra or {}
        for key in COMPARED:
            want, found = wanted.get(key), there.get(key)
            if want is None or found is None or _same(want, found):
                continue
            place = place_at_path(subject.resolved.lab_node, ("stock", name, key))
            message = f"stock {name}: {key} is {found}, the protocol means {want}"
            subject.findings.add("W607", place, message)


def _same(want: object, found: object) -> bool:
    one, other = as_value(want), as_value(found)
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return one == other
    return _words(want) == _words(found)


def _words(value: object) -> str:
    return " ".join(one_spelling(str(value)).casefold().split())
