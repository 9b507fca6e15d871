"""Pictures with known truth: whole reactions in a simulated world, for calibration and evaluation.

The world is found through the entry-point group `labcore.worlds`; nothing of it is imported by name, and its truth only
scores readings or fits the few constants of the calibration record. Seeds 0 to 19 are for calibration, 0 to 199 and 1000
to 1999 for development; the evaluation begins at 3000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from .vision.arrays import Picture

__all__ = ["CASES", "INNER_MM", "Case", "Frame", "find_world", "reaction"]

INNER_MM = 35.0  # of the 50 mL vial in which all reactions run
ZERO = 100.0  # world time in s at which the second monomer has come in
HALF_ML = 20.0


@dataclass(frozen=True)
class Case:
    """A reaction: final concentration of each monomer in mmol/L, scale of the vial's offset in mm, stirring in rpm."""

    concentration: float
    offset: float
    rpm: float


CASES = (
    Case(5.0, 0.7, 300), Case(2.5, 3.0, 500), Case(1.25, 0.7, 300), Case(5.0, 3.0, 800), Case(2.5, 0.7, 300),
    Case(1.25, 3.0, 500),
)  # fmt: skip


@dataclass(frozen=True)
class Frame:
    """One picture of a reaction, its time in s after the second monomer, and the world's truth."""

    picture: Picture
    time: float
    truth: float
    per_cm: float


def find_world(name: str = "bench") -> Callable[..., Any]:
    """Return the factory of a simulated world; raises LookupError where none of that name is installed."""
    for entry in entry_points(group="labcore.worlds", name=name):
        factory: Callable[..., Any] = entry.load()
        return factory
    raise LookupError(f"no simulated world named {name!r} is installed: install labcore-simulators")


def reaction(world_of: Callable[..., Any], seed: int, case: Case, times: Sequence[float]) -> Iterator[Frame]:
    """Yield the pictures of one reaction at ascending `times`, s after the second monomer; negative ones come before."""
    world = world_of(_bench(case), seed=seed)
    world.lift("rack/A1", 0.0, by="robot")
    world.put("reactor", "stirrer", 5.0, by="robot")
    world.pour("reactor", world.draw("bottle/1", HALF_ML, 10.0, by="robot"), 20.0, by="robot")
    world.set_stirring("stirrer", case.rpm, 30.0)
    poured = False
    for time in times:
        if time >= 0 and not poured:
            world.pour("reactor", world.draw("bottle/2", HALF_ML, ZERO - 5, by="robot"), ZERO, by="robot")
            poured = True
        truth = world.truth("reactor", ZERO + time)
        picture = world.picture("stirrer", ZERO + time, camera="camera")
        yield Frame(picture, time, float(truth["turbidity"]), float(truth["attenuation_per_cm"]))


def _bench(case: Case) -> dict[str, Any]:
    stock = {
        name: {"in": bottle, "volume": "250 mL", "solute": solute, "solvent": "acetone",
               "concentration": f"{2 * case.concentration:g} mmol/L"}
        for name, bottle, solute in (
            ("diamine solution", "bottle/1", "4,4'-oxydianiline"),
            ("dianhydride solution", "bottle/2", "pyromellitic dianhydride"),
        )
    }  # fmt: skip
    return {
        "lab": "turbidity evaluation",
        "stock": stock,
        "positions": {
            "rack/A1": {"fits": "vial-50ml"},
            "stirrer": {"fits": "vial-50ml", "seen_by": "camera"},
        },
        "vessels": {"reactor": {"at": "rack/A1", "labware": "vial-50ml", "empty": True}},
        "world": {
            "placement": {"robot": {"offset": f"{case.offset:g} mm", "tilt": 2.0 if case.offset > 1 else 0.5}}
        },
    }
