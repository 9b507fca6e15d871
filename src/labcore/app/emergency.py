"""The emergency stop of a lab as runs see it: nothing starts and no act is sent while it is latched."""

from __future__ import annotations

from collections.abc import Callable

from labcore.adapters.latch import Latch
from labcore.app.places import lab_folder
from labcore.errors import DecisionNeeded


def latch_of(lab: str) -> Latch:
    """Return the latch of a lab, by the lab's name."""
    return Latch(lab_folder(lab))


def latched_in(lab: str) -> Callable[[], str]:
    """Return what says why no act may be sent in this lab now, "" while it may."""
    latch = latch_of(lab)

    def why() -> str:
        who = latch.read()
        return "" if who is None else f"the emergency stop of {lab!r} is set {who}"

    return why


def refuse_latched(lab: str) -> None:
    """DecisionNeeded while the lab's emergency stop is latched: nothing may be opened or moved then."""
    why = latched_in(lab)()
    if why:
        raise DecisionNeeded(f"{why}", remedy="`labcore estop --reset` says what to check and ends it.")
