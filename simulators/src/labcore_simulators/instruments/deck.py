"""Where the gantry's places are, in mm: the standard deck, moved by the lab file and by options."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

REACH = 6.0
"""A place is under the head if its middle is not further away than this, mm."""


def standard() -> dict[str, tuple[float, float]]:
    """Return the standard deck."""
    deck = {f"bottle/{n}": (40.0 + 50 * (n - 1), 270.0) for n in range(1, 7)}
    deck |= {
        f"rack/{r}{c}": (40.0 + 35 * (c - 1), 30.0 + 35 * "ABCD".index(r))
        for r in "ABCD"
        for c in range(1, 7)
    }
    stations = {"stirrer": (320.0, 60.0), "stirrer/1": (320.0, 60.0), "stirrer/2": (380.0, 60.0)}
    return deck | stations | {"hotplate": (320.0, 160.0), "balance": (260.0, 160.0), "waste": (380.0, 270.0)}


def _moved(entries: Mapping[str, Any], key: str | None = None) -> dict[str, tuple[float, float]]:
    moved = {}
    for place, entry in entries.items():
        where = entry if key is None else (entry.get(key) if isinstance(entry, Mapping) else None)
        if where is not None:
            x, y = where
            moved[place] = (float(x), float(y))
    return moved


class Deck:
    """Places by name, with those that the lab knows first."""

    def __init__(self, lab: Mapping[str, Any], moved: Mapping[str, Any]) -> None:
        positions, stock = lab.get("positions") or {}, lab.get("stock") or {}
        bottles = {str(entry.get("in")): entry for entry in stock.values() if isinstance(entry, Mapping)}
        self.places = standard() | _moved(bottles, "xy") | _moved(positions, "xy") | _moved(moved)
        self.waste = {"waste", str(lab.get("waste") or "waste")}
        self.known = set(positions) | set(bottles)

    def under(self, x: float, y: float) -> list[str]:
        """Return the places under a head at (x, y): known to the lab first, then the nearest."""
        near = [(math.dist((x, y), where), place) for place, where in self.places.items()]
        return [place for far, place in sorted(near, key=self._rank) if far <= REACH]

    def is_waste(self, places: list[str]) -> bool:
        """Return whether one of `places` is the waste, which catches what drips from above."""
        return not self.waste.isdisjoint(places)

    def _rank(self, entry: tuple[float, str]) -> tuple[bool, float, str]:
        return entry[1] not in self.known, entry[0], entry[1]
