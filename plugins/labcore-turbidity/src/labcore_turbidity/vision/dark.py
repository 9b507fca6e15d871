"""Read vials that stand before a dark ground, lit from the side: what shines is turbid, or foam, or solid."""

from __future__ import annotations

import numpy as np

from .arrays import Gray
from .look import DarkLook, NoLook
from .strip import WIDTH, Strip, straighten
from .vessels import Vessel, find_vessels
from .zones import Contents, Layer, read_contents

BLACK = 0.05  # of full light: a ground brighter than this is no dark ground
WHITE = 98.0  # percentile of a vial's light that stands for white: glass rims, stir bar, solid
UNEVEN = 0.15  # of the glow: reflections that the ground beside a vial does not show


def read_dark(gray: Gray, light: Gray) -> list[DarkLook | NoLook]:
    """Look at every vial from left to right."""
    seen = []
    for vessel in find_vessels(gray):
        contents = read_contents(straighten(gray, vessel))
        if contents.layers > 1:
            seen.append((vessel, straighten(light, vessel), contents))
    if not seen:
        return [NoLook((), ("no_vial", "no_card"))]
    white = max(float(np.percentile(strip.light, WHITE)) for _, strip, _ in seen)
    return [_look(light, vessel, strip, contents, white) for vessel, strip, contents in seen]


def _look(light: Gray, vessel: Vessel, strip: Strip, contents: Contents, white: float) -> DarkLook | NoLook:
    vial = strip.outline(0, strip.rows)
    flags = ("no_card", *contents.flags)
    if contents.liquid is None:
        return NoLook(vial, flags)
    layer = contents.liquid
    block = strip.core()[layer.top : layer.bottom]
    ground = _ground(light, vessel, strip, layer)
    if ground > BLACK:
        return NoLook(vial, (*flags, "bright_ground"))
    own = float(np.median(block)) - ground
    spread = float(np.subtract(*np.percentile(block, (75, 25)))) / 2
    liquid = strip.outline(layer.top, layer.bottom, 0.17)
    pixels = int(block.size * (vessel.width / WIDTH) ** 2)
    return DarkLook(
        max(0.0, own) / white, (UNEVEN * spread + 0.1 * ground) / white, pixels, vial, liquid, flags
    )


def _ground(light: Gray, vessel: Vessel, strip: Strip, layer: Layer) -> float:
    """Return the darker of both sides beside the liquid: what would be seen through clear liquid."""
    corners = strip.outline(layer.top, layer.bottom)
    rows = slice(max(0, int(corners[0][1])), max(1, int(corners[2][1])))
    wide = vessel.width
    spans = (
        (corners[0][0] - 0.3 * wide, corners[0][0] - 0.08 * wide),
        (corners[1][0] + 0.08 * wide, corners[1][0] + 0.3 * wide),
    )
    sides = [light[rows, max(0, int(a)) : max(0, int(b))] for a, b in spans]
    return min((float(np.median(side)) for side in sides if side.size), default=0.0)
