"""What a step had done when its process died: given back from the journal instead of being done again.

A step that is taken up runs its verb from the start, in the bench as it was then. Every act, question and record finds
what became of it the first time; from the point where the journal knows no more, things happen for real.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from labcore.capabilities.act import Outcome
from labcore.engine.questions import NOBODY
from labcore.errors import DecisionNeeded, DeviceError
from labcore.model.effect import Placement
from labcore.model.event import (
    Answered,
    Asked,
    Body,
    Event,
    Intended,
    Noted,
    RecoveryBegun,
    Saved,
    Settled,
    StepResumed,
    Withdrawn,
)
from labcore.ports import Answer, RunReader
from labcore.state.reduce import fold
from labcore.state.run_state import Live, RunState

SAID_ONCE = (
    "noted",
    "saved",
)  # a reading or a picture taken again is another fact, a remark made again is not


@dataclass(slots=True)
class _Entry:
    """One thing the step did: `began` and, for acts and questions, `end`."""

    began: Event
    end: Event | None = None

    @property
    def at(self) -> float:
        return (self.end or self.began).at


@dataclass(slots=True)
class Past:
    """The record of one step, used up from its beginning. `harmless`: what did not end as done may be done again."""

    events: Sequence[Event]
    live: Live
    harmless: bool
    _entries: deque[_Entry] = field(init=False)
    _known_at: float = field(init=False)
    _state: RunState = field(default_factory=RunState)

    def __post_init__(self) -> None:
        self._entries = deque(_entries(self.events, self.live))
        self._known_at = self.live.at

    @classmethod
    def of(cls, record: RunReader, live: Live, *, harmless: bool) -> Past:
        """Return the past of a step under way."""
        return cls(record.events(), live, harmless)

    def __len__(self) -> int:
        return len(self._entries)

    def state(self) -> RunState | None:
        """Return the state in which the next thing on record was done; None where the record ends."""
        return self._fold_to(self._entries[0].began.position - 1) if self._entries else None

    def start(self) -> RunState:
        """Return the state in which the step began."""
        return self._fold_to(self.live.position)

    def waited(self, now: float) -> float | None:
        """Return how long the step has been waiting since the last thing on record, s; None: the wait was over."""
        if self._entries:
            return None
        since, self._known_at = self._known_at, now
        return max(0.0, now - since)

    def act(self, device: str, method: str) -> Outcome | None:
        """Return what became of this act, None if it is to be sent (now, or again where that is allowed).

        DeviceError, carrying the outcome, if it did not end as done; DecisionNeeded if another act stands here.
        """
        entry = self._next(Intended)
        if entry is None:
            return None
        intent, settled = entry.began.body, entry.end.body if entry.end is not None else None
        assert isinstance(intent, Intended)
        if (entry.began.device, intent.method) != (device, method) or not isinstance(settled, Settled):
            raise self._astray(f"{device}: {method}", f"{entry.began.device}: {intent.method}")
        return self._given_back(device, intent, settled)

    def _given_back(self, device: str, intent: Intended, settled: Settled) -> Outcome | None:
        method = intent.method
        outcome = Outcome(settled.status, settled.amount, dict(settled.evidence), settled.message)
        if settled.status == "done":
            return outcome
        if self._is_sent_again(intent, settled):
            # an earlier recovery sent it again already: what became of that stands next on record
            return self.act(device, method) if self._entries else None
        ends = {
            "partly": "was only partly done",
            "not_started": "was not started",
            "unknown": "has an unknown end",
        }
        text = f"{device}: {method} {ends[settled.status]}. {settled.message}".strip()
        raise DeviceError(text, device=device, outcome=outcome)

    def _is_sent_again(self, intent: Intended, settled: Settled) -> bool:
        """Say whether a step that is taken up sends an act again that did not end as done.

        One that ended in the hands of its verb, with more on record, is given back as it was: the verb dealt with it.
        A vessel of which nobody knows where it stands is not fetched again from where it stood.
        """
        if self._entries and not settled.by:
            return False
        if settled.status != "not_started" and any(isinstance(one, Placement) for one in intent.effects):
            return False
        return self.harmless or (settled.status == "not_started" and bool(settled.by))

    def answer(self, text: str) -> Answer | None:
        """Return the answer to a question that was asked and answered; None if it has to be asked."""
        entry = self._next(Asked)
        if entry is None or entry.end is None:
            return None
        asked, end = entry.began.body, entry.end.body
        assert isinstance(asked, Asked)
        if asked.text != text:
            return None
        if isinstance(end, Answered):
            return Answer(end.value, end.by)
        return Answer(asked.default, "default")  # nobody answered in time: what was done since rests on it

    def said(self, body: Noted | Saved) -> bool:
        """Say whether this is on record already."""
        if not self._entries:
            return False
        if self._entries[0].began.body != body:
            return False
        self._known_at = self._entries.popleft().at
        return True

    def _next(self, kind: type[Body]) -> _Entry | None:
        """Take the next act or question; records before it that nobody asked for are passed over."""
        for index, entry in enumerate(self._entries):
            if isinstance(entry.began.body, Intended | Asked):
                if not isinstance(entry.began.body, kind):
                    return None
                for _ in range(index + 1):
                    self._known_at = self._entries.popleft().at
                return entry
        return None

    def _astray(self, now: str, then: str) -> DecisionNeeded:
        return DecisionNeeded(
            f"this step cannot be taken up: it wants {now} where the record has {then}",
            remedy="Decide by hand what is still to be done; nothing was sent.",
        )

    def _fold_to(self, position: int) -> RunState:
        if position < self._state.position:
            self._state = RunState()
        self._state = fold(self.events[self._state.position + 1 : position + 1], self._state)
        return self._state


def _was_left(entry: _Entry, withdrawn: Withdrawn) -> bool:
    """Say whether a question was taken back because its time was over, with a default that counts."""
    return (
        withdrawn.why.startswith(NOBODY)
        and isinstance(entry.began.body, Asked)
        and entry.began.body.default is not None
    )


def _entries(events: Sequence[Event], live: Live) -> list[_Entry]:
    """Return what the step itself did: questions of recovery and outputs switched on again are none of its own."""
    found: list[_Entry] = []
    open_: dict[str, _Entry] = {}
    performed = True
    for event in events[live.position + 1 :]:
        body = event.body
        if isinstance(body, RecoveryBegun):
            performed = False
        elif isinstance(body, StepResumed) and event.step == live.key:
            performed = True
        if isinstance(body, Settled | Answered | Withdrawn):
            entry = open_.pop(body.act if isinstance(body, Settled) else body.question, None)
            if entry is not None and not (isinstance(body, Withdrawn) and not _was_left(entry, body)):
                entry.end = event
        elif not performed:
            continue
        elif event.step == live.key and isinstance(body, Intended | Asked):
            entry = _Entry(event)
            open_[body.act if isinstance(body, Intended) else body.question] = entry
            found.append(entry)
        elif event.step == live.key and event.kind in SAID_ONCE:
            found.append(_Entry(event))
    return [one for one in found if one.end is not None or not isinstance(one.began.body, Asked)]
