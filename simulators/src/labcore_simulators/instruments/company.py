"""The instruments that share one world, kept in step with it.

An instrument without task or clock moves only when somebody asks it something. Before one of them touches the
world, all of them therefore carry out what was due by then, in order of time: a motor's dose at 10.25 s has
happened when a camera looks at 10.30 s, and a plate's watchdog has switched it off although nobody talks to
the plate any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Member(Protocol):
    """An instrument that changes the world by itself."""

    def next_change(self) -> float | None:
        """Return when it will do something by itself, None if it will not."""

    def advance(self, now: float) -> None:
        """Do what is due by `now`."""


class Company:
    """Brings its members up to a time, in order of time."""

    def __init__(self) -> None:
        self._members: list[Member] = []

    def join(self, member: Member) -> None:
        """Take a member in."""
        self._members.append(member)

    def catch_up(self, now: float) -> None:
        """Let every member do what is due by `now`."""
        while True:
            changes = [
                (at, n) for n, one in enumerate(self._members) if (at := one.next_change()) is not None
            ]
            at, n = min(changes, default=(now, -1))
            if n < 0 or at > now:
                return
            self._members[n].advance(at)


def company_of(world: Any) -> Company:
    """Return the company of a world; the world carries it as an attribute, so that no registry is needed."""
    found = getattr(world, "company", None)
    if not isinstance(found, Company):
        found = world.company = Company()
    return found


def options_of(lab: Mapping[str, Any], device: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Add what only a simulator understands: `world: {instruments: {device: {...}}}` of the lab file."""
    world = lab.get("world") or {}
    return {**options, **((world.get("instruments") or {}).get(device) or {})}
