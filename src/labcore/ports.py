"""What the engine needs from outside, as small typing Protocols. No event loop is imported here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

from labcore.model.event import Asked, Event, Value
from labcore.model.observation import Picture
from labcore.model.vessel import VesselState

T = TypeVar("T")


class Journal(Protocol):
    """The append-only truth of one run. One writer; positions have no gap."""

    def append(self, events: Sequence[Event]) -> None:
        """Commit `events` together; on return they survive the death of the process (power loss: adapter's level)."""

    def read(self, after: int = -1, limit: int = 1000, kinds: tuple[str, ...] = ()) -> Sequence[Event]:
        """Return committed events (of some `kinds`) with position > `after`, in order, at most `limit`."""

    def last(self, kind: str, source: str = "") -> Event | None:
        """Return the newest event of a kind (and a source) without reading the others; None if there is none."""

    def close(self) -> None:
        """Release the file; further calls raise."""


class Commits(Protocol):
    """The way to a journal that does not make the run's loop wait for the disk."""

    async def append(self, events: Sequence[Event]) -> None:
        """Commit `events` off the loop; on return the journal has them, or its error is raised."""

    def rode(self) -> None:
        """See to it that what was appended on the loop is on disk soon."""


class BlobStore(Protocol):
    """Bytes by content."""

    def put(self, data: bytes) -> str:
        """Store `data` durably and return its SHA-256 in hex; storing it twice is free."""

    def get(self, digest: str) -> bytes:
        """Return the bytes; KeyError if they are not here."""


class WallClock(Protocol):
    """The one place wall-clock stamps come from."""

    def stamp(self, at: float) -> str:
        """Return ISO 8601 UTC for `at` s since the run began."""


class Workers(Protocol):
    """The only way to a thread. A call holds virtual time until its result is in."""

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Run `work(*args)` in a thread and return its result or raise its exception."""

    def lane(self, name: str, limit: float) -> Lane:
        """Open a thread with an event loop of its own; `limit` s of real time for each piece of its work."""


Ending = Literal["done", "late", "lost", "broken"]


class Lane(Protocol):
    """A thread with an event loop of its own, so that what a plugin does there holds nobody up."""

    @property
    def inside(self) -> LaneInside:
        """What the work in the lane has of it."""

    async def turn(self) -> None:
        """Wait until the run has nothing else to do at this instant; in real time for nothing."""

    async def run(self, job: Callable[[], Awaitable[None]], take: Callable[[], Awaitable[None]]) -> Ending:
        """Run `job` in the lane to its end and `take` here what it has said meanwhile.

        "late": a piece of it took longer than the limit and was called off. "lost": it did not end then either; its thread
        is left behind. "broken": it ended the lane's loop. After the last two the lane is of no use any more.
        """

    def close(self) -> None:
        """End the thread."""


class LaneInside(Protocol):
    """A lane as seen by the work in it."""

    @property
    def called_off(self) -> bool:
        """Say whether the work took too long and shall end."""

    def next(self) -> None:
        """Say that the next piece of work begins: the limit counts from here."""

    def tell(self) -> None:
        """Say that there is something to take."""

    async def work(self, call: Callable[..., T], *args: Any) -> T:
        """Run `call(*args)` in a worker."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said. `file` holds bytes they handed over (a photograph)."""

    value: Value
    by: str
    file: bytes | None = None
    media_type: str = ""


class Prompts(Protocol):
    """Questions to people."""

    async def ask(self, question: Asked) -> Answer:
        """Put the question and wait for its answer, for ever if need be (the caller owns the deadline)."""

    def withdraw(self, question: str, why: str) -> None:
        """Take a question back; nobody need answer it any more."""


class ByteStream(Protocol):
    """An open connection to a device."""

    async def send(self, data: bytes) -> None:
        """Write all of `data`; LinkLost if the connection is gone."""

    async def receive(self, limit: int = 4096) -> bytes:
        """Return the next 1..limit bytes, waiting for them; LinkLost at the end of the stream."""

    async def aclose(self) -> None:
        """Close; calling it twice is harmless."""

    def urgent(self, data: bytes) -> None:
        """Write `data` now, from any thread, blocking (a few s at most), ahead of whatever waits; LinkLost if it cannot.

        A `send` under way is finished first: no frame is split.
        """


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How a serial line is set. Without meaning for other transports."""

    baud: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: int = 1


class Link(Protocol):
    """How to reach a byte device; chosen by `app` from a URL that the driver never sees."""

    @property
    def name(self) -> str:
        """Say where this leads, for messages ("/dev/ttyUSB0", "sim://gantry")."""

    async def open(self, line: LineSettings) -> ByteStream:
        """Open the connection with the given line settings."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One camera frame. `pixels` is an array (height, width, 3), uint8, BGR; `at` on the loop's clock, s."""

    pixels: Any
    at: float
    flags: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


class FrameSource(Protocol):
    """Where pictures come from."""

    @property
    def name(self) -> str:
        """Say where the frames come from, for messages."""

    async def open(self) -> Mapping[str, Any]:
        """Start delivering; return what the source says of itself (size, rate, back end)."""

    async def frame(self, newer_than: float) -> Frame:
        """Return the first frame exposed after `newer_than` (loop clock, s)."""

    async def aclose(self) -> None:
        """Stop; calling it twice is harmless."""


class RunView(Protocol):
    """The state of a run after one of its events."""

    @property
    def position(self) -> int:
        """The position of that event; -1 before the first."""

    @property
    def outcome(self) -> str:
        """How the run ended; "" if it has not."""

    @property
    def vessels(self) -> Mapping[str, VesselState]:
        """What every vessel holds and where it stands."""


@runtime_checkable
class RunReader(Protocol):
    """Read one run. Observers, notebooks and exports get this and nothing else."""

    @property
    def header(self) -> Mapping[str, Any]:
        """What differs by nature: run id, state, host, versions, protocol and lab text."""

    def events(self, after: int = -1) -> Sequence[Event]:
        """Return all events after a position."""

    def state_at(self, position: int, *, widened: bool = False) -> RunView:
        """Return the state after the event at `position`, after the last one if there is none so late.

        `widened` takes acts under way as of unknown end: what may be. Going from earlier to later positions costs
        only what lies between.
        """

    def blob(self, digest: str) -> bytes:
        """Return a stored blob."""

    def plan(self) -> Mapping[str, Any]:
        """Return the plan as plain data."""


__all__ = [
    "Answer", "BlobStore", "ByteStream", "Commits", "Ending", "Frame", "FrameSource", "Journal", "Lane", "LaneInside",
    "LineSettings", "Link", "Picture", "Prompts", "RunReader", "RunView", "WallClock", "Workers",
]  # fmt: skip
