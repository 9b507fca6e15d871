"""Light, camera and their errors: one draw a seed and camera, within a normal range.

The lab file may fix any of them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ..errors import WorldError


@dataclass(frozen=True, slots=True)
class Conditions:
    """`light` and `noise` relative, `side` -1 (from the left) to 1, shifts and blur in pixels at 640 wide.

    `red` and `blue` are white-balance gains; `vignette` is the loss of light in the corners; `flicker` the
    relative change of the light from picture to picture.
    """

    light: float = 1.0
    side: float = -0.5
    noise: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    blur: float = 0.9
    red: float = 1.0
    blue: float = 1.0
    vignette: float = 0.2
    flicker: float = 0.01


def conditions(seed: int, camera: str, fixed: Mapping[str, Any]) -> Conditions:
    """Draw the conditions of one camera.

    Light +-20 %, noise 0.6-1.6, shift up to 5 px, balance +-6 %, either side.
    """
    known = {each.name for each in fields(Conditions)}
    unknown = sorted(set(fixed) - known)
    if unknown:
        raise WorldError(f"world.camera: unknown {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    source = random.Random(f"camera:{seed}:{camera}")
    drawn = Conditions(
        light=source.uniform(0.8, 1.2),
        side=source.choice((-1, 1)) * source.uniform(0.2, 0.8),
        noise=source.uniform(0.6, 1.6),
        shift_x=source.uniform(-5, 5),
        shift_y=source.uniform(-5, 5),
        blur=source.uniform(0.6, 1.3),
        red=source.uniform(0.94, 1.06),
        blue=source.uniform(0.94, 1.06),
        vignette=source.uniform(0.1, 0.3),
        flicker=source.uniform(0.003, 0.015),
    )
    return replace(drawn, **{name: float(value) for name, value in fixed.items()})
