"""A place that stirs and heats: actual speed and plate temperature as closed functions of time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

RAMP = 200.0
"""Change of speed, rpm per s."""
HEATING_RATE, HEATING_TIME, COOLING_TIME = 0.5, 60.0, 900.0
"""A plate gains at most 0.5 K/s, closes in on its target with 60 s, cools with 900 s (assumed)."""


@dataclass(frozen=True, slots=True)
class Station:
    """Speed and heat of one place since the last change at `t` (s); speeds rpm, temperatures deg C."""

    t: float = 0.0
    rpm: float = 0.0
    wanted_rpm: float = 0.0
    plate: float = 22.0
    wanted_c: float | None = None
    ambient: float = 22.0

    def speed(self, t: float) -> float:
        """Return the actual speed at `t`, rpm."""
        way = self.wanted_rpm - self.rpm
        return self.rpm + math.copysign(min(abs(way), RAMP * (t - self.t)), way)

    def temperature(self, t: float) -> float:
        """Return the plate's temperature at `t`, deg C."""
        if self.wanted_c is None or self.wanted_c < self.plate:
            goal = self.ambient if self.wanted_c is None else max(self.wanted_c, self.ambient)
            return goal + (self.plate - goal) * math.exp(-(t - self.t) / COOLING_TIME)
        gap, knee = self.wanted_c - self.plate, HEATING_RATE * HEATING_TIME
        straight = max(gap - knee, 0.0) / HEATING_RATE
        if t - self.t <= straight:
            return self.plate + HEATING_RATE * (t - self.t)
        return self.wanted_c - min(gap, knee) * math.exp(-(t - self.t - straight) / HEATING_TIME)

    def settled(self, t: float) -> bool:
        """Tell whether the plate has stopped changing."""
        return abs(self.temperature(t) - self.temperature(t + 60.0)) < 0.01

    def stirring(self, rpm: float, t: float) -> Station:
        """Return the station with a new set speed from `t` on."""
        return replace(self, t=t, rpm=self.speed(t), plate=self.temperature(t), wanted_rpm=max(rpm, 0.0))

    def heating(self, target: float | None, t: float) -> Station:
        """Return the station with a new target from `t` on, None = off."""
        return replace(self, t=t, rpm=self.speed(t), plate=self.temperature(t), wanted_c=target)
