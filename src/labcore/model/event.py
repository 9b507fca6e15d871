"""Every fact the journal can hold: a closed set of frozen bodies in one envelope.

A plugin's own events travel as `PluginEvent`: they are kept as they are and never change run state.
Positions refer to other events of the same journal; a body never carries a time of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from labcore.model.effect import Effect
from labcore.model.evaporation import Loss
from labcore.model.interval import Interval

Source = Literal["labcore", "simulated", "real"]
Value = dict[str, Any] | float | bool | str | None  # a quantity is {"value": x, "unit": "mL"}

SCHEMA_VERSION = 2  # 2: recovery, narrowing, guards, lost devices


# ------------------------------------------------------------------------------------------------ the run
@dataclass(frozen=True, slots=True)
class RunStarted:
    protocol: str
    plan_digest: str
    lab: str
    simulated: bool
    seed: int | None
    parameters: dict[str, str]
    observers: tuple[str, ...] = ()
    by: str = ""
    kind: Literal["run_started"] = "run_started"


@dataclass(frozen=True, slots=True)
class VesselStated:
    """What a vessel is believed to hold (mL per material) and where it stands, before or between acts.

    `total` is what is known of the sum beyond the sum of the parts. `losses` say how fast it may lose that to the air,
    `tare` (g) what else a balance sees. `as_of` is the wall-clock time that all this is about, if not the event's own.
    `solids` (g) were put in; how much of them has dissolved since, nobody counts.
    """

    vessel: str
    labware: str
    place: str | None
    contents: dict[str, Interval]
    by: str
    closed: bool = False
    losses: tuple[Loss, ...] = ()
    tare: Interval | None = None
    total: Interval | None = None
    as_of: str = ""
    solids: dict[str, float] = field(default_factory=dict)
    kind: Literal["vessel_stated"] = "vessel_stated"


@dataclass(frozen=True, slots=True)
class DeviceConnected:
    driver: str
    identity: str
    detail: dict[str, str] = field(default_factory=dict)
    kind: Literal["device_connected"] = "device_connected"


@dataclass(frozen=True, slots=True)
class RunEnded:
    outcome: Literal["done", "failed", "stopped", "aborted"]
    reason: str = ""
    kind: Literal["run_ended"] = "run_ended"


# ------------------------------------------------------------------------------------------------ control
@dataclass(frozen=True, slots=True)
class RecoveryBegun:
    """A process took over a run that another one left unfinished.

    `away` in s is how long nobody ran it: the run's clock has gone on. `unsettled` are acts whose end nobody knows,
    `interrupted` the keys of steps that were under way.
    """

    by: str
    attempt: int
    away: float
    unsettled: tuple[str, ...] = ()
    interrupted: tuple[str, ...] = ()
    kind: Literal["recovery_begun"] = "recovery_begun"


@dataclass(frozen=True, slots=True)
class RecoveryDecided:
    """How an interrupted run goes on: from where it was, with its clean-up only, or not at all.

    `restores` are the (device, output) that were on and are switched on again. `attended` says that somebody is there to
    be asked about steps that fail because of the interruption; else they fail where the protocol says nothing.
    """

    decision: Literal["resume", "finish", "close"]
    by: str
    why: str = ""
    restores: tuple[tuple[str, str], ...] = ()
    attended: bool = True
    kind: Literal["recovery_decided"] = "recovery_decided"


@dataclass(frozen=True, slots=True)
class ControlAsked:
    what: Literal["pause", "resume", "stop", "abort", "estop"]
    by: str
    why: str = ""
    now: bool = False
    kind: Literal["control_asked"] = "control_asked"


@dataclass(frozen=True, slots=True)
class Paused:
    reason: str = ""
    kind: Literal["paused"] = "paused"


@dataclass(frozen=True, slots=True)
class StopSettled:
    """What became of making one device safe (semantics.md, Stops).

    `suspends`: the run stands still and switches the outputs on again when it goes on.
    """

    status: Literal["acknowledged", "halted", "ran_to_completion", "unconfirmed"]
    outputs: tuple[str, ...] = ()
    confirmed_by: str = ""
    message: str = ""
    frames: tuple[str, ...] = ()
    suspends: bool = False
    kind: Literal["stop_settled"] = "stop_settled"


# ------------------------------------------------------------------------------------------------ steps
@dataclass(frozen=True, slots=True)
class StepStarted:
    verb: str
    label: str
    args: dict[str, Any] = field(default_factory=dict)
    background: bool = False
    attempt: int = 1
    kind: Literal["step_started"] = "step_started"


@dataclass(frozen=True, slots=True)
class StepResumed:
    """A step that was under way when the process died goes on; `known` of its acts and answers are on record and not repeated."""

    known: int = 0
    kind: Literal["step_resumed"] = "step_resumed"


@dataclass(frozen=True, slots=True)
class StepEnded:
    outcome: Literal["done", "failed", "skipped", "cut"]
    result: Value = None
    error: str = ""
    code: str = ""
    remedy: str = ""
    kind: Literal["step_ended"] = "step_ended"


@dataclass(frozen=True, slots=True)
class ErrorHandled:
    """What was decided about a step that failed, or about a condition that nobody could decide.

    `failure` is the kind it was decided by, `instead` the name of the steps that are taken.
    """

    policy: Literal["stop", "skip", "retry", "pause", "ask", "fallback", "replace"]
    reason: str = ""
    by: str = "protocol"
    failure: str = ""
    instead: str = ""
    kind: Literal["error_handled"] = "error_handled"


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """A repetition begins its round; `due` and `late` in s on the run's clock."""

    round: int
    due: float
    late: float = 0.0
    kind: Literal["round_started"] = "round_started"


