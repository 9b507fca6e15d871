"""The words in which steps, the engine and drivers speak about one act.

A capability file declares two typing Protocols: what a *step* may call (awaitable, through the engine's proxy) and what
a *driver* implements (`@acts` methods return an `Act`: frames first, sending later). A step that got hold of a driver
would not type-check, because the two differ in every act.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeVar

from labcore.model.effect import Effect, SetOutput
from labcore.model.interval import Interval

F = TypeVar("F", bound=Callable[..., Any])
MARK = "__labcore_mark__"


@dataclass(frozen=True, slots=True)
class Spot:
    """A vessel and the place where it stands."""

    vessel: str
    place: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act did. `amount` in mL where liquid moved; `value` is returned to the step."""

    status: Literal["done", "partly", "not_started", "unknown"]
    amount: Interval | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Act:
    """An act encoded but not sent. `frames` are what will go over the wire, printable; `deadline` in s.

    `send` transmits and waits for the end. `cut` stops it half-way and says what became of it; None: it cannot be cut.
    `cut_within` in s bounds that.
    """

    frames: tuple[str, ...]
    send: Callable[[], Awaitable[Outcome]]
    deadline: float
    cut: Callable[[], Awaitable[Outcome]] | None = None
    cut_within: float = 10.0


@dataclass(frozen=True, slots=True)
class Acts:
    """Mark of a method that moves matter, heat or force; `effects(device, **arguments)` says what it changes."""

    effects: Callable[..., tuple[Effect, ...]]


@dataclass(frozen=True, slots=True)
class Reads:
    """Mark of a method that only asks. What it returns can be written in `unit`, if one is given."""

    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """The act that switches an output off: a `method` without arguments of a capability."""

    output: str
    capability: type
    method: str


def acts(effects: Callable[..., tuple[Effect, ...]]) -> Callable[[F], F]:
    """Mark a capability method as an act with the effects it has when it is done."""

    def mark(method: F) -> F:
        setattr(method, MARK, Acts(effects))
        return method

    return mark


def reads(method: F) -> F:
    """Mark a capability method as a harmless read."""
    setattr(method, MARK, Reads())
    return method


def reads_in(unit: str) -> Callable[[F], F]:
    """Mark a capability method as a harmless read of a quantity that can be written in `unit`."""

    def mark(method: F) -> F:
        setattr(method, MARK, Reads(unit))
        return method

    return mark


@cache
def marked(capability: type) -> dict[str, Acts | Reads]:
    """Return the marked methods of a capability by name."""
    found = {name: getattr(getattr(capability, name, None), MARK, None) for name in dir(capability)}
    return {name: mark for name, mark in found.items() if mark is not None}


def switches(capabilities: Iterable[type]) -> tuple[Switch, ...]:
    """Return the act that switches it off for every output of these capabilities, heat first."""
    found = (one for capability in capabilities for one in _switches(capability))
    return tuple(sorted(found, key=lambda one: one.output != "temperature"))


def settings(capabilities: Iterable[type]) -> tuple[str, ...]:
    """Return the names of the quantities that these capabilities' acts take ("speed", "volume"): what can be limited."""
    return tuple(dict.fromkeys(name for capability in capabilities for name in _settings(capability)))


@cache
def _settings(capability: type) -> tuple[str, ...]:
    acting = [name for name, mark in marked(capability).items() if isinstance(mark, Acts)]
    takes = (inspect.signature(getattr(capability, name)).parameters.values() for name in acting)
    return tuple(one.name for some in takes for one in some if "Quantity" in str(one.annotation))


@cache
def _switches(capability: type) -> tuple[Switch, ...]:
    return tuple(
        Switch(effect.output, capability, name)
        for name, mark in marked(capability).items()
        if isinstance(mark, Acts)
        and list(inspect.signature(getattr(capability, name)).parameters) == ["self"]
        for effect in mark.effects("")
        if isinstance(effect, SetOutput) and effect.value is None
    )
