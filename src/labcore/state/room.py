"""Whether there still is room at the moment an act begins: for a dose in its vessel, for a vessel at its place. Pure.

A verb judges by the bench as it sees it; while it waits for its device, another branch may have filled the same vessel or
put another one at the same place, or may be about to.
"""

from __future__ import annotations

from collections.abc import Iterable

from labcore.model.effect import Effect, Placement, Transfer
from labcore.model.labware import CATALOGUE
from labcore.state.reduce_acts import with_unknown_ends
from labcore.state.run_state import RunState


def overfull(state: RunState, effects: Iterable[Effect], now: float) -> str:
    """Return why a transfer would not fit, judged by the most its target can hold at `now` (s); "" if all do."""
    ledger = with_unknown_ends(state).ledger if state.intents else state.ledger
    for move in effects:
        if not isinstance(move, Transfer) or move.target not in ledger.vessels or move.source == move.target:
            continue
        there = ledger.vessel_at(move.target, now)
        ware = CATALOGUE.get(there.labware)
        most = there.volume.high + move.volume.mid
        if ware is not None and not ware.takes(most):
            held = f"{move.target} holds up to {there.volume.high:.4g} mL by now and would hold {most:.4g} mL"
            return f"{held}; {ware.name} holds {ware.capacity:g} mL"
    return ""


def taken(state: RunState, effects: Iterable[Effect]) -> str:
    """Return why a vessel cannot be set down where it is to go; "" if nothing stands there or may stand there."""
    for put in effects:
        if isinstance(put, Placement):
            ledger = with_unknown_ends(state).ledger if state.intents else state.ledger
            there = ledger.may_be_at(put.place, but=put.vessel)
            if there is not None:
                known = ledger.vessels[there].place == put.place
                return f"{there} {'stands' if known else 'may stand'} at {put.place} by now"
    return ""
