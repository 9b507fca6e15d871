"""Where places are on the deck, in mm of the machine's own coordinates."""

from __future__ import annotations

from collections.abc import Mapping

Point = tuple[float, float]


def standard_deck() -> dict[str, Point]:
    """Return the reference deck.

    Six bottles at the back, a rack of 4 x 6, two stirrers, hotplate, balance, waste.
    """
    deck: dict[str, Point] = {f"bottle/{n}": (40.0 + 50.0 * (n - 1), 270.0) for n in range(1, 7)}
    for row, letter in enumerate("ABCD"):
        for column in range(1, 7):
            deck[f"rack/{letter}{column}"] = (40.0 + 35.0 * (column - 1), 30.0 + 35.0 * row)
    deck |= {"stirrer": (320.0, 60.0), "stirrer/1": (320.0, 60.0), "stirrer/2": (380.0, 60.0)}
    return deck | {"hotplate": (320.0, 160.0), "balance": (260.0, 160.0), "waste": (380.0, 270.0)}


def find(places: Mapping[str, Point], place: str) -> Point | None:
    """Return the coordinates of a place.

    A part of a place ("stirrer/1") may stand for the whole ("stirrer").
    """
    if place in places:
        return places[place]
    return places.get(f"{place}/1")
