"""Named streams of random numbers: one a seed, device and purpose, so that no draw disturbs another."""

from __future__ import annotations

import random
from typing import Any


def stream(seed: int, *names: str) -> random.Random:
    """Return the stream of `seed` for `names` (device, purpose)."""
    return random.Random(":".join((str(seed), *names)))


def state_of(source: random.Random) -> list[Any]:
    """Return the state of a stream as plain data."""
    version, words, gauss = source.getstate()
    return [version, list(words), gauss]


def set_state(source: random.Random, state: list[Any]) -> None:
    """Put a stream into a state that `state_of` gave."""
    version, words, gauss = state
    source.setstate((version, tuple(words), gauss))
