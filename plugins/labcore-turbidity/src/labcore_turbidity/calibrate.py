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

from .calibration import Added, Band, Calibration, Glow, Transfer, calibration
from .reactions import CASES, INNER_MM, find_world, reaction
from .vision.card import find_card
from .vision.change import BORDERS, Change, Kept, compare, keep
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
ADDED, MOST = (
    0.003,
    18.0,
)  # the same for light that came on top of a clear picture, to just beyond the scale's end


@dataclass(frozen=True)
class Seen:
    """What was seen of many pictures beside the true optical depth (a times diameter), and the run each belongs to."""

    depth: Numbers
    transfer: Numbers
    noise: Numbers
    glow: Numbers
    slant: Numbers
    run: NDArray[np.int64]


@dataclass(frozen=True)
class Changes:
    """The same for what had changed since the first picture of each run: one row a picture, one column a band."""

    depth: Numbers
    chord: Numbers
    transfer: Numbers
    noise: Numbers
    lift: Numbers
    glow: Numbers


def look_at_worlds() -> tuple[Seen, Changes]:
    """Look at the reactions of all calibration seeds; the first picture of each shows clear liquid."""
    world_of = find_world()
    rows: list[tuple[float, ...]] = []
    changes: list[tuple[float, Change]] = []
    for seed in SEEDS:
        kept: Kept | None = None
        for frame in reaction(world_of, seed, CASES[seed % len(CASES)], TIMES):
            picture = checked(frame.picture)
            gray = luma(picture)
            card = find_card(gray)
            look = None if card is None else read_before_card(picture, gray, linear(picture), card)
            if isinstance(look, CardLook) and look.transfer is not None and look.glow is not None:
                depth = frame.per_cm * INNER_MM / 10
                rows.append((depth, look.transfer, look.noise, look.glow, look.slant, seed))
                kept = kept or (None if card is None else keep(picture, card, look.place))
                change = None if kept is None else compare(kept, picture, look.place)
                if change is not None and len(change.bands) == len(BORDERS) - 1:
                    changes.append((depth, change))
    depth, transfer, noise, glow, slant, run = np.array(rows, dtype=np.float64).T
    return Seen(depth, transfer, noise, glow, slant, run.astype(np.int64)), _columns(changes)


def _columns(changes: list[tuple[float, Change]]) -> Changes:
    bands = np.array(
        [[(b.chord, b.transfer, b.noise, b.lift) for b in change.bands] for _, change in changes]
    )
    depth, glow = (np.array(values) for values in zip(*((d, c.glow) for d, c in changes), strict=True))
    chord, transfer, noise, lift = np.moveaxis(bands, 2, 0)
    return Changes(depth, chord, transfer, noise, lift, glow)