@dataclass(frozen=True, slots=True)
class RoundsMissed:
    """Ticks of a schedule that passed while an earlier round was still at work; they are not made up for."""

    count: int
    first_due: float
    kind: Literal["rounds_missed"] = "rounds_missed"


@dataclass(frozen=True, slots=True)
class ConditionTested:
    """A condition was decided on the values shown; `evidence` are the positions of the observations used."""

    text: str
    holds: bool | None
    use: Literal["until", "when", "require"]
    values: dict[str, Value] = field(default_factory=dict)
    evidence: tuple[int, ...] = ()
    reason: str = ""
    kind: Literal["condition_tested"] = "condition_tested"


@dataclass(frozen=True, slots=True)
class Saved:
    name: str
    value: Value
    kind: Literal["saved"] = "saved"


# ------------------------------------------------------------------------------------------------ acts
@dataclass(frozen=True, slots=True)
class Intended:
    """About to act: durable before the first byte. `frames` are printable; `deadline` in s."""

    act: str
    method: str
    arguments: dict[str, Any]
    frames: tuple[str, ...]
    effects: tuple[Effect, ...]
    deadline: float
    kind: Literal["intended"] = "intended"


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an act. `amount` (mL) replaces the volume of its transfer; `effects` are those that hold.

    `drawn` (mL) is what left the source, where that may be more than what arrived.
    """

    act: str
    status: Literal["done", "partly", "not_started", "unknown"]
    effects: tuple[Effect, ...] = ()
    amount: Interval | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    by: str = ""
    drawn: Interval | None = None
    kind: Literal["settled"] = "settled"


@dataclass(frozen=True, slots=True)
class VolumeNarrowed:
    """A weighing or a calibrated picture says more exactly what a vessel holds; volumes in mL."""

    vessel: str
    before: Interval
    volume: Interval
    by: str
    evidence: tuple[int, ...] = ()
    kind: Literal["volume_narrowed"] = "volume_narrowed"


# ------------------------------------------------------------------------------------------------ seeing
@dataclass(frozen=True, slots=True)
class ImageTaken:
    """A picture was stored; `blob` is its SHA-256, `place` where the camera looked."""

    vessel: str
    blob: str
    media_type: str
    height: int
    width: int
    place: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    kind: Literal["image_taken"] = "image_taken"


@dataclass(frozen=True, slots=True)
class Observed:
    """Somebody or something saw a value; `low` and `high` are its 90 % interval, `evidence` event positions."""

    observable: str
    subject: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    quality: Literal["good", "doubtful", "bad"]
    by: str
    evidence: tuple[int, ...]
    flags: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    kind: Literal["observed"] = "observed"


@dataclass(frozen=True, slots=True)
class Noted:
    text: str
    by: str
    kind: Literal["noted"] = "noted"


# ------------------------------------------------------------------------------------------------ people
@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a person. `limit` in s (None: no limit), then `default` counts if it is given.

    `most` says that an amount from 0 up to it (in `unit`) is an answer, beside the options.
    """

    question: str
    text: str
    ask: Literal["act", "ask", "choose", "confirm", "picture", "measure", "decide"]
    options: tuple[str, ...] = ()
    expects: str = ""
    unit: str = ""
    act: dict[str, Any] = field(default_factory=dict)
    limit: float | None = None
    default: str | None = None
    holds: str = ""
    most: float | None = None
    kind: Literal["asked"] = "asked"


