"""What surrounds a vessel: the room, and the station it stands on if any."""

from __future__ import annotations

from dataclasses import dataclass

from .rules import Rules
from .station import Station


@dataclass(frozen=True, slots=True)
class Around:
    """The rules of the bench and the station under a vessel."""

    rules: Rules
    station: Station | None

    def rpm(self, t: float) -> float:
        """Return the stirrer's speed under the vessel, rpm."""
        return 0.0 if self.station is None else self.station.speed(t)

    def plate(self, t: float) -> float | None:
        """Return the temperature of the plate under the vessel, deg C, None where there is no plate."""
        return None if self.station is None else self.station.temperature(t)
