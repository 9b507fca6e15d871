"""One vessel: where it stands and what is in it, in two zones that exchange liquid, and a bed below."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .labware import Labware
from .liquid import Liquid
from .placement import Placed


@dataclass(frozen=True, slots=True)
class Vessel:
    """State at time `t` (s). `core` is what the stirrer sweeps, `corner` the rest; `bed` is settled matter.

    `dosed` is the time of the last pour; temperatures deg C.
    """

    name: str
    kind: Labware
    closed: bool = False
    place: str | None = None
    placed: Placed = field(default_factory=Placed)
    t: float = 0.0
    core: Liquid = field(default_factory=Liquid)
    corner: Liquid = field(default_factory=Liquid)
    bed: Liquid = field(default_factory=Liquid)
    temperature: float = 22.0
    dosed: float = -1e9

    @property
    def volume_ml(self) -> float:
        """Liquid in the vessel, mL."""
        return self.core.volume_ml + self.corner.volume_ml

    @property
    def zones(self) -> tuple[Liquid, Liquid]:
        """Both zones."""
        return self.core, self.corner

    def whole(self) -> Liquid:
        """Return everything but the bed as one portion at the vessel's temperature."""
        return replace(self.core.plus(self.corner), temperature=self.temperature)

    def drawn(self, volume_ml: float) -> tuple[Liquid, Vessel]:
        """Return a portion (at most all there is), from both zones evenly, and the vessel without it."""
        fraction = 0.0 if self.volume_ml <= 0 else min(volume_ml / self.volume_ml, 1.0)
        rest = replace(self, core=self.core.part(1 - fraction), corner=self.corner.part(1 - fraction))
        return self.whole().part(fraction), rest

    def poured(self, liquid: Liquid) -> Vessel:
        """Return the vessel with `liquid` in its core."""
        together = replace(self.whole(), temperature=self.temperature).plus(liquid)
        return replace(self, core=self.core.plus(liquid), temperature=together.temperature, dosed=self.t)
