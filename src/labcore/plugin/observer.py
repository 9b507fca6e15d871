"""The contract of an observer: a reader of the journal that may say what it sees, and is given no device.

Found under its entry-point name in group `labcore.observers`. It may be slow, raise or die: the run does not notice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, TypeVar

from labcore.model.event import Event, Observed
from labcore.model.observation import Observable, Quality
from labcore.model.quantity import Quantity
from labcore.ports import RunReader

T = TypeVar("T")


class Desk(Protocol):
    """What an observer works with: the record to read, a place to report to, and threads."""

    @property
    def record(self) -> RunReader:
        """The run so far."""

    def known(self, *evidence: int) -> tuple[Observed, ...]:
        """Return what this observer had on record for this evidence when labcore was started anew on an unfinished run.

        Saying it again is free, working it out again may not be.
        """

    async def work(self, job: Callable[..., T], *args: Any) -> T:
        """Run a blocking function in a thread of the run; virtual time waits for it."""

    async def observe(
        self, observable: str, subject: str, value: Quantity | float | None, *, low: float | None, high: float | None,
        evidence: tuple[int, ...], quality: Quality = "good", flags: tuple[str, ...] = (),
        detail: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report a value with its 90 % interval and the positions of the events it rests on. Saying it twice is free."""

    async def say(self, kind: str, version: int, data: Mapping[str, Any]) -> None:
        """Record a plugin event named `<observer>/<kind>`."""

    def keep(self, name: str, data: bytes) -> str:
        """Write a file into the run's report folder (name without folder parts) and return its path."""


class Observer(ABC):
    """One reader. A fresh instance serves one run; `see` gets every event once or, after a crash, more than once.

    It works in a thread with an event loop of its own. `limit` is how long it may take over one event, s of real time:
    what takes longer is called off and counts as a failure; after three failures it is not asked again. `kinds` names
    the events it wants to see, None for all; others cost nothing. An instance may change its own from inside `see`.
    """

    observables: ClassVar[tuple[Observable, ...]] = ()
    limit: ClassVar[float] = 20.0
    kinds: frozenset[str] | None = None

    @abstractmethod
    async def see(self, event: Event, desk: Desk) -> None:
        """Look at one event."""
