"""What an act changes in the world, as data: one vocabulary for check, plan, intents and the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from labcore.model.interval import Interval


@dataclass(frozen=True, slots=True)
class Transfer:
    """Liquid moves between vessels (a bottle, a vial and the waste are all vessels). `volume` in mL."""

    source: str
    target: str
    volume: Interval
    kind: Literal["transfer"] = "transfer"

    def moved(self, status: str, amount: Interval | None) -> Interval:
        """Return the mL that moved in an act that ended like this.

        `amount` is what was reported; without it all for "done", none for "not_started", else anything up to all.
        """
        if status == "not_started":
            return Interval(0.0, 0.0, 0.0)
        if amount is not None:
            return amount
        return self.volume if status == "done" else Interval(0.0, self.volume.high / 2, self.volume.high)


@dataclass(frozen=True, slots=True)
class Placement:
    """A vessel goes to a place."""

    vessel: str
    place: str
    kind: Literal["placement"] = "placement"


@dataclass(frozen=True, slots=True)
class SetOutput:
    """A device's output is set (`value` in `unit`) or switched off (`value` is None)."""

    device: str
    output: str
    value: float | None
    unit: str = ""
    kind: Literal["set_output"] = "set_output"


@dataclass(frozen=True, slots=True)
class Touched:
    """A vessel was disturbed in a way that only makes older observations of it stale."""

    vessel: str
    kind: Literal["touched"] = "touched"


Effect = Transfer | Placement | SetOutput | Touched


def vessels_of(effects: Iterable[Effect]) -> frozenset[str]:
    """Return the vessels that an act's effects are about."""
    found: set[str] = set()
    for effect in effects:
        match effect:
            case Transfer(source, target):
                found |= {source, target}
            case Placement(vessel) | Touched(vessel):
                found.add(vessel)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Effects:
    """What a whole step is expected to do: its effects in order, how long it takes (s), and what it lets one observe.

    `observes` names (observable, subject) pairs that the step itself measures or gives an observer to look at.
    """

    changes: tuple[Effect, ...] = ()
    duration: Interval = Interval(0.0, 0.0, 0.0)
    observes: tuple[tuple[str, str], ...] = ()
    devices: tuple[str, ...] = ()
