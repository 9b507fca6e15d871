"""A cheap observer: counts what was settled, and says so now and then."""

from __future__ import annotations

from typing import ClassVar

from labcore.model.event import Event, Settled
from labcore.model.observation import Observable
from labcore.plugin.observer import Desk, Observer


class Tally(Observer):
    """Says after every third settlement how many there were."""

    observables: ClassVar[tuple[Observable, ...]] = ()

    def __init__(self) -> None:
        self.count = 0

    async def see(self, event: Event, desk: Desk) -> None:
        """Count."""
        if isinstance(event.body, Settled):
            self.count += 1
            if self.count % 3 == 0:
                await desk.say("settled", 1, {"count": self.count, "at": event.position})
