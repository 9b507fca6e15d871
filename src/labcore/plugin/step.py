"""The contract of a verb: arguments, needs, effects (pure) and run (through proxies only).

Found under its entry-point name in group `labcore.verbs`. See `labcore/steps/` for one file a verb.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from labcore.capabilities.act import Spot
from labcore.model.effect import Effects
from labcore.model.event import Value
from labcore.model.observation import Observable, Picture, Quality
from labcore.model.quantity import Quantity
from labcore.plugin.arguments import StepArgs
from labcore.plugin.bench import Bench, Need

C = TypeVar("C")
T = TypeVar("T")
Result = Value | Quantity  # what a step returns and `save` keeps


class StepContext(Protocol):
    """What a running step is given: proxies to devices, the bench, a clock, and ways to put facts on record."""

    @property
    def key(self) -> str:
        """The running step, for example "4#7.1" (round 7 of step 4)."""

    @property
    def bench(self) -> Bench:
        """The bench as it is now."""

    def device(self, capability: type[C], need: Need) -> C:
        """Return a proxy for the device that satisfies `need`; acts through it are intended and settled."""

    def when_it_begins(self, work: Callable[[], T], vessel: str) -> T:
        """Return an argument for an act that `work` works out when the act begins, from what `vessel` holds then.

        The device is in hand by then and nothing goes into or out of the vessel. What `work` raises ends the act before
        anything is sent. A step that is taken up finds what it asked for on record.
        """

    async def switch_off(self, device: str, output: str) -> None:
        """Switch an output of a device off, by whatever act of its capabilities does that."""

    def spot(self, vessel: str) -> Spot:
        """Return a vessel with the place where it stands."""

    async def sleep(self, seconds: float) -> None:
        """Wait on the run's clock."""

    async def work(self, job: Callable[..., T], *args: Any) -> T:
        """Run a blocking function in a thread; virtual time waits for it."""

    async def keep_picture(self, vessel: str, picture: Picture, device: str) -> int:
        """Store a picture and record it; returns the position of its event."""

    async def observe(
        self, observable: str, subject: str, value: Quantity, *, uncertainty: float, device: str,
        quality: Quality = "good", detail: Mapping[str, Any] | None = None,
    ) -> int:  # fmt: skip
        """Record a measured value with the half-width of its 90 % interval; returns the event's position."""

    async def note(self, text: str) -> None:
        """Put a remark on record."""

    async def ask(
        self, text: str, *, options: tuple[str, ...] = (), expects: str = "", unit: str = "", limit: float | None = None,
        default: str | None = None,
    ) -> Value:  # fmt: skip
        """Ask a person and return the answer; question and answer are events."""


class Verb(ABC):
    """One kind of step. Stateless: one instance serves every step of its kind.

    `cut` says whether a running step can be stopped anywhere, between its acts, or not at all. `harmless` verbs may be
    repeated without a decision. `output` verbs return once their set-point is confirmed and last until stopped.
    `shorthand` is the argument a bare value sets. `observables` are what the verb itself measures.
    """

    Args: ClassVar[type[StepArgs]]
    cut: ClassVar[Literal["anytime", "between", "never"]] = "between"
    harmless: ClassVar[bool] = False
    output: ClassVar[bool] = False
    shorthand: ClassVar[str] = ""
    observables: ClassVar[tuple[Observable, ...]] = ()
    returns: ClassVar[str] = ""  # dimension of what `save` keeps; "" nothing or text

    @abstractmethod
    def effects(self, args: Any, bench: Bench) -> Effects:
        """Say, purely, what the step will do: the one source for check, plan and the ledger."""

    @abstractmethod
    async def run(self, ctx: StepContext, args: Any) -> Result:
        """Do it. What it returns is what `save` keeps."""

    def label(self, args: Any) -> str:
        """Describe the step in a few words for people."""
        return type(self).__name__.lower()
