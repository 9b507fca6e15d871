"""The observer `notebook`: keep the page of a run up to date while it goes on, and finish it at the end."""

from __future__ import annotations

from labcore.model import event as ev
from labcore.model.event import Event
from labcore.plugin.observer import Desk, Observer
from labcore_notebook.report import files, own_language, page

REFRESH = 600.0  # s of run time between two pages of a run that goes on


class Notebook(Observer):
    """Write the page on the run's end, after late observations, and at most every 10 min of a real run.

    A simulated run is over within seconds: its page is written once, so that a long one stays quick.
    """

    limit = 300.0  # a page of a long run, on a slow computer

    def __init__(self) -> None:
        self._written = 0.0
        self._simulated = False
        self._ended = False

    async def see(self, event: Event, desk: Desk) -> None:
        """Look at one event and write the page if it is time."""
        if isinstance(event.body, ev.RunStarted):
            self._simulated = event.body.simulated
            self.kinds = frozenset({"run_ended"}) if self._simulated else None
        if isinstance(event.body, ev.RunEnded):
            self._ended, self.kinds = True, None
            await self._write(event, desk)
        elif self._ended:
            await self._after_the_end(event, desk)
        elif not self._simulated and event.at - self._written >= REFRESH:
            await self._write(event, desk)

    async def _after_the_end(self, event: Event, desk: Desk) -> None:
        """Write again for what slow readers add, once they have nothing more to say just now."""
        if not desk.record.events(event.position):
            await self._write(event, desk)

    async def _write(self, event: Event, desk: Desk) -> None:
        """Keep the page alone while the run goes on: the Markdown's pictures would pile up."""
        self._written = event.at
        make = files if self._ended else page
        for name, data in (await desk.work(make, desk.record, own_language(desk.record))).items():
            desk.keep(name, data)
