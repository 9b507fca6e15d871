"""What a picture shows of one vial, before it is judged: numbers without a calibration."""

from __future__ import annotations

from dataclasses import dataclass

from ..reading import Corners
from .change import Place


@dataclass(frozen=True)
class CardLook:
    """A vial before a card. Light is relative to the white patch.

    `transfer` is the checks' contrast through the liquid over that beside the vial (None where too little of them is
    behind it), `noise` its error; `glow` the light the liquid itself sends, before black (`glow_error`: its error);
    `slant` the checks' contrast over the white patch: it tells from which side the light comes; `place` where the vial
    stands, and the rows of all its liquid before the card.
    """

    transfer: float | None
    noise: float
    glow: float | None
    glow_error: float
    slant: float
    place: Place
    pixels: int
    vial: Corners
    liquid: Corners
    flags: tuple[str, ...]


@dataclass(frozen=True)
class DarkLook:
    """A vial before a dark ground: the liquid's light over the brightest white of the picture, and its error."""

    glow: float
    error: float
    pixels: int
    vial: Corners
    liquid: Corners
    flags: tuple[str, ...]


@dataclass(frozen=True)
class NoLook:
    """Nothing that could be read, and why."""

    vial: Corners
    flags: tuple[str, ...]
