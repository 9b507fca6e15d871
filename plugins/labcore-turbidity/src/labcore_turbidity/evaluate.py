"""Hold readings against a simulated world's truth, and print the table: `python -m labcore_turbidity.evaluate`.

Saturation begins where the scale ends: T = 5, an attenuation of 5 per cm. The rank correlation is Spearman's over all
frames whose truth lies below; equal values share their mean rank, and nothing else counts as a tie.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .judge import measure, reference_from
from .posterior import FINE
from .reactions import CASES, INNER_MM, Frame, find_world, reaction
from .reading import Reading, Reference
from .vision.arrays import Picture

__all__ = ["CONDITIONS", "Pair", "Score", "read_all", "score"]

Numbers = NDArray[np.floating[Any]]
SATURATED = 5.0  # scale units: the scale's end; what lies there is left out of the rank correlation
INNER = (0.05, 4.9)  # scale units: between them an interval cannot cover by lying at an end of the scale


@dataclass(frozen=True)
class Pair:
    """The truth of one picture, 0 to 5, and what was read."""

    truth: float
    reading: Reading


@dataclass(frozen=True)
class Score:
    """How readings compare with the truth; errors and width in scale units, coverage of the stated 90 % interval.

    `inner_coverage` is that of the frames between 0.05 and 4.9, where an interval cannot cover by lying at the end.
    `ceiling` is the rank correlation of the truth itself, written in the finest steps of a value: many frames before
    nucleation have truths between 0 and 1e-5, whose order nobody can see.
    """

    frames: int
    unread: int
    mean_error: float
    bias: float
    spearman: float
    ceiling: float
    coverage: float
    inner_coverage: float
    width: float


def as_drawn(picture: Picture) -> Picture:
    """Return the picture as it is."""
    return picture


def _lit(gain: Callable[[int], Numbers]) -> Callable[[Picture], Picture]:
    """Return a change of light: a gain a column on linear light, through the sRGB curve's power law."""

    def change(picture: Picture) -> Picture:
        light = (picture / 255.0) ** 2.2 * gain(picture.shape[1])[None, :, None]
        return np.round(255 * np.clip(light, 0, 1) ** (1 / 2.2)).astype(np.uint8)

    return change


def shifted(picture: Picture) -> Picture:
    """Return the picture moved 5 pixels right and 5 up, edges repeated."""
    return np.pad(picture, ((0, 5), (5, 0), (0, 0)), mode="edge")[5:, :-5]


def noisy(picture: Picture) -> Picture:
    """Return the picture with noise of 3 grey levels added: the same for the same picture, another for another."""
    noise = np.random.default_rng(int(picture.sum(dtype=np.int64))).normal(0, 3, picture.shape)
    return np.clip(np.round(picture + noise), 0, 255).astype(np.uint8)


CONDITIONS: dict[str, Callable[[Picture], Picture]] = {
    "as the world draws it": as_drawn,
    "light -20 %": _lit(lambda n: np.full(n, 0.8)),
    "light +20 %": _lit(lambda n: np.full(n, 1.2)),
    "light from the left, 0.8 to 1.2": _lit(lambda n: np.linspace(1.2, 0.8, n)),
    "light from the right, 0.8 to 1.2": _lit(lambda n: np.linspace(0.8, 1.2, n)),
    "noise +3 grey levels": noisy,
    "camera moved by 5 pixels": shifted,
}


def read_all(
    frames: Iterable[Frame],
    *,
    with_reference: bool = True,
    condition: Callable[[Picture], Picture] = as_drawn,
) -> list[Pair]:
    """Read the pictures of one reaction in order; with a reference, the first clear one serves as such."""
    reference: Reference | None = None
    pairs = []
    for frame in frames:
        picture = condition(frame.picture)
        if reference is None and with_reference:
            reference = reference_from(picture)
        pairs.append(Pair(frame.truth, measure(picture, inner_diameter_mm=INNER_MM, reference=reference)))
    return pairs


def score(pairs: Sequence[Pair]) -> Score:
    """Compare readings with truths; a frame without a value counts as unread and as not covered."""
    read = [
        (p.truth, p.reading.value, p.reading.low, p.reading.high)
        for p in pairs
        if p.reading.value is not None
    ]
    truth, value, low, high = np.array(read, dtype=np.float64).T
    covered = (low <= truth + 1e-9) & (truth <= high + 1e-9)
    inner = (truth > INNER[0]) & (truth < INNER[1])
    below = truth < SATURATED
    return Score(
        len(pairs),
        len(pairs) - len(read),
        float(np.abs(value - truth).mean()),
        float((value - truth).mean()),
        spearman(truth[below], value[below]),
        spearman(truth[below], np.round(truth[below] / FINE)),
        float(covered.sum() / len(pairs)),
        float(covered[inner].mean()),
        float((high - low).mean()),
    )


def spearman(a: Numbers, b: Numbers) -> float:
    """Return the rank correlation; equal values share their mean rank."""
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: Numbers) -> Numbers:
    _, where, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    mean: Numbers = (ends - (count - 1) / 2)[where]
    return mean


def shortfalls(s: Score) -> list[str]:
    """Return where readings of undisturbed pictures with a reference fall short of what is promised."""
    found = [] if s.spearman >= 0.98 else [f"Spearman {s.spearman:.4f} is below 0.98"]
    found += [] if s.mean_error <= 0.4 else [f"the mean error {s.mean_error:.3f} is above 0.4"]
    return found + (
        [] if 0.80 <= s.coverage <= 0.99 else [f"coverage {s.coverage:.3f} is not in 0.80 to 0.99"]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print one line a condition, with and without a reference picture; return 1 if the first falls short."""
    parser = argparse.ArgumentParser(prog="python -m labcore_turbidity.evaluate", description=__doc__)
    parser.add_argument(
        "--first",
        type=int,
        default=3000,
        help="first seed; 0 to 199 and 1000 to 1999 were used for development",
    )
    parser.add_argument("--seeds", type=int, default=20, help="number of seeds, one reaction each")
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two pictures")
    chosen = parser.parse_args(argv)
    times = np.arange(5.0, 800.0, chosen.every).tolist()
    world_of = find_world()
    runs = [(name, with_reference) for name in CONDITIONS for with_reference in (True, False)]
    pairs: dict[tuple[str, bool], list[Pair]] = {run: [] for run in runs}
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        frames = list(reaction(world_of, seed, CASES[seed % len(CASES)], times))
        for name, with_reference in runs:
            pairs[name, with_reference] += read_all(
                frames, with_reference=with_reference, condition=CONDITIONS[name]
            )
    print(f"seeds {chosen.first} to {chosen.first + chosen.seeds - 1}, a picture every {chosen.every:g} s; Spearman, "
          f"and its ceiling, over all frames whose truth is below {SATURATED:g}")  # fmt: skip
    print(f"{'condition':34} ref    n unread   MAE   bias Spearman ceiling cover inner width")
    for name, with_reference in runs:
        s = score(pairs[name, with_reference])
        print(f"{name:34} {'yes' if with_reference else 'no ':3} {s.frames:5} {s.unread:4} {s.mean_error:7.3f} "
              f"{s.bias:+.3f}  {s.spearman:.4f}  {s.ceiling:.4f}  {s.coverage:.3f} {s.inner_coverage:.3f} {s.width:.2f}")  # fmt: skip
    short = shortfalls(score(pairs[runs[0]]))
    print("; ".join(short) or "promises hold: Spearman 0.98, mean error 0.4, coverage 0.80 to 0.99")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
