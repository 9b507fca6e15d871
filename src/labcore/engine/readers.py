"""Observers at work: each reads the journal by position, at its own pace, alone in its failure (semantics.md, Readers).

In virtual time nothing else is needed to keep step: the clock moves only when no reader has anything to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from labcore.engine.act import plain
from labcore.engine.setting import Setting
from labcore.model.event import Event, Observed, PluginEvent, ReaderFailed
from labcore.model.observation import Quality
from labcore.model.quantity import Quantity
from labcore.plugin.observer import Observer
from labcore.ports import RunReader

T = TypeVar("T")
STRIKES = 3
BATCH = 200


class ReaderDesk:
    """What one observer works with (`labcore.plugin.observer.Desk`)."""

    def __init__(self, setting: Setting, name: str) -> None:
        self._setting = setting
        self.name = name
        self.own: set[int] = set()
        self._said: set[str] = set()

    @property
    def record(self) -> RunReader:
        """The run so far."""
        return self._setting.record

    async def work(self, job: Callable[..., T], *args: Any) -> T:
        """Run a blocking function in a thread."""
        return await self._setting.workers.run(job, *args)

    async def observe(
        self, observable: str, subject: str, value: Quantity | float | None, *, low: float | None, high: float | None,
        evidence: tuple[int, ...], quality: Quality = "good", flags: tuple[str, ...] = (),
        detail: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report a value; the same value on the same evidence is recorded once."""
        identity = f"{self.name}:{observable}:{subject}:{','.join(map(str, evidence))}"
        number, unit = (value.value, value.unit) if isinstance(value, Quantity) else (value, "")
        body = Observed(
            observable,
            subject,
            number,
            unit,
            low,
            high,
            quality,
            self.name,
            evidence,
            flags,
            plain(dict(detail or {})),
            identity,
        )
        await self._write(identity, body)

    async def say(self, kind: str, version: int, data: Mapping[str, Any]) -> None:
        """Record a plugin event."""
        body = PluginEvent(f"{self.name}/{kind}", version, plain(dict(data)))
        await self._write(f"{body.name}:{sorted(body.data.items())!r}", body)

    def keep(self, name: str, data: bytes) -> str:
        """Write a file into the run's report folder."""
        return self._setting.keep(name, data)

    async def _write(self, identity: str, body: Observed | PluginEvent) -> None:
        if identity in self._said:
            return
        self._said.add(identity)
        source = "simulated" if self._setting.simulated else "real"
        event = await self._setting.writer.write(body, source=source)  # type: ignore[arg-type]
        self.own.add(event.position)


class Reader:
    """One observer and its place in the journal.

    Lifetime: from the first event to the end of the run and what the observer still has to say about it.
    """

    def __init__(self, setting: Setting, name: str, observer: Observer) -> None:
        self._setting = setting
        self._observer = observer
        self._desk = ReaderDesk(setting, name)
        self.name = name
        self.position = -1
        self.strikes = 0

    @property
    def out(self) -> bool:
        """Say whether the observer has failed too often to be asked again."""
        return self.strikes >= STRIKES

    async def run(self) -> None:
        """Read to the end of the run; never raises because of the observer."""
        writer = self._setting.writer
        while not self.out:
            changed = writer.changed
            events = writer.after(self.position, BATCH)
            for event in events:
                await self._see(event)
                self.position = event.position
            if not events:
                if writer.state.status == "ended":
                    return
                await changed.wait()

    async def _see(self, event: Event) -> None:
        if event.position in self._desk.own or self.out:
            return
        try:
            await self._observer.see(event, self._desk)
        except Exception as error:  # an observer is a plugin: it must not touch the run
            self.strikes += 1
            failed = ReaderFailed(self.name, repr(error), event.position, self.strikes, self.out)
            await self._setting.writer.write(failed)
