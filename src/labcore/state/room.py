"""Whether there still is room at the moment an act begins: for a dose in its vessel, for a vessel at its place. Pure.

A verb judges by the bench as it sees it; while it waits for its device, another branch may have filled the same vessel or
put another one at the same place, or may be about to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from labcore.capabilities.act import Spot
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


def in_the_way(state: RunState, effects: Iterable[Effect], worked_out_from: Iterable[str] = ()) -> bool:
    """Say whether an act under way has to end first: nothing goes into, out of or on with a vessel that is being carried.

    What an act's amount is `worked_out_from` must not be changing either.
    """
    if not state.intents:
        return False
    pours, carries = _handled(effects)
    going_pours, going_carries = _handled(one for intent in state.intents.values() for one in intent.effects)
    pours |= set(worked_out_from)
    return bool(
        carries & (going_pours | going_carries)
        or pours & going_carries
        or going_pours.intersection(worked_out_from)
    )


def _handled(effects: Iterable[Effect]) -> tuple[set[str], set[str]]:
    """Return the vessels that liquid goes into or out of, and those that are carried."""
    pours: set[str] = set()
    carries: set[str] = set()
    for one in effects:
        if isinstance(one, Transfer):
            pours |= {one.source, one.target}
        elif isinstance(one, Placement):
            carries.add(one.vessel)
    return pours, carries


def moved_away(state: RunState, arguments: Mapping[str, object], effects: Iterable[Effect]) -> str:
    """Return which vessel stands elsewhere than the act takes it to; "" if none does."""
    spots = [one for one in arguments.values() if isinstance(one, Spot)]
    there = {one.vessel: one.place for one in spots if one.place != one.vessel}  # a bottle is its own place
    origin = arguments.get("origin")
    there |= {one.vessel: origin for one in effects if isinstance(one, Placement) and isinstance(origin, str)}
    for vessel, place in there.items():
        known = state.ledger.vessels.get(vessel)
        if known is not None and known.place != place:
            return f"{vessel} does not stand at {place} any more"
    return ""
