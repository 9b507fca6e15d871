"""The gantry's syringe: what the plunger draws it can push out again, last in first out."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .contract import Portion

EMPTY = 1e-12
AT_THE_STOP = 1e-9  # mm: what sums of small moves are off by


@dataclass(slots=True)
class Slug:
    """One plug in the syringe, mL; `liquid` None is air."""

    volume: float
    liquid: Portion | None


class Syringe:
    """A piston of `volume` mL over `stroke` mm whose true calibration is off by the factor `scale`.

    `backlash` (mm, 1 sigma) is how far the piston really stands from where the screw says after a move; at
    the end stop it stands at zero. Liquid therefore never appears or vanishes here: what was drawn is pushed
    or stays.
    """

    def __init__(
        self, volume: float, stroke: float, scale: float, backlash: float, chance: random.Random
    ) -> None:
        self.per_mm = volume / stroke * scale
        self.backlash, self.chance = backlash, chance
        self.slugs: list[Slug] = []
        self.plunger = 0.0
        self.play = 0.0
        self.aim = (0.0, 0.0)

    @property
    def filled(self) -> float:
        """Volume in front of the piston, mL."""
        return sum(slug.volume for slug in self.slugs)

    def begin(self, way: float) -> None:
        """A plunger move of `way` mm starts: draw where the play will stand at its end."""
        if way:
            most = 2.5 * self.backlash
            self.aim = (abs(way), max(-most, min(most, self.chance.gauss(0.0, self.backlash))))

    def move(self, plunger: float) -> float:
        """Bring the plunger to `plunger` mm; return mL that are missing (> 0: to draw) or too much (< 0)."""
        left, play = self.aim
        step = abs(plunger - self.plunger)
        if left > 0:
            share = min(1.0, step / left)
            self.play += (play - self.play) * share
            self.aim = (left - step, play) if share < 1 else (0.0, play)
        self.plunger = plunger
        stands = max(0.0, plunger + self.play) if plunger > AT_THE_STOP else 0.0
        return stands * self.per_mm - self.filled

    def take(self, volume: float, liquid: Portion | None) -> None:
        """`volume` mL came in, of which `liquid` is liquid and the rest air."""
        wet = 0.0 if liquid is None else liquid.volume_ml
        if wet > EMPTY:
            self.slugs.append(Slug(wet, liquid))
        if volume - wet > EMPTY:
            self._add_air(volume - wet)

    def _add_air(self, volume: float) -> None:
        if self.slugs and self.slugs[-1].liquid is None:
            self.slugs[-1].volume += volume
        else:
            self.slugs.append(Slug(volume, None))

    def give(self, volume: float) -> list[Portion]:
        """Push `volume` mL out; return the liquid portions in order."""
        out: list[Portion] = []
        while volume > EMPTY and self.slugs:
            slug = self.slugs[-1]
            part = min(volume, slug.volume)
            volume -= part
            if part >= slug.volume - EMPTY:
                self.slugs.pop()
                pushed = slug.liquid
            else:
                slug.volume -= part
                pushed, slug.liquid = (None, None) if slug.liquid is None else slug.liquid.split(part)
            if pushed is not None:
                out.append(pushed)
        return out
