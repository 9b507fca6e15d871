"""What one observer works with: the record to read, a place to report to, threads (`labcore.plugin.observer.Desk`)."""

from __future__ import annotations

import hashlib
import json
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from labcore.engine.plain import plain
from labcore.model.event import Event, Observed, PluginEvent, ReaderFailed
from labcore.model.observation import Quality
from labcore.model.quantity import Quantity
from labcore.ports import LaneInside, RunReader

T = TypeVar("T")
OUTPUTS = ("observed", "plugin")  # kinds of events that readers write
Output = Observed | PluginEvent


class ReaderDesk:
    """See the module. `said` is what waits to be recorded; outputs are told apart by their ids, over restarts too.

    Concurrency: its methods are called in the reader's lane; the reader takes what was said on the run's loop.
    """

    def __init__(self, name: str, record: RunReader, keep: Callable[[str, bytes], str]) -> None:
        self.name = name
        self.said: deque[Output | ReaderFailed] = deque()
        self.own: set[int] = set()
        self.lane: LaneInside | None = None
        self._record = record
        self._keep = keep
        self._ids: set[str] = set()
        self._known: dict[tuple[int, ...], tuple[Observed, ...]] = {}

    def recall(self, past: Sequence[Event]) -> None:
        """Take in what this observer has on record from before: it is not recorded again."""
        for event in past:
            body = event.body
            if isinstance(body, Observed) and body.by == self.name:
                self._known[body.evidence] = (*self._known.get(body.evidence, ()), body)
                self._recalled(event, body.id or _observed_id(self.name, body))
            elif isinstance(body, PluginEvent) and body.name.startswith(f"{self.name}/"):
                self._recalled(event, body.id or _plugin_id(body))

    def _recalled(self, event: Event, identity: str) -> None:
        self.own.add(event.position)
        self._ids.add(identity)

    # ------------------------------------------------------------------------------------------------ in the lane
    @property
    def record(self) -> RunReader:
        """The run so far."""
        return self._record

    def known(self, *evidence: int) -> tuple[Observed, ...]:
        """Return what this observer reported on this evidence before labcore was started anew; empty if nothing."""
        return self._known.get(evidence, ())

    async def work(self, job: Callable[..., T], *args: Any) -> T:
        """Run a blocking function in a thread."""
        assert self.lane is not None
        return await self.lane.work(job, *args)

    async def observe(
        self, observable: str, subject: str, value: Quantity | float | None, *, low: float | None, high: float | None,
        evidence: tuple[int, ...], quality: Quality = "good", flags: tuple[str, ...] = (),
        detail: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report a value; the same value on the same evidence is recorded once."""
        number, unit = (value.value, value.unit) if isinstance(value, Quantity) else (value, "")
        positions = tuple(int(one) for one in evidence)
        body = Observed(
            str(observable), str(subject), _number(number), str(unit), _number(low), _number(high), quality, self.name,
            positions, tuple(str(one) for one in flags), plain(dict(detail or {})),
        )  # fmt: skip
        self._say(body, _observed_id(self.name, body))

    async def say(self, kind: str, version: int, data: Mapping[str, Any]) -> None:
        """Record a plugin event."""
        body = PluginEvent(f"{self.name}/{kind}", int(version), plain(dict(data)))
        self._say(body, _plugin_id(body))

    def keep(self, name: str, data: bytes) -> str:
        """Write a file into the run's report folder."""
        return self._keep(name, data)

    def _say(self, body: Output, identity: str) -> None:
        if identity in self._ids:
            return
        self._ids.add(identity)
        self.tell(replace(body, id=identity))

    def tell(self, body: Output | ReaderFailed) -> None:
        """Hand over what is to be recorded."""
        self.said.append(body)
        if self.lane is not None:
            self.lane.tell()


def _number(value: float | None) -> float | None:
    """Return a plain finite number: the journal can hold no other."""
    if value is None:
        return None
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} cannot be recorded: report None where there is no value")
    return number


def _observed_id(name: str, body: Observed) -> str:
    return f"{name}:{body.observable}:{body.subject}:{','.join(map(str, body.evidence))}"


def _plugin_id(body: PluginEvent) -> str:
    data = json.dumps(body.data, sort_keys=True).encode()
    return f"{body.name}:{hashlib.sha256(data).hexdigest()[:16]}"
