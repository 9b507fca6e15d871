"""The one appender: journal first, then state, then those who wait (semantics.md, Physical actions 5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import anyio
import anyio.lowlevel

from labcore.errors import StorageError
from labcore.model.durability import RIDES_ALONG
from labcore.model.event import Body, Event, Source
from labcore.ports import Commits, Journal, WallClock
from labcore.state.reduce import reduce
from labcore.state.run_state import RunState

RECENT = 1024  # events kept in memory for readers that keep up
PAST = 1000  # events read at a time
RIDES = 32  # events written without waiting before others on the loop have their turn
TRY_AGAIN = 1.0  # s between two tries to write to a disk that refuses


@dataclass(slots=True)
class _Draft:
    body: Body
    step: str | None
    device: str | None
    source: Source
    event: Event | None = None
    misfit: Exception | None = None


@dataclass(frozen=True, slots=True)
class Stall:
    """The disk refuses since `since` (s on the run's clock); `over` is set when it takes events again."""

    since: float
    error: StorageError
    over: anyio.Event


class Writer:
    """Append events and keep the run's state. While the disk refuses, whoever writes waits: nothing goes on unrecorded.

    Lifetime: one run. Concurrency: any task of the loop may write; `append` runs in place when time is virtual. When it
    is real, what has to be on disk goes through `commits`, shared by all who wait (group commit).
    """

    def __init__(
        self,
        journal: Journal,
        clock: WallClock,
        *,
        state: RunState | None = None,
        began: float = 0.0,
        commits: Commits | None = None,
        time: Callable[[], float] = anyio.current_time,
    ) -> None:
        self.state = state or RunState()
        self.began = began
        self._changed: anyio.Event | None = None
        self._journal = journal
        self._clock = clock
        self._commits = commits
        self._time = time
        self._drafts: list[_Draft] = []
        self._lock = anyio.Lock(fast_acquire=True)  # a free journal needs no turn of the loop
        self.judging = anyio.Lock(fast_acquire=True)  # held by an act on matter that is about to be intended
        self._acts = self.state.acts
        self._recent: deque[Event] = deque(maxlen=RECENT)
        self._rides = 0
        self.stall: Stall | None = None
        self.stalled = anyio.Event()
        self._hopeless = False

    def next_act(self) -> str:
        """Return an id for an act that no other act of this run has."""
        self._acts += 1
        return f"act-{self._acts}"

    def now(self) -> float:
        """Return s since the run began."""
        return self._time() - self.began

    @property
    def changed(self) -> anyio.Event:
        """Set when the next event is committed; made when somebody asks, because most events nobody waits for."""
        if self._changed is None:
            self._changed = anyio.Event()
        return self._changed

    def after(self, position: int, limit: int) -> Sequence[Event]:
        """Return committed events after a position: the latest from memory, older ones from the journal."""
        if position >= self.state.position:
            return ()
        first = self._recent[0].position if self._recent else self.state.position + 1
        if position + 1 < first:
            return self._journal.read(position, limit)
        # from the end: a reader is seldom far behind
        new = list(islice(reversed(self._recent), self.state.position - position))
        return new[: -limit - 1 : -1]

    def past(self, kinds: tuple[str, ...]) -> Sequence[Event]:
        """Return all committed events of some kinds; the others are not decoded."""
        found: list[Event] = []
        while batch := self._journal.read(found[-1].position if found else -1, PAST, kinds):
            found.extend(batch)
        return found

    def source_of(self, position: int) -> Source | None:
        """Return the source of a committed event, None if there is none at this position."""
        found = self.after(position - 1, 1) if position >= 0 else ()
        return found[0].source if found else None

    async def write(
        self, body: Body, *, step: str | None = None, device: str | None = None, source: Source = "labcore"
    ) -> Event:
        """Append one event and return it, durable. IllegalEvent if it does not fit; then nothing happened.

        Nobody can be cancelled in here: whoever has something to record does so, and is cancelled afterwards.
        """
        draft = _Draft(body, step, device, source)
        if self._in_place(body):
            events, state = self._prepare([draft])
            try:
                self._journal.append(_fitting(draft, events))
            except StorageError as error:
                self._refused(error)
            else:
                self._publish(events, state)
                if self._commits is not None:
                    await self._ride(self._commits)
                return events[0]
        self._drafts.append(draft)
        with anyio.CancelScope(shield=True):
            async with self._lock:
                if draft.event is None and draft.misfit is None:
                    await self._flush()
        if draft.misfit is not None:
            raise draft.misfit
        assert draft.event is not None
        return draft.event

    def _in_place(self, body: Body) -> bool:
        """Say whether appending waits for no disk; while somebody else's commit is under way there is no overtaking."""
        if self.stall is not None:
            return False
        return self._commits is None or (body.kind in RIDES_ALONG and not self._lock.locked())

    async def _ride(self, commits: Commits) -> None:
        """Leave an event to the disk's next turn; a stream of readings must not keep the loop for itself."""
        commits.rode()
        self._rides += 1
        if self._rides % RIDES == 0:
            await anyio.lowlevel.cancel_shielded_checkpoint()

    async def write_all(self, bodies: Sequence[Body]) -> None:
        """Append several events in one commit: after a crash there are all of them or none."""
        drafts = [_Draft(body, None, None, "labcore") for body in bodies]
        async with self._lock:
            events, state = self._prepare(drafts)
            for draft in drafts:
                _fitting(draft, events)
            if self._commits is None:
                self._journal.append(events)
            else:
                with anyio.CancelScope(shield=True):
                    await self._commits.append(events)
            self._publish(events, state)

    async def _flush(self) -> None:
        """Commit all waiting drafts together; one that does not fit is its own writer's trouble and nobody else's."""
        drafts, self._drafts = self._drafts, []
        events, state = self._prepare(drafts)
        if events:
            await self._append(events)
            self._publish(events, state)
        fitting = (draft for draft in drafts if draft.misfit is None)
        for draft, event in zip(fitting, events, strict=True):
            draft.event = event

    async def _append(self, events: Sequence[Event]) -> None:
        """Commit, trying again for as long as the disk refuses; StorageError if somebody gave it up."""
        while True:
            if self._hopeless and self.stall is not None:
                raise self.stall.error
            try:
                if self._commits is None:
                    self._journal.append(events)
                else:
                    await self._commits.append(events)
            except StorageError as error:
                self._refused(error)
                await anyio.sleep(TRY_AGAIN)
            else:
                if self.stall is not None:
                    self.stall.over.set()
                    self.stall = None
                return

    def give_up(self) -> bool:
        """Let a refused write fail instead of being tried again; False if the disk does not refuse."""
        self._hopeless = self.stall is not None
        return self._hopeless

    def _refused(self, error: StorageError) -> None:
        if self.stall is None:
            self.stall = Stall(round(self.now(), 3), error, anyio.Event())
            stalled, self.stalled = self.stalled, anyio.Event()
            stalled.set()

    def _prepare(self, drafts: Sequence[_Draft]) -> tuple[list[Event], RunState]:
        state, events = self.state, []
        at = round(max(self.now(), state.at), 6)
        for draft in drafts:
            event = Event(
                state.position + 1,
                at,
                self._clock.stamp(at),
                draft.source,
                draft.body,
                draft.step,
                draft.device,
            )
            try:
                state = reduce(state, event)
            except Exception as error:  # it goes to whoever wrote it; the others' events fit all the same
                draft.misfit = error
            else:
                events.append(event)
        return events, state

    def _publish(self, events: Sequence[Event], state: RunState) -> None:
        self._recent.extend(events)
        self.state = state
        self.wake()

    def wake(self) -> None:
        """Let whoever waits for a change look again."""
        changed, self._changed = self._changed, None
        if changed is not None:
            changed.set()


def _fitting(draft: _Draft, events: Sequence[Event]) -> Sequence[Event]:
    """Return `events`, or raise what is wrong with a draft of them."""
    if draft.misfit is not None:
        raise draft.misfit
    return events
