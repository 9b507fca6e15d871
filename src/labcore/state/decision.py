"""What `decide` may ask the engine to do. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from labcore.model.plan import Node, Step
from labcore.state.condition import Verdict


@dataclass(frozen=True, slots=True)
class Begin:
    """Start a block (its event is all there is to do) or a step (a task performs it)."""

    key: str
    node: Node
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with a step whose process died: what it did is on record, the rest is done now."""

    key: str
    step: Step


@dataclass(frozen=True, slots=True)
class Restore:
    """Switch on again what recovery made safe. `outputs` are (device, output)."""

    outputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PassOver:
    """Record that a step is not carried out, and why."""

    key: str
    node: Node
    reason: str


@dataclass(frozen=True, slots=True)
class Round:
    """Begin a round. Times in s on the run's clock."""

    key: str
    number: int
    due: float
    late: float


@dataclass(frozen=True, slots=True)
class Missed:
    """Ticks went by while an earlier round was at work."""

    key: str
    count: int
    first_due: float


@dataclass(frozen=True, slots=True)
class Test:
    """Record how a condition was decided."""

    key: str
    text: str
    use: Literal["until", "when", "require"]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Handle:
    """Deal with a failure as the protocol says, or as labcore does where it says nothing (`by`)."""

    key: str
    policy: Literal["stop", "skip", "retry", "pause", "ask", "fallback", "replace"]
    reason: str
    limit: float | None = None
    default: str = "stop"
    options: tuple[str, ...] = ()
    failure: str = ""
    instead: str = ""
    by: str = "protocol"


@dataclass(frozen=True, slots=True)
class Finish:
    """End a block."""

    key: str
    outcome: Literal["done", "failed", "cut", "skipped"]
    error: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """Stop a running step as its verb allows."""

    key: str
    step: Step


@dataclass(frozen=True, slots=True)
class Release:
    """Make outputs safe. `outputs` are (device, output)."""

    key: str
    outputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Halt:
    """Settle the stop of devices that have no output on: do they stand still?"""

    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PauseNow:
    """Nothing runs that must not be interrupted: the run is paused from here."""


@dataclass(frozen=True, slots=True)
class End:
    """End the run."""

    outcome: Literal["done", "failed", "stopped", "aborted"]
    reason: str


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Nothing to do before this time (run's clock, s)."""

    at: float


Decision = (
    Begin
    | Resume
    | Restore
    | PassOver
    | Round
    | Missed
    | Test
    | Handle
    | Finish
    | Cut
    | Release
    | Halt
    | PauseNow
    | End
    | WakeAt
)
