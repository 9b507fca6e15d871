"""Hold readings against a simulated world's truth, and print the table: `python -m labcore_turbidity.evaluate`.

The world is found through the entry-point group `labcore.worlds`; nothing of it is imported by name, and its truth is
used to score readings, never to make them. Seeds 0 to 19 belong to calibration; an evaluation starts at 1000.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

import numpy as np

from .measure import measure, reference_from
from .reading import Reading, Reference
from .scale import turbidity
from .vision.arrays import Picture

__all__ = ["Frame", "Score", "evaluate", "reaction", "score"]

CASES: tuple[tuple[float, float], ...] = ((5.0, 0.7), (2.5, 0.7), (1.25, 0.7), (5.0, 3.0), (2.5, 3.0), (1.25, 3.0))
"""Final concentration of each monomer in mmol/L, and scale of the vial's offset in mm."""
INNER_MM = 35.0
SATURATED = 4.0  # scale units: what lies above is left out of the rank correlation


@dataclass(frozen=True)
class Frame:
    """One picture of a reaction, its time in s and the world's truth."""

    picture: Picture
    time: float
    truth: float
    per_cm: float


@dataclass(frozen=True)
class Score:
    """How readings compare with the truth."""

    frames: int
    read: int
    mean_error: float
    bias: float
    spearman: float
    coverage: float
    width: float


def bench(concentration: float, offset: float) -> dict[str, Any]:
    """Return a lab for one reaction of 40 mL: two stock solutions of twice the final concentration, one vial."""
    stock = f"{2 * concentration:g} mmol/L"
    return {
        "lab": "turbidity evaluation",
        "stock": {
            "diamine solution": {"in": "bottle/1", "volume": "250 mL", "solute": "4,4'-oxydianiline",
                                 "concentration": stock, "solvent": "acetone"},
            "dianhydride solution": {"in": "bottle/2", "volume": "250 mL", "solute": "pyromellitic dianhydride",
                                     "concentration": stock, "solvent": "acetone"},
        },
        "positions": {"rack/A1": {"fits": "vial-50ml"}, "stirrer": {"fits": "vial-50ml", "seen_by": "camera"}},
        "vessels": {"reactor": {"at": "rack/A1", "labware": "vial-50ml", "empty": True}},
        "world": {"placement": {"robot": {"offset": f"{offset:g} mm", "tilt": 2 if offset > 1 else 0.5}}},
    }  # fmt: skip


def reaction(
    make: Callable[..., Any], seed: int, concentration: float, offset: float, *, times: Sequence[float]
) -> Iterator[Frame]:
    """Yield pictures of one reaction at `times` (s after the second monomer; negative: one monomer only)."""
    world = make(bench(concentration, offset), seed=seed)
    world.lift("rack/A1", 0.0, by="robot")
    world.put("reactor", "stirrer", 5.0, by="robot")
    world.pour("reactor", world.draw("bottle/1", 20.0, 10.0, by="robot"), 20.0, by="robot")
    world.set_stirring("stirrer", 300.0, 30.0)
    zero = 100.0
    poured = False
    for time in times:
        if time >= 0 and not poured:
            world.pour("reactor", world.draw("bottle/2", 20.0, zero - 5, by="robot"), zero, by="robot")
            poured = True
        now = zero + time
        truth = world.truth("reactor", now)
        picture = world.picture("stirrer", now, camera="camera")
        yield Frame(picture, time, float(truth["turbidity"]), float(truth["attenuation_per_cm"]))
