"""Observers at work: each reads the journal by position, at its own pace, alone in its failure (semantics.md, Readers).

Each works in a lane, a thread with an event loop of its own, so that whatever one does (wait for ever, compute, block)
the run goes on. In virtual time the clock stands still until every reader is at the journal's end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import anyio

from labcore.engine.desk import OUTPUTS, Output, ReaderDesk
from labcore.engine.setting import Setting
from labcore.model.event import Event, Observed, ReaderFailed, Source
from labcore.plugin.observer import Observer
from labcore.ports import Ending, Lane

STRIKES = 3
BATCH = 200


async def read_all(setting: Setting) -> None:
    """Have every observer read to the end of the run, what the others say after it included."""
    readers = [Reader(setting, name, observer) for name, observer in setting.observers.items()]
    async with anyio.create_task_group() as group:

        def rest() -> None:
            if all(reader.resting and (reader.out or reader.is_at_the_end) for reader in readers):
                group.cancel_scope.cancel()

        for reader in readers:
            group.start_soon(reader.run, rest)


class Reader:
    """One observer and its place in the journal.

    Lifetime: from the first event to the end of the run and what the observers still have to say about it. `resting`
    says that it has nothing more to do unless somebody else says something.
    """

    def __init__(self, setting: Setting, name: str, observer: Observer) -> None:
        self._setting = setting
        self._writer = setting.writer
        self._observer = observer
        self._desk = ReaderDesk(name, setting.record, setting.keep)
        self._waiting: deque[Event] = deque()
        self._lane: Lane | None = None
        self.name = name
        self.position = -1
        self.strikes = 0
        self.resting = False

    @property
    def out(self) -> bool:
        """Say whether the observer has failed too often to be asked again."""
        return self.strikes >= STRIKES

    @property
    def is_at_the_end(self) -> bool:
        """Say whether it has seen all there is."""
        return self.position == self._writer.state.position

    async def run(self, rest: Callable[[], None]) -> None:
        """Read to the end of the run; never raises because of the observer. `rest` is called when it has nothing to do."""
        self._desk.recall(self._writer.past(OUTPUTS))
        try:
            await self._read(rest)
            self.resting = True
            rest()
        finally:
            if not self.resting and self._writer.state.status == "ended":
                await self._left_behind()
            if self._lane is not None:
                self._lane.close()

    async def _read(self, rest: Callable[[], None]) -> None:
        while not self.out:
            changed = self._writer.changed
            if not self.is_at_the_end:
                self.resting = False
                await self._give(await self._next())
                continue
            if self._writer.state.status == "ended":
                self.resting = True
                rest()
            await changed.wait()

    async def _next(self) -> Sequence[Event]:
        """Return what is new; in virtual time when the run has nothing else to do, which makes fewer and larger portions."""
        events = self._writer.after(self.position, BATCH)
        if not any(self._wants(event) for event in events):
            return events  # there is nothing to take a turn for
        if self._lane is None:
            self._open()
        assert self._lane is not None
        await self._lane.turn()
        return self._writer.after(self.position, BATCH)

    def _open(self) -> None:
        self._lane = self._setting.workers.lane(self.name, self._observer.limit)
        self._desk.lane = self._lane.inside

    async def _give(self, events: Sequence[Event]) -> None:
        """Show the observer what it wants to see and record what it says."""
        self._waiting.extend(event for event in events if self._wants(event))
        while self._waiting and not self.out:
            assert self._lane is not None
            await self._judge(await self._lane.run(self._see_all, self._take))
        self.position = events[-1].position

    def _wants(self, event: Event) -> bool:
        if event.position in self._desk.own:
            return False
        return self._observer.kinds is None or event.kind in self._observer.kinds

    async def _judge(self, ending: Ending) -> None:
        """Deal with a portion that did not end by itself: the event it was at counts as seen."""
        if ending == "done" or not self._waiting:
            return
        event, limit = self._waiting.popleft(), f"{self._observer.limit:g} s of real time"
        if ending == "late":
            await self._strike(event, f"took longer than {limit}")
        elif ending == "lost":
            self.strikes = (
                STRIKES - 1
            )  # its thread hangs in the observer: nothing can be asked of it any more
            await self._strike(
                event, f"took longer than {limit} and could not be called off: its thread is left behind"
            )
        else:
            await self._strike(event, "ended the event loop it works in", late=False)
            self._open()

    async def _strike(self, event: Event, error: str, *, late: bool = True) -> None:
        self.strikes += 1
        failed = ReaderFailed(self.name, error, event.position, self.strikes, self.out, late)
        await self._writer.write(failed)

    async def _left_behind(self) -> None:
        """Say that the run's end was not waited for any longer."""
        behind = self._writer.state.position - self.position
        error = f"was still {behind} events behind when the run was closed"
        await self._writer.write(ReaderFailed(self.name, error, self.position, self.strikes, True, True))

    async def _take(self) -> None:
        """Record what the observer said."""
        said = self._desk.said
        while said:
            body = said.popleft()
            if isinstance(body, ReaderFailed):
                await self._writer.write(body)
            else:
                event = await self._writer.write(body, source=self._source(body))
                self._desk.own.add(event.position)

    def _source(self, body: Output) -> Source:
        """Return the source of the evidence: what rests on simulated facts is no measurement.

        Without evidence of a device, a bench with any simulated device counts as simulated.
        """
        evidence = body.evidence if isinstance(body, Observed) else ()
        sources = {self._writer.source_of(position) for position in evidence}
        simulated = self._setting.simulated or any(one.simulated for one in self._setting.sessions.values())
        if "simulated" in sources or (simulated and "real" not in sources):
            return "simulated"
        return "real"

    # ------------------------------------------------------------------------------------------------ in the lane
    async def _see_all(self) -> None:
        """Show the observer its events one after the other; whatever it raises is its own."""
        assert self._lane is not None
        lane = self._lane.inside
        while self._waiting and not self.out:
            event = self._waiting[0]
            lane.next()
            try:
                await self._observer.see(event, self._desk)
            except BaseException as error:  # SystemExit and the like too: a plugin must not end labcore
                if not lane.called_off:
                    self._failed(event, error)
            if lane.called_off:
                return
            self._waiting.popleft()

    def _failed(self, event: Event, error: BaseException) -> None:
        self.strikes += 1
        self._desk.tell(ReaderFailed(self.name, _told(error), event.position, self.strikes, self.out))


def _told(error: BaseException) -> str:
    try:
        return repr(error)
    except Exception:  # the plugin's own exception cannot say what it is
        return type(error).__name__
