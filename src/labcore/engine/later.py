"""Arguments that are worked out when their act begins, with the device in hand (decision 0020)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Later:
    """A value that follows from what `vessel` holds at the moment the act begins."""

    work: Callable[[], Any]
    vessel: str


def depends_on(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the vessels whose content decides what an act is asked for."""
    return tuple(one.vessel for one in arguments.values() if isinstance(one, Later))


def worked_out(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments as values; whatever working one out raises says why the act does not begin."""
    return {name: one.work() if isinstance(one, Later) else one for name, one in arguments.items()}
