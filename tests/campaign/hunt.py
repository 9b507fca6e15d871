"""Look for the first seed that finds each planted bug: `python -m campaign.hunt [--seeds N] [BUG ...]`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from campaign.bugs import all_bugs, planted
from campaign.one import play
from campaign.scenario import draw


def hunt(name: str, seeds: int) -> tuple[str, int | None, str]:
    """Return the first seed that finds a bug, and the invariant that it breaks; a seed that breaks anyway finds nothing."""
    one = all_bugs()[name]
    for seed in range(seeds):
        scenario = draw(seed)
        with planted(one):
            failure = play(scenario).failure
        if failure is not None and play(scenario).failure is None:
            return name, seed, failure.rule
    return name, None, ""


def main() -> int:
    """Hunt and print the table of `bugs_found`."""
    parser = argparse.ArgumentParser(prog="campaign.hunt", description=__doc__)
    parser.add_argument("bugs", nargs="*", help="names of bugs (all)")
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory(prefix="campaign-state-") as state:
        os.environ["LABCORE_STATE"] = state
        with ProcessPoolExecutor(given.processes) as pool:
            for name, seed, rule in pool.map(
                partial(hunt, seeds=given.seeds), given.bugs or list(all_bugs())
            ):
                missed += seed is None
                print(f'    "{name}": ({seed}, "{rule}"),', flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
