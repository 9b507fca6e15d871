"""The state of a run: everything `decide` needs, nothing that events do not say. Frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from labcore.model.event import Asked, Event, Intended, Observed, Value
from labcore.model.interval import Interval
from labcore.model.vessel import VesselState
from labcore.state.ledger import Ledger

Status = Literal["new", "running", "pausing", "paused", "stopping", "aborting", "recovering", "ended"]
BLOCKS = frozenset({"protocol", "sequence", "parallel", "repeat", "choice"})  # every other verb is a step's


@dataclass(frozen=True)  # without slots: see `evolve`
class Live:
    """A step or block under way. Times in s on the run's clock, `position`s are event positions.

    `next` is the index (from 1) of the next foreground child; `ended` are segments of children that ended (parallel and
    clean-up); `troubles` are children (or the block's own condition) that failed and are not dealt with yet; they are not begun
    again before somebody or the protocol decided. `substitute` is the key of the failed child whose `instead` steps are taken,
    `replaced` are children for which that was done once, `again` children to be begun again (with which attempt) out of the
    row: background steps, branches, clean-up steps.
    `attempt` is which one of its own this is, `attempts` which one of its next child's or of its condition's is due.
    `acted` is the gravest end of all acts so far, "" if there was none. `interrupted` says that the process performing a step
    died and nobody has taken it up yet, `taken_up` that somebody has who can be asked.
    """

    key: str
    verb: str
    at: float
    position: int
    background: bool = False
    next: int = 1
    ended: frozenset[str] = frozenset()
    round: int = 0
    tick: int = 0
    round_position: int = -1
    waiting_from: float = 0.0
    tested: bool | None = None
    troubles: tuple[Trouble, ...] = ()
    failed: Trouble | None = None
    attempt: int = 1
    attempts: int = 1
    substitute: str | None = None
    instead: str = ""
    replaced: frozenset[str] = frozenset()
    again: Mapping[str, int] = field(default_factory=dict)
    acted: str = ""
    interrupted: bool = False
    taken_up: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """What failed: a child's key (or the block's own), why, and whether it was put to a person.

    `taken_up`: it failed after an interruption, so that a person is asked where the protocol says nothing. `attempt` is the
    one that failed, `acted` the gravest end of its acts, `inside` the key of what failed in it and was dealt with there.

    `handled` "interrupted": it did not fail, `pause --now` cut it, and it begins again when the run is resumed.
    """

    key: str
    error: str
    code: str = ""
    handled: str = ""
    taken_up: bool = False
    attempt: int = 1
    acted: str = ""
    inside: str | None = None
    background: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """A device output that is on. `step` set it by `act`; `settled` says that making it safe was tried."""

    value: float
    unit: str
    step: str
    at: float
    settled: bool = False
    act: Intended | None = None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An act under way since `at`, s. `mixed` is, by vessel that it draws from, what that may have held meanwhile, mL.

    A vessel is in it only if others poured into it since.
    """

    at: float
    mixed: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """The latest observations of one (observable, subject)."""

    position: int
    at: float
    evidence: int
    body: Observed


@dataclass(frozen=True, slots=True)
class Unusable:
    """Observations of one (observable, subject) of bad quality since the last usable one: their evidence, and the last flags."""

    evidence: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()


NOBODY = "simulation"  # who stops a run that waits for a decision which nobody is there to take


@dataclass(frozen=True)  # without slots: see `evolve`
class RunState:
    """See the module.

    `before` is the status in which the last process died, `suspended` are outputs that recovery made safe and that a
    resumed run switches on again.
    """

    status: Status = "new"
    position: int = -1
    at: float = 0.0
    live: Mapping[str, Live] = field(default_factory=dict)
    results: Mapping[str, Value] = field(default_factory=dict)
    seen: Mapping[tuple[str, str], Seen] = field(default_factory=dict)
    unusable: Mapping[tuple[str, str], Unusable] = field(default_factory=dict)
    touched: Mapping[str, int] = field(default_factory=dict)
    outputs: Mapping[tuple[str, str], Output] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    intents: Mapping[str, Intended] = field(default_factory=dict)
    begun: Mapping[str, UnderWay] = field(default_factory=dict)  # the acts of `intents`
    acts: int = 0
    lost: frozenset[str] = frozenset()
    questions: Mapping[str, Asked] = field(default_factory=dict)
    asked: int = 0
    recoveries: int = 0
    attended: bool = True
    before: Status = "new"
    suspended: Mapping[tuple[str, str], Output] = field(default_factory=dict)
    image_at: Mapping[int, float] = field(default_factory=dict)
    reason: str = ""
    pause_now: bool = False
    connected: frozenset[str] = frozenset()
    halted: frozenset[str] = frozenset()  # devices whose stop was settled since it was asked for
    stopped_at: float = 0.0
    stopped_by: str = ""
    outcome: str = ""
    simulated: bool = True
    reproducible: bool = True

    @property
    def vessels(self) -> Mapping[str, VesselState]:
        """What every vessel holds and where it stands, brought up to the time of the last event."""
        return self.ledger.at_time(self.at).vessels


S = TypeVar("S", Live, RunState)


def evolve(state: S, **changes: Any) -> S:
    """Return a copy with some fields changed: what `dataclasses.replace` does, at a sixth of its cost.

    State is copied a dozen times for every act. Names of fields are checked by the reducer's tests.
    """
    copy = object.__new__(type(state))
    copy.__dict__.update(state.__dict__)
    copy.__dict__.update(changes)
    return copy


def stamped(after: RunState, before: RunState, event: Event) -> RunState:
    """Return the state with the event's position and time, in place if `after` is a copy that nobody else has yet."""
    own = evolve(before) if after is before else after
    own.__dict__["position"] = event.position
    own.__dict__["at"] = event.at
    return own
