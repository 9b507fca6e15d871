"""Devices of a run: one connected driver each, with its lock, its limits and its act counter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import anyio

from labcore.capabilities.act import Acts, Outcome, Reads, Switch, marked, switches
from labcore.engine.guard_post import STOPPING, Post
from labcore.errors import DeviceRefused, LimitError
from labcore.model.effect import Effect, Transfer
from labcore.model.event import DeviceConnected, Source
from labcore.model.interval import Interval
from labcore.model.lab import LimitEntry
from labcore.model.quantity import Quantity
from labcore.plugin.driver import Driver, Identity

UNSTATED = 0.05  # relative; how well a device doses whose driver says nothing about it


@dataclass(frozen=True, slots=True)
class Ended:
    """The last act of a device: what was sent, what became of it, and whether it was cut."""

    method: str
    frames: tuple[str, ...]
    outcome: Outcome
    cut: bool


@dataclass(slots=True)
class Session:
    """One device in use. `lock` keeps exchanges apart; a person and a robot alike do one thing at a time.

    `identity` is who answered first; `connected` what was put on record when it answered last.
    `post` is what the guard knows of a device on a line; `latched` says why no act may be sent in this lab now, "" if it may.
    `busy_until` is the deadline (loop clock, s) of the act under way, None while there is none; `ended` is the last one.
    """

    name: str
    driver: Driver
    simulated: bool
    limits: Mapping[str, LimitEntry] = field(default_factory=dict)
    lock: anyio.Lock = field(default_factory=partial(anyio.Lock, fast_acquire=True))
    identity: Identity | None = None
    connected: DeviceConnected | None = None
    post: Post | None = None
    latched: Callable[[], str] = str
    busy_until: float | None = None
    was_cut: bool = False
    ended: Ended | None = None

    @property
    def source(self) -> Source:
        """Say whether what this device reports is simulated or real."""
        return "simulated" if self.simulated else "real"

    def mark(self, capability: type, method: str) -> Acts | Reads:
        """Return how a capability's method is marked; AttributeError if it is not."""
        try:
            return marked(capability)[method]
        except KeyError:
            raise AttributeError(f"{capability.__name__} has no act or read {method!r}") from None

    def effects(self, mark: Acts, arguments: Mapping[str, Any]) -> tuple[Effect, ...]:
        """Return what an act is to change; what moves is known only as well as this device doses."""
        return tuple(
            replace(effect, volume=self._dosed(effect.volume)) if isinstance(effect, Transfer) else effect
            for effect in mark.effects(self.name, **arguments)
        )

    def _dosed(self, volume: Interval) -> Interval:
        if volume.width:
            return volume
        tell = getattr(self.driver, "dose_uncertainty", None)
        half = UNSTATED * volume.mid if tell is None else float(tell(volume.mid))
        return Interval(max(0.0, volume.mid - half), volume.mid, volume.mid + half)

    def switch(self, output: str) -> Switch | None:
        """Return the act that switches an output off; None if no capability of this driver can."""
        return next((one for one in switches(self.driver.capabilities) if one.output == output), None)

    def check_latch(self) -> None:
        """Refuse while the lab's emergency stop is latched; what stops the device is never refused."""
        why = "" if STOPPING.get() else self.latched()
        if why:
            remedy = "`labcore estop --reset` says what to check and ends it."
            raise DeviceRefused(
                f"{self.name}: {why}; nothing was sent",
                remedy=remedy,
                device=self.name,
                outcome=Outcome("not_started"),
            )

    def check_limits(self, arguments: Mapping[str, Any]) -> None:
        """Refuse a setting outside the hardware's or the lab's range, before a byte is sent."""
        for name, value in arguments.items():
            if not isinstance(value, Quantity):
                continue
            hardware = self.driver.limits.get(name)
            lab = self.limits.get(name)
            bounds = [(hardware.minimum, hardware.maximum, "the hardware")] if hardware else []
            bounds += [(lab.min, lab.max, "this lab")] if lab else []
            for low, high, whose in bounds:
                self._check(name, value, low, high, whose)

    def _check(
        self, name: str, value: Quantity, low: Quantity | None, high: Quantity | None, whose: str
    ) -> None:
        if not (low is None or low <= value):
            raise LimitError(
                f"{name} {value} is below the minimum of {whose}, {low}; nothing was sent", device=self.name
            )
        if not (high is None or value <= high):
            raise LimitError(
                f"{name} {value} is above the maximum of {whose}, {high}; nothing was sent", device=self.name
            )
