"""What one look at a picture tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from .vision.change import Kept

__all__ = ["Corners", "Quality", "Reading", "Reference", "Regions"]

Quality: TypeAlias = Literal["good", "doubtful", "bad"]
Corners: TypeAlias = tuple[tuple[float, float], ...]
"""Corner points (x, y) in pixels of the picture, clockwise from the top left."""


@dataclass(frozen=True)
class Regions:
    """Where the reading was taken, for an overlay: outlines in pixels, and how many pixels were used."""

    vial: Corners = ()
    liquid: Corners = ()
    pixels: int = 0


@dataclass(frozen=True)
class Reading:
    """Turbidity of the liquid in one vial: T from 0 to 5 with its 90 % interval; None where nothing could be read.

    `attenuation_per_cm` belongs to `value` (550 nm). Flags are listed in docs/reference/turbidity.md.
    """

    value: float | None
    low: float | None
    high: float | None
    attenuation_per_cm: float | None
    quality: Quality
    flags: tuple[str, ...] = ()
    regions: Regions = Regions()


@dataclass(frozen=True)
class Reference:
    """What a clear picture of the same vial told: contrast of the card through clear liquid, its stray light, its light.

    `transfer` is relative to the card beside the vial, `glow` to the white patch. A later picture is read against
    them, so that glass, place and most of the light cancel out. `kept` are pixels of the picture itself, for a later one
    to be compared with (None where too little of the card stands beside the vial).
    """

    transfer: float
    glow: float
    kept: Kept | None = field(default=None, compare=False, repr=False)
