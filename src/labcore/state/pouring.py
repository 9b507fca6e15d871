"""What an act moved when others were at its vessels meanwhile, and when it may have happened. Pure.

A draw begins and ends somewhere between its intent and its settlement. Whatever goes into its source in that time may have
been in it already or not yet: what was drawn has any composition between. And what was poured may have been there, and
evaporating, since the intent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from labcore.model.effect import Transfer
from labcore.model.interval import Interval
from labcore.model.vessel import EMPTY
from labcore.state import ledger as books
from labcore.state.run_state import RunState, UnderWay, evolve

Contents = Mapping[str, Interval]


def poured(
    state: RunState, move: Transfer, began: UnderWay, at: float, left: Interval | None = None
) -> RunState:
    """Return the state after an act (no longer among the intents) moved liquid, having begun when `began` says.

    `left` (mL) is what left the source, if not all of it arrived.
    """
    drawn_from = _mixture(state, move.source, began.mixed.get(move.source), at)
    others = sum(one.volume.high for _, one in _open_transfers(state) if one.source == move.source)
    how: dict[str, Any] = {"since": began.at, "drawn_from": drawn_from, "others": others, "left": left}
    ledger = books.transfer(state.ledger, move, at, **how)
    for name in (move.source, move.target):
        if name in ledger.vessels and not _at_work(state, name):
            ledger = ledger.stated(name, ledger.vessels[name].not_below_zero())
    return evolve(state, ledger=ledger, begun=_seen_by_draws(state, ledger, move.target))


def _mixture(
    state: RunState, vessel: str, seen: Contents | None, at: float, going: tuple[str, ...] = ()
) -> Contents | None:
    """Return what `vessel` may hold of everything while others pour into it, None if nobody does and nobody did."""
    pours = [(act, move) for act, move in _open_transfers(state) if move.target == vessel != move.source]
    if vessel not in state.ledger.vessels or not (pours or seen):
        return seen
    ledger = state.ledger
    found = _hull(ledger.vessel_at(vessel, at).contents, seen)
    for act, move in pours:
        if move.source in going:  # liquid goes round: anything may be in anything
            found = _anything(state, (*going, vessel), found)
            continue
        inner = _mixture(state, move.source, state.begun[act].mixed.get(move.source), at, (*going, vessel))
        part = replace(move, volume=move.moved("unknown", None))
        ledger = books.transfer(ledger, part, at, drawn_from=inner)
        found = _hull(found, ledger.vessels[vessel].contents)
    return found


def _anything(state: RunState, vessels: tuple[str, ...], found: Contents) -> dict[str, Interval]:
    total: dict[str, Interval] = dict(found)
    for name in vessels:
        for material, amount in state.ledger.vessels[name].contents.items():
            more = Interval(0.0, 0.0, max(0.0, amount.high))
            total[material] = total.get(material, EMPTY) + more
    return {material: replace(amount, low=min(0.0, amount.low)) for material, amount in total.items()}


def _seen_by_draws(state: RunState, after: books.Ledger, vessel: str) -> Mapping[str, UnderWay]:
    """Note, for every act that draws from a vessel just now, what it held before and after something came in."""
    drawing = [act for act, move in _open_transfers(state) if move.source == vessel]
    if not drawing or vessel not in after.vessels:
        return state.begun
    both = _hull(state.ledger.vessels[vessel].contents, after.vessels[vessel].contents)
    begun = dict(state.begun)
    for act in drawing:
        mixed = {**begun[act].mixed, vessel: _hull(both, begun[act].mixed.get(vessel))}
        begun[act] = replace(begun[act], mixed=mixed)
    return begun


def _at_work(state: RunState, vessel: str) -> bool:
    return any(vessel in (move.source, move.target) for _, move in _open_transfers(state))


def _open_transfers(state: RunState) -> list[tuple[str, Transfer]]:
    return [
        (act, effect)
        for act, intent in state.intents.items()
        for effect in intent.effects
        if isinstance(effect, Transfer)
    ]


def _hull(one: Contents, other: Contents | None) -> dict[str, Interval]:
    """Return what covers both; the middles are those of the first."""
    if other is None:
        return dict(one)
    return {name: one.get(name, EMPTY).hull(other.get(name, EMPTY)) for name in dict.fromkeys((*one, *other))}
