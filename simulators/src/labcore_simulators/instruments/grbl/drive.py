"""The motion side of the controller: planner, homing, and the machine that follows."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import asdict
from typing import Any, Protocol

from .gcode import ORIGIN, Operation
from .motion import Move, Planner
from .settings import Settings, Vector

TICK = 0.25
"""The machine hears this often (s) how far the plunger has come, so that a cut leaves a partial dose."""


class Machine(Protocol):
    """What the controller drives. Positions and ways in mm, times in s on the caller's clock."""

    def begin(self, way: Vector, at: float) -> None:
        """A straight move of `way` starts."""

    def moved(self, way: Vector, at: float) -> None:
        """The motors have made `way` since the last call."""

    def spindle(self, running: bool, at: float) -> None:
        """The spindle output switches."""

    def coolant(self, flood: bool, at: float) -> None:
        """The flood output switches."""

    def outputs_off(self, at: float) -> None:
        """The controller takes both outputs back (reset, alarm, sleep)."""

    def to_switches(self) -> Vector:
        """Return how far each axis has to go towards its home switch."""

    def run(self, until: float) -> None:
        """Carry out what the machine does by itself up to `until`."""

    def due(self) -> float | None:
        """Return the time of its next own change."""


class Drive:
    """Carries out moves one after the other. `position` is what the controller believes, at rest."""

    def __init__(self, settings: Settings, machine: Machine) -> None:
        self.settings, self.machine = settings, machine
        self.planner = Planner()
        self.position: Vector = ORIGIN
        self.legs: deque[tuple[Move, float]] = deque()
        self._told: Vector = ORIGIN
        self._ticked = 0.0
        self._resting: float | None = None

    # --------------------------------------------------------------------------------------------- queue
    def plan(self, operation: Operation, start: Vector) -> Move | None:
        """Turn an operation into a move, None if it goes nowhere; targets are rounded to whole steps."""
        steps = self.settings.vector(100)
        x, y, z = (round(v * s) / s for v, s in zip(operation.target, steps, strict=True))
        way = (x - start[0], y - start[1], z - start[2])
        if math.hypot(*way) < 1e-9:
            return None
        asked = None if operation.feed is None else operation.feed / 60
        speed, accel = self._rates(way, asked)
        return Move(start, (x, y, z), speed, accel, jog=operation.jog)

    def _rates(self, way: Vector, asked: float | None) -> tuple[float, float]:
        length = math.hypot(*way)
        shares = [abs(w) / length for w in way]
        speed = min(r / 60 / s for r, s in zip(self.settings.vector(110), shares, strict=True) if s > 0)
        accel = min(a / s for a, s in zip(self.settings.vector(120), shares, strict=True) if s > 0)
        return (speed if asked is None else max(min(asked, speed), 1e-3)), accel

    @property
    def end(self) -> Vector:
        """Where the queue ends."""
        return self.planner.moves[-1].end if self.planner.moves else self.position

    @property
    def moving(self) -> bool:
        """Whether a motor turns."""
        return self.planner.began is not None

    def start(self, at: float) -> None:
        """Begin the first move of the queue if none is under way."""
        if self.planner.began is None and self.planner.moves:
            move = self.planner.moves[0]
            self.planner.began = self._ticked = at
            self._told = move.start
            x, y, z = (b - a for a, b in zip(move.start, move.end, strict=True))
            self.machine.begin((x, y, z), at)

    # ---------------------------------------------------------------------------------------------- time
    def due(self) -> float | None:
        """Return when the drive has something to do next."""
        if self._resting is not None:
            return self._resting
        end = self.planner.ends()
        if end is None:
            return None
        move = self.planner.moves[0]
        return min(end, self._ticked + TICK) if move.start[2] != move.end[2] else end

    def where(self, now: float) -> tuple[Vector, float]:
        """Return position (mm) and speed (mm/s)."""
        return self.planner.state(now) or (self.position, 0.0)

    def tick(self, at: float) -> bool:
        """Tell the machine how far it has come; return whether a move has just ended."""
        if self._resting is not None and at >= self._resting:
            self._resting = None
            return self._next_leg(at)
        end = self.planner.ends()
        if end is None:
            return False
        self._ticked = at
        done = at >= end - 1e-9
        here = self.planner.moves[0].end if done else self.where(at)[0]
        self._tell(here, at)
        if not done:
            return False
        self.planner.moves.popleft()
        self.planner.began, self.position = None, here
        if self.legs:
            self._resting = at + self.legs.popleft()[1]
            return False
        return True

    def _tell(self, here: Vector, at: float) -> None:
        x, y, z = (b - a for a, b in zip(self._told, here, strict=True))
        self._told = here
        if (x, y, z) != ORIGIN:
            self.machine.moved((x, y, z), at)

    def halt(self, at: float) -> None:
        """Cut the motors at once: the queue is gone, the position is where it stopped."""
        if self.moving:
            here = self.where(at)[0]
            self._tell(here, at)
            self.position = here
        self.planner.clear()
        self.legs.clear()
        self._resting = None

    # -------------------------------------------------------------------------------------------- homing
    def home(self, at: float) -> None:
        """Start the homing cycle: Z (plunger), then X and Y; each seeks, backs off, locates, backs off."""
        seek, locate = self.settings[25] / 60, self.settings[24] / 60
        rest, pull = self.settings[26] / 1000, max(self.settings[27], 0.01)
        where = self.position
        for axes in ((2,), (0, 1)):
            ways = self.machine.to_switches()
            for speed, back in ((seek, False), (seek, True), (locate, False), (seek, True)):
                way = [0.0, 0.0, 0.0]
                for axis in axes:
                    way[axis] = pull if back else -(ways[axis] if speed == seek else pull)
                there = (where[0] + way[0], where[1] + way[1], where[2] + way[2])
                longest = max(abs(part) for part in way)
                scale = math.hypot(*way) / longest if longest else 1.0
                self.legs.append((Move(where, there, speed * scale, self._rates_of(way)), rest))
                where = there
        self._next_leg(at)

    def _rates_of(self, way: list[float]) -> float:
        x, y, z = way
        return self._rates((x, y, z), None)[1] if any(way) else 1.0

    def _next_leg(self, at: float) -> bool:
        """Start the next leg; return True when the cycle is over."""
        if not self.legs:
            self.position = ORIGIN
            return True
        move, rest = self.legs[0]
        if move.length == 0:
            self.legs.popleft()
            self._resting = at + rest
            return False
        self.planner.moves.append(move)
        self.start(at)
        return False

    # --------------------------------------------------------------------------------------------- state
    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain data."""
        legs = [[asdict(move), rest] for move, rest in self.legs]
        state = {"planner": self.planner.snapshot(), "position": list(self.position), "legs": legs}
        return state | {"told": list(self._told), "ticked": self._ticked, "resting": self._resting}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self.planner.restore(state["planner"])
        self.position, self._told = tuple(state["position"]), tuple(state["told"])
        self.legs = deque((_move(move), rest) for move, rest in state["legs"])
        self._ticked, self._resting = state["ticked"], state["resting"]


def _move(entry: dict[str, Any]) -> Move:
    return Move(**{**entry, "start": tuple(entry["start"]), "end": tuple(entry["end"])})
