"""Randomness of a seed: named streams, so that a new draw in one place changes nothing elsewhere."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def stream(seed: int, *names: object) -> random.Random:
    """Return the stream of that name; the same in every process."""
    return random.Random(":".join(map(str, (seed, *names))))


def chosen(rng: random.Random, weights: dict[T, float]) -> T:
    """Draw a key by its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def some(rng: random.Random, items: Sequence[T], most: int) -> list[T]:
    """Draw one to `most` different items, in their order."""
    picked = sorted(rng.sample(range(len(items)), min(len(items), rng.randint(1, most))))
    return [items[index] for index in picked]
