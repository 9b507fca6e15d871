"""How fast a device works, for plans: told by its driver, used by verbs to say how long a step takes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from labcore.model.interval import Interval


@dataclass(frozen=True, slots=True)
class Pace:
    """`fixed` s for each portion of at most `portion` (None: all at once), and `each` s per unit of the amount.

    The amount's unit is that of the act: mL for doses, K for heating.
    """

    fixed: float
    each: float = 0.0
    portion: float | None = None

    def seconds(self, amount: float = 0.0) -> float:
        """Return how long an amount is expected to take, s."""
        portions = 1 if self.portion is None else max(1, math.ceil(amount / self.portion - 1e-9))
        return portions * self.fixed + amount * self.each

    def interval(self, amount: float = 0.0) -> Interval:
        """Return the same with bounds: half of it to three times as long."""
        seconds = self.seconds(amount)
        return Interval(seconds / 2, seconds, 3 * seconds)
