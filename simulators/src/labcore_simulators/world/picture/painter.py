"""Paint pictures of vessels; still layers are kept, so that a picture costs little."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import mixing
from ..around import Around
from ..optics import cloud
from ..rules import Rules
from ..station import Station
from ..truth import polymer
from ..vessel import Vessel
from . import backdrop, sensor
from .conditions import Conditions, conditions
from .contents import Look, painted
from .glass import Glass, glass
from .view import Patch, View, foot, patch, view

Image = NDArray[Any]
LOOSE = 0.12
"""Share of solid in a settled bed of fine polymer; grains pack to 0.5."""
_KEPT = 6


@dataclass(frozen=True, slots=True)
class _Stage:
    """What stays the same while nothing is moved: patch, glass, and the rest of the picture ready to use."""

    patch: Patch
    glass: Glass
    still: Image
    response: Image


class Painter:
    """Pictures of one bench, the same for one seed, camera and world time."""

    def __init__(self, seed: int, rules: Rules) -> None:
        self.seed, self.rules = seed, rules
        self._seen: dict[str, Conditions] = {}
        self._sets: dict[Any, _Set] = {}

    def paint(
        self, vessel: Vessel | None, station: Station, t: float, *, camera: str, size: tuple[int, int]
    ) -> NDArray[np.uint8]:
        """Return a picture (height, width, 3), BGR, of `vessel` on its place at world time `t` (s)."""
        key = (camera, *size)
        if key not in self._sets:
            seen = conditions(self.seed, camera, self.rules.camera)
            self._sets[key] = _Set(size, seen, _number(self.seed, camera))
        draw = np.random.default_rng(_number(self.seed, camera, f"{t:.6f}"))
        look = None if vessel is None else self._look(vessel, station, t, self._sets[key].seen)
        return self._sets[key].picture(vessel, look, draw)

    def _look(self, vessel: Vessel, station: Station, t: float, seen: Conditions) -> Look:
        around = Around(self.rules, station)
        polymer_ml = polymer(vessel.bed, self.rules) / self.rules.kinetics.density / LOOSE
        grains_ml = sum(
            grams / self.rules.solids[name].density / 0.5 for name, grams in vessel.bed.solids.items()
        )
        rpm = station.speed(t)
        turn = math.tau * (rpm / 60 * t % 1.0) if rpm > 0 else 0.7 + 0.01 * (_number(vessel.name) % 100)
        return Look(
            core=cloud(vessel.core, self.rules),
            corner=cloud(vessel.corner, self.rules),
            corner_share=mixing.corner_share(vessel, around),
            level=vessel.kind.level(vessel.volume_ml),
            bed=vessel.kind.level(polymer_ml + grains_ml),
            rpm=rpm,
            turn=turn,
            side=seen.side,
            axis=-vessel.placed.right,
        )


def _number(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256(":".join(map(str, parts)).encode()).digest()[:8], "little")


class _Set:
    """One camera at one size: its view, its light, and the stages it has seen last."""

    def __init__(self, size: tuple[int, int], seen: Conditions, seed: int) -> None:
        self.seen = seen
        self.view: View = view(size, seen)
        self.unit = self.view.scale / 3.7
        self.light = backdrop.lighting(self.view, seen)
        self.empty = backdrop.scene(self.view)
        self.response = self._finished(self.empty, self.light)
        self.grain = sensor.Grain((size[1], size[0]), seen, seed)
        self.stages: dict[Any, _Stage] = {}

    def _finished(self, linear: Image, light: Image) -> Image:
        return sensor.encoded(sensor.blurred(linear * light, self.seen, self.unit))

    def picture(
        self, vessel: Vessel | None, look: Look | None, draw: np.random.Generator
    ) -> NDArray[np.uint8]:
        """Return the finished picture."""
        flicker = np.float32(1 + self.seen.flicker * draw.standard_normal())
        if vessel is None or look is None:
            return self.grain.added(self.response * np.sqrt(flicker), draw)
        stage = self._stage(vessel)
        rows, columns = stage.patch.rows, stage.patch.columns
        linear = painted(vessel, look, stage.patch, stage.glass)
        response = stage.response * np.sqrt(flicker)
        response[rows, columns] = self._finished(linear, self.light[rows, columns] * flicker)
        return self.grain.added(response, draw)

    def _stage(self, vessel: Vessel) -> _Stage:
        key = (vessel.kind, vessel.placed, vessel.closed)
        if key not in self.stages:
            if len(self.stages) >= _KEPT:
                self.stages.pop(next(iter(self.stages)))
            self.stages[key] = self._new_stage(vessel)
        return self.stages[key]

    def _new_stage(self, vessel: Vessel) -> _Stage:
        x0, y0 = foot(self.view, vessel.placed)
        dark = backdrop.shadow(self.view, x0, y0, vessel.kind.outer / 2, -self.seen.side)
        on_plate = np.arange(self.view.height)[:, None] > y0 - 16 * self.view.scale
        still = self.empty * np.where(on_plate, dark, 1.0)[:, :, None].astype(np.float32)
        where = patch(self.view, vessel.kind, vessel.placed)
        return _Stage(
            where, glass(vessel, where, still, self.seen.side), still, self._finished(still, self.light)
        )


__all__ = ["Painter"]