@dataclass(frozen=True, slots=True)
class Answered:
    question: str
    value: Value
    by: str
    blob: str | None = None
    kind: Literal["answered"] = "answered"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    question: str
    why: str
    kind: Literal["withdrawn"] = "withdrawn"


# ------------------------------------------------------------------------------------------------ trouble
@dataclass(frozen=True, slots=True)
class Warned:
    code: str
    message: str
    kind: Literal["warned"] = "warned"


@dataclass(frozen=True, slots=True)
class DeviceLost:
    """A device does not answer any more; nothing is sent to it before it has said again who it is."""

    message: str
    kind: Literal["device_lost"] = "device_lost"


@dataclass(frozen=True, slots=True)
class GuardTripped:
    """A guard saw what must not be; `then` is what it asked for. `value` in `unit`, None for a reading that did not come."""

    guard: str
    message: str
    value: float | None
    unit: str
    then: Literal["pause", "stop", "abort"]
    kind: Literal["guard_tripped"] = "guard_tripped"


@dataclass(frozen=True, slots=True)
class ReaderFailed:
    """A reader of the journal raised or was too slow; `out` says that it is not asked again.

    `late` says that real time decided: a simulated run is not reproducible from here on.
    """

    reader: str
    error: str
    at_position: int
    strikes: int
    out: bool
    late: bool = False
    kind: Literal["reader_failed"] = "reader_failed"


@dataclass(frozen=True, slots=True)
class ClockJumped:
    """The loop stood still or the computer slept; `by` in s."""

    by: float
    kind: Literal["clock_jumped"] = "clock_jumped"


@dataclass(frozen=True, slots=True)
class PluginEvent:
    """A plugin's fact, named `plugin/kind`; kept unchanged, without influence on run state."""

    name: str
    version: int
    data: dict[str, Any]
    id: str = ""
    kind: Literal["plugin"] = "plugin"


Body = (
    RunStarted | VesselStated | DeviceConnected | RunEnded | RecoveryBegun | RecoveryDecided | ControlAsked | Paused
    | StopSettled | StepStarted | StepResumed | StepEnded | ErrorHandled | RoundStarted | RoundsMissed | ConditionTested
    | Saved | Intended | Settled | VolumeNarrowed | ImageTaken | Observed | Noted | Asked | Answered | Withdrawn | Warned
    | DeviceLost | GuardTripped | ReaderFailed | ClockJumped | PluginEvent
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal. `position` counts from 0; `at` is s since the run began; `wall` is ISO 8601, UTC."""

    position: int
    at: float
    wall: str
    source: Source
    body: Body
    step: str | None = None
    device: str | None = None

    @property
    def kind(self) -> str:
        """Name what kind of fact this is, for example "step_started"."""
        return self.body.kind
