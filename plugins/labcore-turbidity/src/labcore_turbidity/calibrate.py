"""Fit the constants of the optical model and write the calibration record: `python -m labcore_turbidity.calibrate`.

Uses the simulated world's truth on seeds 0 to 19, one picture of each reaction every 15 s. What is fitted is the law
and its scatter; no picture's number enters the record. The constants for a dark ground are set, not fitted.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .calibration import Calibration, Glow, Transfer, calibration
from .reactions import CASES, INNER_MM, find_world, reaction
from .vision.card import find_card
from .vision.look import CardLook
from .vision.pixels import checked, linear, luma
from .vision.transfer import read_before_card

__all__ = ["fit"]

Numbers = NDArray[np.floating[Any]]
SEEDS = range(20)
TIMES = np.arange(5.0, 800.0, 15.0).tolist()
STRAIGHT = 2.0  # optical depth up to which the logarithm of the transfer is fitted
OPAQUE = 8.0  # optical depth from which on all transfer is noise
VISIBLE = 0.02  # optical depth from which on the glow is fitted


@dataclass(frozen=True)
class Seen:
    """What was seen of many pictures beside the true optical depth (a times diameter), and the run each belongs to."""

    depth: Numbers
    transfer: Numbers
    noise: Numbers
    glow: Numbers
    slant: Numbers
    run: NDArray[np.int64]


def look_at_worlds() -> Seen:
    """Look at the reactions of all calibration seeds."""
    world_of = find_world()
    rows = []
    for seed in SEEDS:
        for frame in reaction(world_of, seed, CASES[seed % len(CASES)], TIMES):
            picture = checked(frame.picture)
            gray = luma(picture)
            card = find_card(gray)
            look = None if card is None else read_before_card(picture, gray, linear(picture), card)
            if isinstance(look, CardLook) and look.transfer is not None and look.glow is not None:
                depth = frame.per_cm * INNER_MM / 10
                rows.append((depth, look.transfer, look.noise, look.glow, look.slant, seed))
    depth, transfer, noise, glow, slant, run = np.array(rows, dtype=np.float64).T
    return Seen(depth, transfer, noise, glow, slant, run.astype(np.int64))


def fit(seen: Seen, before: Calibration) -> Calibration:
    """Return the constants that describe what was seen; those for a dark ground stay."""
    return Calibration(
        fit_transfer(seen, before.transfer), fit_glow(seen), before.dark_ground,
        before.usual_inner_mm, before.usual_inner_error,
    )  # fmt: skip


def fit_transfer(seen: Seen, before: Transfer) -> Transfer:
    """Fit ln transfer = clear + slant ln(s / usual) - path * depth, and its scatter with and without a reference."""
    lean = np.log(seen.slant / before.usual_slant)
    good = (seen.depth < STRAIGHT) & (seen.transfer > 0.1)
    ones = np.ones(int(good.sum()))
    design = np.stack([ones, lean[good], -seen.depth[good]], axis=1) * seen.transfer[good, None]
    found = np.linalg.lstsq(design, np.log(seen.transfer[good]) * seen.transfer[good], rcond=None)[0]
    clear, slant, path = (float(v) for v in found)
    off = np.log(np.maximum(seen.transfer, 1e-6)) - (clear + slant * lean - path * seen.depth)
    thin, hazy, middle = seen.depth < 0.3, (seen.depth > 0.03) & (seen.depth < 0.6), good & (seen.depth > 0.7)
    own = off - _of_clear(seen, off)
    error = _scatter(off[thin])
    opaque = _scatter(seen.transfer[seen.depth > OPAQUE])
    noise = before.noise * float(np.median(seen.noise[seen.depth > OPAQUE]))
    return Transfer(
        clear, path, slant, before.usual_slant, error, _scatter(own[hazy], centred=False),
        float(np.sqrt(max(0.0, np.mean((off[middle] / seen.depth[middle] / path) ** 2)
                          - np.mean((error / seen.depth[middle] / path) ** 2)))),
        float(np.sqrt(max(opaque**2 - noise**2, 0.003**2))), before.noise,
    )  # fmt: skip


def _of_clear(seen: Seen, off: Numbers) -> Numbers:
    """Return for each picture how far off the clear pictures of its run were: what a reference takes away."""
    clear = {
        run: float(np.median(off[(seen.run == run) & (seen.depth < 1e-3)])) for run in np.unique(seen.run)
    }
    return np.array([clear[run] for run in seen.run])


def fit_glow(seen: Seen) -> Glow:
    """Fit glow = full x / (1 + x), x = (per_depth * depth) ** power, by Gauss-Newton, and its scatter."""
    good = (seen.depth > VISIBLE) & (seen.glow > 0)
    at = np.log(np.array([0.5, 0.25, 1.0]))
    seenlog, depth = np.log(seen.glow[good]), seen.depth[good]
    weight = depth**0.25  # thin suspensions scatter widest about the law
    for _ in range(30):
        jacobian = np.stack(
            [(_law(at + d, depth) - _law(at - d, depth)) / 2e-4 for d in 1e-4 * np.eye(3)], axis=1
        )
        off = seenlog - _law(at, depth)
        robust = weight / np.sqrt(1 + (weight * off / 0.2) ** 2)
        at = at + np.linalg.lstsq(jacobian * robust[:, None], off * robust, rcond=None)[0]
    full, per_depth, power = (float(v) for v in np.exp(at))
    off = seenlog - _law(at, depth)
    thin, thick = _scatter(off[depth < 0.4], centred=False), _scatter(off[depth > 4], centred=False)
    fade = np.log(thin / thick) / np.log(np.median(depth[depth > 4]) / np.median(depth[depth < 0.4]))
    at_one = thick * np.median(depth[depth > 4]) ** fade
    return Glow(
        full, per_depth, power, 0.0, float(at_one), float(fade), _scatter(seen.glow[seen.depth < 1e-3])
    )


def _law(at: Numbers, depth: Numbers) -> Numbers:
    """Return ln glow for the logarithms of full, per_depth and power."""
    y = np.exp(at[2]) * (np.log(depth) + at[1])
    law: Numbers = at[0] + y - np.log1p(np.exp(y))
    return law


def _scatter(values: Numbers, *, centred: bool = True) -> float:
    """Return a spread that a few outliers cannot move: 68 % of the values lie within."""
    return float(np.percentile(np.abs(values - (np.median(values) if centred else 0.0)), 68.27))


def main(argv: Sequence[str] | None = None) -> None:
    """Fit, and write the record to the file named (default: print it)."""
    parser = argparse.ArgumentParser(prog="python -m labcore_turbidity.calibrate", description=__doc__)
    parser.add_argument(
        "--write", type=Path, help="file to write, for example src/labcore_turbidity/calibration.json"
    )
    chosen = parser.parse_args(argv)
    seen = look_at_worlds()
    record = {
        "provenance": {
            "made_by": "python -m labcore_turbidity.calibrate",
            "world": f"labcore-simulators {version('labcore-simulators')}, entry point bench",
            "seeds": f"{SEEDS.start} to {SEEDS.stop - 1}, one reaction each, 40 mL in a 50 mL vial",
            "pictures": int(seen.depth.size),
            "not_fitted": "usual_slant, noise, dark_ground, usual_inner_mm, usual_inner_error",
        },
        **_rounded(asdict(fit(seen, calibration()))),
    }
    text = json.dumps(record, indent=2) + "\n"
    if chosen.write is None:
        print(text, end="")
    else:
        chosen.write.write_text(text, encoding="utf-8")


def _rounded(data: dict[str, Any]) -> dict[str, Any]:
    return {k: _rounded(v) if isinstance(v, dict) else float(f"{v:.4g}") for k, v in data.items()}


if __name__ == "__main__":
    main()
