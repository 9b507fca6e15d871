"""States for a `RunReader` that a test writes by hand."""

from __future__ import annotations

from collections.abc import Iterable

from labcore.model.event import Event
from labcore.ports import RunView
from labcore.state.reduce import fold
from labcore.state.reduce_acts import with_unknown_ends


def state_after(events: Iterable[Event], *, widened: bool = False) -> RunView:
    """Return the state after `events`, folded by labcore's own rules; IllegalEvent if they cannot follow each other."""
    state = fold(events)
    return with_unknown_ends(state) if widened else state
