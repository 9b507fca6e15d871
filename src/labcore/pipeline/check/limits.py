"""Values against the limits of hardware, driver and lab: the narrowest counts, and nothing is clamped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from labcore.errors import PluginError
from labcore.model.plan import Deferred
from labcore.model.quantity import Quantity
from labcore.pipeline.check.bench import NOBODY
from labcore.pipeline.check.subject import Subject


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit of a device's setting and whose it is."""

    low: Quantity | None
    high: Quantity | None
    whose: str


def check_limits(subject: Subject) -> None:
    """Note values that a device or the lab does not allow."""
    bounds = _Bounds(subject)
    for step, effects in subject.steps():
        for key, value in step.args.items():
            highest = value.high if isinstance(value, Deferred) else value
            if isinstance(
                highest, Quantity
            ):  # at its lower end an amount may be nothing at all, which is not sent
                refused = bounds.refuse(effects.devices, key, highest)
                if refused is not None:
                    subject.note("E702", step, *refused, at=subject.at_argument(step, key))


def _refusal(key: str, value: Quantity, bounds: tuple[Bound, ...]) -> tuple[str, str] | None:
    """Return why a value is not allowed, and what to do; None if it is."""
    for bound in bounds:
        low, high = bound.low, bound.high
        if low is not None and value.dimension == low.dimension and value < low:
            return f"{key} {value} is below what {bound.whose} ({low})", f"Use at least {low}."
        if high is not None and value.dimension == high.dimension and value > high:
            return f"{key} {value} is above what {bound.whose} ({high})", f"Use at most {high}."
    return None


class _Bounds:
    """The limits of devices by setting, looked up once, and what was said about each value."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._found: dict[tuple[str, str], tuple[Bound, ...]] = {}
        self._said: dict[Any, tuple[str, str] | None] = {}

    def refuse(self, devices: tuple[str, ...], key: str, value: Quantity) -> tuple[str, str] | None:
        """Return why a value is not allowed, and what to do; None if it is."""
        asked = (devices, key, value.value, value.unit)
        if asked not in self._said:
            self._said[asked] = _refusal(key, value, self._of(devices, key))
        return self._said[asked]

    def _of(self, devices: tuple[str, ...], key: str) -> tuple[Bound, ...]:
        """Return all limits of a setting."""
        return tuple(bound for device in devices for bound in self._device(device, key))

    def _device(self, device: str, key: str) -> tuple[Bound, ...]:
        found = self._found.get((device, key))
        if found is None:
            found = self._found[device, key] = tuple(self._look_up(device, key))
        return found

    def _look_up(self, device: str, key: str) -> Iterator[Bound]:
        plan = self._subject.plan
        machine = plan.machines.get(device)
        if machine is None or device == NOBODY:
            return
        for name, entries in plan.lab.limits.items():
            limit = entries.get(key) if plan.aliases.get(name) == device else None
            if limit is not None:
                yield Bound(limit.min, limit.max, f"this lab allows {device}")
        try:
            hard = self._subject.catalog.load("drivers", machine.driver).limits.get(key)
        except (KeyError, PluginError):
            return
        if hard is not None:
            yield Bound(hard.minimum, hard.maximum, f"{device} can do")
