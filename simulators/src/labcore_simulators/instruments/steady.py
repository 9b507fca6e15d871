"""Keeps what an instrument does by itself from reaching into the world's past.

A motor that came to rest at 10.25 s may be heard of only at 10.30 s, after somebody else has looked at the
world. The world refuses to go back; the act then counts from the earliest instant that is still open.
"""

from __future__ import annotations

from .contract import Bench


class Steady:
    """The latest instant a world has seen, on the caller's clock."""

    def __init__(self, world: Bench) -> None:
        self._world = world
        self._ahead: float | None = (
            None  # world time minus the caller's clock, constant for the life of a world
        )

    def present(self, now: float) -> None:
        """Learn how the clocks differ; `now` is the present."""
        if self._ahead is None:
            self._world.advance(now)
            self._ahead = self._world.clock - now

    def at(self, when: float) -> float:
        """Return `when`, or the earliest instant after it that the world still accepts."""
        return when if self._ahead is None else max(when, self._world.clock - self._ahead)
