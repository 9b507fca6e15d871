"""The simulated world's Mie efficiencies against miepython (Scott Prahl), over sizes and refractive indices."""

from __future__ import annotations

import json

from judging import WORK, Verdict, environment, theirs, written

from labcore_simulators.world.mie import efficiency

INDICES = (1.01, 1.05, 1.1, 1.17, 1.25, 1.33, 1.5, 1.8)
SIZES = [0.02 * 1.17**n for n in range(60)]  # x = 2 pi r n / wavelength, 0.02 to 210
TOLERANCE = 1e-6  # relative, of extinction; absolute, of the anisotropy


def main() -> None:
    """Compare extinction and mean cosine point by point."""
    verdict = Verdict()
    python = environment("miepython", "numpy", alone=("miepython==3.3.0",))  # numba only makes it faster
    points = [(m, x) for m in INDICES for x in SIZES]
    answers = theirs(python, "miepython_grid.py", written(WORK, "points.json", json.dumps(points)))
    for index in INDICES:
        pairs = [(efficiency(x, m), a) for (m, x), a in zip(points, answers, strict=True) if m == index]
        extinction = max(abs(ours[0] / one["extinction"] - 1) for ours, one in pairs)
        cosine = max(abs(ours[1] - one["anisotropy"]) for ours, one in pairs)
        verdict.check(
            f"Q_ext, m {index}, {len(pairs)} sizes", extinction < TOLERANCE, f"off by {extinction:.1e}"
        )
        verdict.check(f"cosine, m {index}, {len(pairs)} sizes", cosine < TOLERANCE, f"off by {cosine:.1e}")
    verdict.exit()


main()
