"""Straight moves with constant acceleration, one after the other, as the planner hands them to the motors."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from .settings import Vector

BLOCKS = 15


@dataclass(frozen=True, slots=True)
class Move:
    """A straight line from `start` to `end` (mm), at most at `speed` (mm/s) with `accel` (mm/s2).

    It is entered at `entry` mm/s and ends at rest; `jog` marks a move of `$J=`.
    """

    start: Vector
    end: Vector
    speed: float
    accel: float
    entry: float = 0.0
    jog: bool = False

    @property
    def length(self) -> float:
        """Length in mm."""
        return math.dist(self.start, self.end)

    def _phases(self) -> tuple[float, float, float, float]:
        """Return peak speed and the durations of acceleration, cruise and deceleration."""
        top = max(self.entry, min(self.speed, math.sqrt(self.accel * self.length + self.entry**2 / 2)))
        up, down = (top - self.entry) / self.accel, top / self.accel
        ramps = (top**2 - self.entry**2) / (2 * self.accel) + top**2 / (2 * self.accel)
        return top, up, max(0.0, self.length - ramps) / top if top > 0 else 0.0, down

    @property
    def duration(self) -> float:
        """Time from start to rest in s."""
        return sum(self._phases()[1:]) if self.length > 0 else 0.0

    def state(self, elapsed: float) -> tuple[Vector, float]:
        """Return position and speed (mm/s) `elapsed` s after the start."""
        top, up, cruise, down = self._phases()
        if elapsed >= up + cruise + down or self.length == 0:
            return self.end, 0.0
        t = max(0.0, elapsed)
        if t < up:
            return self._at(self.entry * t + self.accel * t**2 / 2), self.entry + self.accel * t
        if t < up + cruise:
            return self._at(self.entry * up + self.accel * up**2 / 2 + top * (t - up)), top
        left = up + cruise + down - t
        return self._at(self.length - self.accel * left**2 / 2), self.accel * left

    def _at(self, way: float) -> Vector:
        share = min(1.0, max(0.0, way / self.length))
        x, y, z = (a + (b - a) * share for a, b in zip(self.start, self.end, strict=True))
        return x, y, z

    def braked(self, elapsed: float) -> tuple[Move, Move | None]:
        """Return the deceleration from this instant and what is left of the move after it."""
        here, speed = self.state(elapsed)
        left = math.dist(here, self.end)
        need = speed**2 / (2 * self.accel)
        if left <= need * (1 + 1e-9) or left == 0:
            return Move(here, self.end, max(speed, 1e-6), self.accel, speed, self.jog), None
        x, y, z = (a + (b - a) * need / left for a, b in zip(here, self.end, strict=True))
        stop = (x, y, z)
        brake = Move(here, stop, max(speed, 1e-6), self.accel, speed, self.jog)
        return brake, Move(stop, self.end, self.speed, self.accel, 0.0, self.jog)


class Planner:
    """The queue of moves, at most 15 (16 blocks of a ring, one unused); the first runs since `began`."""

    def __init__(self) -> None:
        self.moves: deque[Move] = deque()
        self.began: float | None = None
        self.rest: Move | None = None

    @property
    def free(self) -> int:
        """How many moves still fit."""
        return max(0, BLOCKS - len(self.moves))

    @property
    def idle(self) -> bool:
        """Whether nothing is queued or under way."""
        return not self.moves and self.rest is None

    def ends(self) -> float | None:
        """Return when the move under way comes to rest."""
        return None if self.began is None else self.began + self.moves[0].duration

    def state(self, now: float) -> tuple[Vector, float] | None:
        """Return position and speed of the move under way, None at rest."""
        return None if self.began is None else self.moves[0].state(now - self.began)

    def hold(self, now: float) -> None:
        """Brake the move under way; the rest of it waits for `resume`."""
        if self.began is None:
            return
        self.moves[0], self.rest = self.moves[0].braked(now - self.began)
        self.began = now

    def resume(self) -> None:
        """Put the rest of a held move back in front."""
        if self.rest is not None:
            self.moves.appendleft(self.rest)
            self.rest = None

    def clear(self) -> None:
        """Forget every move."""
        self.moves.clear()
        self.began = self.rest = None

    def snapshot(self) -> dict[str, Any]:
        """Return the queue as plain data."""
        rest = None if self.rest is None else asdict(self.rest)
        return {"moves": [asdict(move) for move in self.moves], "began": self.began, "rest": rest}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self.moves = deque(_move(entry) for entry in state["moves"])
        self.began = state["began"]
        self.rest = None if state["rest"] is None else _move(state["rest"])


def _move(entry: dict[str, Any]) -> Move:
    return Move(**{**entry, "start": _vector(entry["start"]), "end": _vector(entry["end"])})


def _vector(values: Any) -> Vector:
    x, y, z = values
    return float(x), float(y), float(z)
