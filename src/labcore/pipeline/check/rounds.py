"""How often a repetition goes round, and what many equal rounds leave behind."""

from __future__ import annotations

import math
from dataclasses import replace

from labcore.model.interval import Interval
from labcore.model.plan import Repeat
from labcore.model.vessel import EMPTY
from labcore.state.ledger import Ledger

MOST_ROUNDS = 100  # rounds followed one by one; further ones are taken to do what the last one did
FEW_ROUNDS = 3  # the same, once this many steps were taken in all:
MANY_STEPS = 20_000


def rounds_of(node: Repeat, *, most: bool) -> int:
    """Return how many rounds there will be at most, or at least: with `until` that is one."""
    if node.until is not None and not most:
        return 1
    rounds = node.times if node.times is not None else 1
    if node.lasts_for is not None and node.every:
        by_time = max(1, math.ceil(node.lasts_for / node.every - 1e-9))
        rounds = min(node.times, by_time) if node.times is not None else by_time
    return rounds


def extrapolated(before: Ledger, after: Ledger, times: int) -> Ledger:
    """Return the ledger after `times` more rounds that change what the last one changed."""
    vessels = {}
    for name, vessel in after.vessels.items():
        old = before.vessels.get(name, vessel)
        contents = {
            material: _further(old.contents.get(material, EMPTY), amount, times)
            for material, amount in vessel.contents.items()
        }
        total = _further(old.volume, vessel.volume, times)
        vessels[name] = replace(vessel, contents=contents, total=total)
    return replace(after, vessels=vessels)


def _further(old: Interval, new: Interval, times: int) -> Interval:
    low, mid, high = (b + (b - a) * times for a, b in zip(_parts(old), _parts(new), strict=True))
    low, mid, high = max(0.0, low), max(0.0, mid), max(0.0, high)
    return Interval(min(low, mid), mid, max(mid, high))


def _parts(amount: Interval) -> tuple[float, float, float]:
    return amount.low, amount.mid, amount.high
