"""The bench outside labcore: world, instruments and person that go on when the process that used them is dead.

They live on one clock, the bench's; a process has a loop clock of its own that began `offset` s later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from campaign.tally import Tally
from labcore.adapters.entry_points import EntryPointCatalog
from labcore.plugin.catalog import Kind, Listed
from labcore_simulators.registration import SIMULATORS
from labcore_simulators.world import World

INSTALLED = EntryPointCatalog({("observers", "tally"): Tally})


class LastingBench:
    """A catalogue whose world and simulators are these, whichever process asks for them."""

    def __init__(self, lab: Mapping[str, Any], seed: int) -> None:
        self.lab, self.seed = lab, seed
        self.world = World.from_lab(lab, seed=seed, now=0.0)
        self.offset = 0.0
        self.made: dict[str, Any] = {}
        self.booked: list[Any] = []

    # ---------------------------------------------------------------------------------------- catalogue
    def names(self, kind: Kind) -> tuple[str, ...]:
        return INSTALLED.names(kind)

    def listed(self) -> tuple[Listed, ...]:
        return INSTALLED.listed()

    def load(self, kind: Kind, name: str) -> Any:
        if kind == "worlds":
            return lambda lab, **more: self.world
        if kind == "simulators":
            return lambda world, **more: self._instrument(name, more["device"], more["options"])
        return INSTALLED.load(kind, name)

    def _instrument(self, word: str, device: str, options: Mapping[str, Any]) -> Any:
        if device not in self.made:
            kind = SIMULATORS[word]
            self.made[device] = kind(self.world, device=device, options=options, lab=self.lab, seed=self.seed)
        inner = self.made[device]
        return _Person(self, inner) if word == "person" else _Device(self, inner)

    # ---------------------------------------------------------------------------------------- between lives
    def power_cycle(self, device: str, now: float) -> None:
        """Switch a device off and on, `now` on the bench's clock."""
        inner = self.made[device]
        if hasattr(inner, "board"):
            inner.company.catch_up(now)
            inner.board.power_up(now)
            return
        inner.opened(now)
        for channel in inner.on:
            inner._switch(channel, False, now)
        inner.watch.clear()
        inner.error = 0

    def pass_time(self, until: float, *, people_finish: bool) -> None:
        """Let time pass while no process lives: devices go on, people do what they had begun if they like."""
        due = [one for one in self.booked if one.pending.at <= until] if people_finish else []
        for one in sorted(due, key=lambda one: one.pending.at):
            one.pending.complete(one.pending.at)
        self.booked.clear()
        company = getattr(self.world, "company", None)
        if company is not None:
            company.catch_up(until)
        self.world.advance(until)


@dataclass(slots=True)
class _Device:
    """A byte device as one process sees it."""

    bench: LastingBench
    inner: Any

    @property
    def line(self) -> Any:
        return self.inner.line

    def opened(self, now: float) -> None:
        self.inner.opened(now + self.bench.offset)

    def feed(self, data: bytes, now: float) -> None:
        self.inner.feed(data, now + self.bench.offset)

    def poll(self, now: float) -> bytes:
        said: bytes = self.inner.poll(now + self.bench.offset)
        return said

    def due(self) -> float | None:
        at = self.inner.due()
        return None if at is None else float(at) - self.bench.offset


@dataclass(slots=True)
class _Person:
    """A person as one process sees them."""

    bench: LastingBench
    inner: Any

    def ask(self, question: Mapping[str, Any], now: float) -> _Booked:
        booked = _Booked(self.bench, self.inner.ask(question, now + self.bench.offset))
        self.bench.booked.append(booked)
        return booked


@dataclass(slots=True, eq=False)
class _Booked:
    bench: LastingBench
    pending: Any
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.pending.at - self.bench.offset

    def complete(self, now: float) -> Any:
        if self in self.bench.booked:
            self.bench.booked.remove(self)
        return self.pending.complete(now + self.bench.offset)
