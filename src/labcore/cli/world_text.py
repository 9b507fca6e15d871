"""What kind of world a run took place in, as lists and summaries say it."""

from __future__ import annotations


def world_text(world: str) -> str:
    """Return the word for people ("none": no device or person took part)."""
    return "no device" if world == "none" else world