def fit(seen: Seen, changes: Changes, before: Calibration) -> Calibration:
    """Return the constants that describe what was seen; those for a dark ground stay."""
    return Calibration(
        fit_transfer(seen, before.transfer), fit_glow(seen),
        tuple(fit_band(changes, i) for i in range(changes.chord.shape[1])), fit_added(changes),
        before.dark_ground, before.usual_inner_mm, before.usual_inner_error,
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


def fit_band(changes: Changes, i: int) -> Band:
    """Fit ln transfer = -path * depth * chord + lift * ln brightness in one band, and its scatter.

    Bands are wrong together, where liquid is not yet mixed or a wall is found a little off: each counts for its share.
    """
    depth, transfer, noise = changes.depth * changes.chord[:, i], changes.transfer[:, i], changes.noise[:, i]
    good = (depth > 0.05) & (depth < STRAIGHT) & (transfer > 0.05)
    log = np.log(transfer[good])
    design = np.stack([-depth[good], changes.lift[good, i]], axis=1) * transfer[good, None]
    path, lift = (float(v) for v in np.linalg.lstsq(design, log * transfer[good], rcond=None)[0])
    off = (lift * changes.lift[good, i] - log) / depth[good] / path - 1
    thin, opaque = changes.depth < 1e-3, depth > OPAQUE - 1.5
    quiet = float(np.median(noise))
    return Band(
        BORDERS[i], path, lift,
        _beyond(_scatter(np.log(transfer[thin]), centred=False), quiet),
        _scatter(off[depth[good] > 0.15], centred=False) * float(np.sqrt(len(BORDERS) - 1)),
        _beyond(float(np.sqrt(np.mean(transfer[opaque] ** 2))), quiet),
    )  # fmt: skip


def _beyond(scatter: float, noise: float) -> float:
    """Return what of a scatter is not noise, a fifth of it at least."""
    return float(np.sqrt(max(scatter**2 - noise**2, (scatter / 5) ** 2)))


def fit_added(changes: Changes) -> Added:
    """Fit the light that came on top with the law of the glow, and its scatter where liquid is thick and thin."""
    good = (changes.depth > ADDED) & (changes.depth < MOST) & (changes.glow > 0)
    depth = changes.depth[good]
    law, off = _fit_law(depth, changes.glow[good], np.ones_like(depth))
    thick, thin = (_scatter(off[part], centred=False) for part in (depth > 4, depth < 0.5))
    clear = _scatter(changes.glow[changes.depth < 1e-5], centred=False)
    return Added(*law, thick, max(0.0, thin - thick), clear / 5)


def fit_glow(seen: Seen) -> Glow:
    """Fit the law of the glow and its scatter."""
    good = (seen.depth > VISIBLE) & (seen.glow > 0)
    depth = seen.depth[good]
    law, off = _fit_law(depth, seen.glow[good], depth**0.25)  # thin suspensions scatter widest about the law
    thin, thick = _scatter(off[depth < 0.4], centred=False), _scatter(off[depth > 4], centred=False)
    fade = np.log(thin / thick) / np.log(np.median(depth[depth > 4]) / np.median(depth[depth < 0.4]))
    at_one = thick * np.median(depth[depth > 4]) ** fade
    return Glow(*law, 0.0, float(at_one), float(fade), _scatter(seen.glow[seen.depth < 1e-3]))


def _fit_law(depth: Numbers, glow: Numbers, weight: Numbers) -> tuple[tuple[float, float, float], Numbers]:
    """Fit glow = full x / (1 + x), x = (per_depth * depth) ** power, by Gauss-Newton; return also ln of what is off."""
    at = np.log(np.array([float(glow.max()), 0.25, 1.0]))
    seenlog = np.log(glow)
    for _ in range(30):
        jacobian = np.stack(
            [(_law(at + d, depth) - _law(at - d, depth)) / 2e-4 for d in 1e-4 * np.eye(3)], axis=1
        )
        off = seenlog - _law(at, depth)
        robust = weight / np.sqrt(1 + (weight * off / 0.2) ** 2)
        at = at + np.linalg.lstsq(jacobian * robust[:, None], off * robust, rcond=None)[0]
    full, per_depth, power = (float(v) for v in np.exp(at))
    return (full, per_depth, power), seenlog - _law(at, depth)


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
    seen, changes = look_at_worlds()
    record = {
        "provenance": {
            "made_by": "python -m labcore_turbidity.calibrate",
            "world": f"labcore-simulators {version('labcore-simulators')}, entry point bench",
            "seeds": f"{SEEDS.start} to {SEEDS.stop - 1}, one reaction each, 40 mL in a 50 mL vial",
            "pictures": int(seen.depth.size),
            "not_fitted": "usual_slant, noise, chord, dark_ground, usual_inner_mm, usual_inner_error",
        },
        **_rounded(asdict(fit(seen, changes, calibration()))),
    }
    text = json.dumps(record, indent=2) + "\n"
    if chosen.write is None:
        print(text, end="")
    else:
        chosen.write.write_text(text, encoding="utf-8")


def _rounded(data: dict[str, Any]) -> dict[str, Any]:
    return {
        k: _rounded(v) if isinstance(v, dict) else [_rounded(one) for one in v] if isinstance(v, tuple)
        else float(f"{v:.4g}") for k, v in data.items()
    }  # fmt: skip


if __name__ == "__main__":
    main()
