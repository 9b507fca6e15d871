"""Measurements enter the ledger: they narrow what a vessel holds, or put a contradiction to a person."""

from __future__ import annotations

import anyio

from labcore.engine.contradiction import Contradiction, densities
from labcore.engine.questions import Questions
from labcore.engine.setting import Setting
from labcore.model import event as ev
from labcore.model.event import Event
from labcore.state.narrowing import measured_volumes
from labcore.state.reduce_acts import being_filled

WORTH_IT = 0.999  # of the width: what narrows less is not put on record
BATCH = 200


class Bookkeeper:
    """Compare measured volumes with the ledger.

    Lifetime: one run. Concurrency: a step calls `take` and waits for it, so that what it does next rests on the answer;
    what observers see is taken by `follow`. No step begins to work on a vessel in doubt (`without_doubt`).
    """

    def __init__(self, setting: Setting, questions: Questions) -> None:
        self._setting = setting
        self._writer = setting.writer
        self._questions = questions

    async def follow(self) -> None:
        """Take what observers see from now on until the run ends."""
        position = self._writer.state.position
        async with anyio.create_task_group() as group:
            while True:
                changed = self._writer.changed
                events = self._writer.after(position, BATCH)
                for event in events:
                    position = event.position
                    if event.step is None and isinstance(event.body, ev.Observed):
                        group.start_soon(self.take, event)
                if not events:
                    if self._writer.state.status == "ended":
                        group.cancel_scope.cancel()
                        return
                    await changed.wait()

    async def take(self, event: Event) -> None:
        """Enter what an observation says about a volume, if it says anything."""
        body, state = event.body, self._writer.state
        if not isinstance(body, ev.Observed) or body.subject not in state.ledger.vessels:
            return
        if being_filled(state, body.subject):
            return
        now = state.ledger.vessel_at(body.subject, self._writer.now())
        weights = densities(self._setting.plan, now, state.ledger.warmth)
        evidence, measured = measured_volumes(now, event, weights, state.touched.get(body.subject, -1))
        left = now.volume
        for volume in measured:
            both = volume.intersect(left)
            if both is None:
                await Contradiction(self._setting, self._questions, event, now, volume, evidence).settle()
                return
            left = both
        if left.width < WORTH_IT * now.volume.width:
            found = ev.VolumeNarrowed(body.subject, now.volume, left, body.by, evidence)
            await self._writer.write(found, step=event.step, device=event.device, source=event.source)
