"""`python -m campaign --seeds 1000`, `python -m campaign --seed 1234` (with tests/ on PYTHONPATH; see the Makefile)."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

CHUNK = 20
EVERY = 30.0  # s between signs of progress


@dataclass
class Tally:
    """What a campaign found."""

    endings: Counter[str] = field(default_factory=Counter)
    deaths: Counter[int] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    failures: dict[int, tuple[str, str]] = field(default_factory=dict)
    events: int = 0
    refused: int = 0
    cpu: float = 0.0
    digests: dict[int, str] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Take another one in."""
        for mine, theirs in (
            (self.endings, other.endings),
            (self.deaths, other.deaths),
            (self.met, other.met),
        ):
            mine.update(theirs)  # type: ignore[arg-type]
        self.failures |= other.failures
        self.digests |= other.digests
        self.events += other.events
        self.refused += other.refused
        self.cpu += other.cpu


def run_chunk(seeds: list[int]) -> Tally:
    """Play some seeds."""
    from campaign.one import play_seed

    tally = Tally()
    for seed in seeds:
        verdict, cpu = play_seed(seed)
        tally.endings["broken" if verdict.failure else verdict.ending] += 1
        tally.deaths[verdict.deaths] += 1
        tally.met.update(verdict.met)
        tally.events += len(verdict.lines)
        tally.refused += verdict.scenario.refused
        tally.cpu += cpu
        tally.digests[seed] = hashlib.sha256("\n".join(verdict.lines).encode()).hexdigest()
        if verdict.failure is not None:
            tally.failures[seed] = (verdict.failure.rule, verdict.failure.text)
    return tally


def many(first: int, count: int, processes: int) -> Tally:
    """Play seeds in parallel, showing how far it came."""
    seeds = list(range(first, first + count))
    chunks = [seeds[start : start + CHUNK] for start in range(0, count, CHUNK)]
    tally, shown, done = Tally(), time.monotonic(), 0
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(run_chunk, chunks):
            tally.add(found)
            done += sum(found.endings.values())
            for seed, (rule, text) in found.failures.items():
                print(f"  seed {seed}: {rule}: {text.strip().splitlines()[-1][:300]}", flush=True)
            if time.monotonic() - shown > EVERY:
                shown = time.monotonic()
                print(f"  {done} of {count} seeds, {len(tally.failures)} broken", flush=True)
    return tally


def summary(tally: Tally, first: int, count: int, wall: float) -> str:
    """Return what there is to say about a campaign."""
    deaths = sum(number * seeds for number, seeds in tally.deaths.items())
    lines = [
        f"campaign: seeds {first} to {first + count - 1}, {len(tally.failures)} broken",
        f"  endings: {_counts(tally.endings)}",
        f"  deaths of the process: {deaths} in {count - tally.deaths[0]} runs",
        f"  faults met on wires: {_counts(tally.met)}",
        f"  events checked: {tally.events}; protocols that check refused: {tally.refused}",
        f"  digest of all journals: {_digest(tally)}",
        f"  {wall:.0f} s, {tally.cpu / max(1, count):.3f} s of CPU a seed",
    ]
    for seed, (rule, text) in sorted(tally.failures.items())[:20]:
        lines.append(f"  seed {seed}: {rule}: {text.strip().splitlines()[-1][:300]}")
        lines.append(f"    replay: make campaign SEED={seed}")
    return "\n".join(lines)


def _digest(tally: Tally) -> str:
    """Return one number for all journals: two campaigns over the same seeds must print the same."""
    return hashlib.sha256(
        "".join(tally.digests[seed] for seed in sorted(tally.digests)).encode()
    ).hexdigest()[:16]


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counter.items())) or "none"


def replay(seed: int, *, journal: bool) -> int:
    """Play one seed, show what happened and, if an invariant broke, the least trouble that breaks it."""
    from campaign.one import play, shrunk
    from campaign.scenario import draw

    scenario = draw(seed)
    verdict = play(scenario)
    if journal:
        print("\n".join(verdict.lines))
    if verdict.failure is None:
        print(
            f"seed {seed}: {verdict.ending}, {verdict.deaths} deaths, {len(verdict.lines)} events; every invariant holds"
        )
        return 0
    least = shrunk(scenario, verdict.failure.rule)
    print(least.protocol)
    for name in ("faults", "kills", "words"):
        print(f"{name}: {getattr(least, name)}")
    print(f"takeovers: {least.takeovers[: len(least.kills)]}")
    print("\n".join(verdict.lines[-8:]))
    print(f"seed {seed} breaks: {verdict.failure.rule}: {verdict.failure.text}")
    return 1


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="campaign", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay one seed")
    parser.add_argument("--seeds", type=int, default=200, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--journal", action="store_true", help="with --seed: print the journal")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="campaign-state-") as state:
        os.environ["LABCORE_STATE"] = str(Path(state))
        if given.seed is not None:
            return replay(given.seed, journal=given.journal)
        began = time.monotonic()
        tally = many(given.first, given.seeds, given.processes)
        print(summary(tally, given.first, given.seeds, time.monotonic() - began))
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
