"""The one place wall-clock stamps come from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SIMULATED_START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)


class RealWallClock:
    """Stamps from the computer's clock, whatever the run's clock says."""

    def stamp(self, at: float) -> str:
        """Return the present time."""
        return _text(datetime.now(UTC))


class SimulatedWallClock:
    """Stamps that follow the run's clock from a fixed instant, so that equal runs have equal journals."""

    def __init__(self, start: datetime = SIMULATED_START) -> None:
        self._start = start
        self._last = (0.0, _text(start))

    def stamp(self, at: float) -> str:
        """Return start + `at` s. Many events share an instant."""
        if at != self._last[0]:
            self._last = (at, _text(self._start + timedelta(seconds=at)))
        return self._last[1]


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
