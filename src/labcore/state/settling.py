"""What a person or a policy may say about an act whose end nobody knows, and what follows from it. Pure."""

from __future__ import annotations

import re

from labcore.model.effect import Placement, Transfer
from labcore.model.event import Intended, Settled
from labcore.model.interval import Interval
from labcore.model.quantity import QuantityError, UnitError, parse_quantity

DONE, NOT_STARTED, UNKNOWN = "done", "not started", "unknown"
_RANGE = re.compile(r"\s*([\d.]+)\s*(?:-|–|to)\s*([\d.]+)\s*(\S+)\s*")


def possible_ends(intent: Intended) -> tuple[str, ...]:
    """Return the ends to choose from; where liquid moved an amount (12 mL, 10-14 mL) may be said as well."""
    places = {effect.place for effect in intent.effects if isinstance(effect, Placement)}
    if places:
        return (*(f"at {place}" for place in sorted(places)), NOT_STARTED, UNKNOWN)
    return (DONE, NOT_STARTED, UNKNOWN)


def possible_words(intent: Intended) -> str:
    """Return the same as part of a sentence."""
    ends = ", ".join(possible_ends(intent))
    moves = any(isinstance(effect, Transfer) for effect in intent.effects)
    return f"{ends}, or how much: 12 mL, 10-14 mL" if moves else ends


def only_sets_outputs(intent: Intended) -> bool:
    """Say whether the act moved neither matter nor vessels: its end needs no decision once the device is safe."""
    return not any(isinstance(effect, Transfer | Placement) for effect in intent.effects)


def settle_as(intent: Intended, said: str, by: str, evidence: dict[str, str] | None = None) -> Settled:
    """Return the settlement that an answer means; ValueError, fit for people, if it cannot be understood."""
    word = said.strip().casefold()
    given = dict(evidence or {})
    if word in ("done", "yes"):
        return Settled(intent.act, "done", intent.effects, None, given, "", by)
    if word in ("not started", "not_started", "no"):
        return Settled(intent.act, "not_started", (), None, given, "", by)
    if word == "unknown":
        return Settled(intent.act, "unknown", (), None, given, "", by)
    moved = [effect for effect in intent.effects if isinstance(effect, Transfer)]
    if moved:
        return _partly(intent, moved[0], said, by, given)
    if word.startswith("at "):
        return _stands(intent, said.strip()[3:].strip(), by, given)
    raise ValueError(f"{said!r} is none of {', '.join(possible_ends(intent))}")


def _partly(intent: Intended, move: Transfer, said: str, by: str, evidence: dict[str, str]) -> Settled:
    amount = _amount(said)
    if amount.low < 0 or amount.high > move.volume.high * 1.5:
        raise ValueError(f"{said} cannot be: {move.volume.mid:g} mL were asked for")
    return Settled(intent.act, "partly", (), amount, evidence, f"{said.strip()} by the word of {by}", by)


def _amount(said: str) -> Interval:
    """Read 12 mL or 10-14 mL, in mL; one number is taken to be within 5 %."""
    try:
        between = _RANGE.fullmatch(said)
        if between is None:
            return Interval.around(parse_quantity(said).in_("mL"), relative=0.05)
        low, high = (parse_quantity(f"{between[n]} {between[3]}").in_("mL") for n in (1, 2))
    except (QuantityError, UnitError) as error:
        raise ValueError(f"{said!r}: {error}; say done, not started, unknown, or how much: 12 mL") from error
    if low > high:
        raise ValueError(f"{said!r}: the lower amount comes first")
    return Interval.between(low, high)


def _stands(intent: Intended, place: str, by: str, evidence: dict[str, str]) -> Settled:
    placed = [effect for effect in intent.effects if isinstance(effect, Placement)]
    if any(effect.place == place for effect in placed):
        return Settled(intent.act, "done", intent.effects, None, evidence, "", by)
    if place == str(intent.arguments.get("origin", "")):
        return Settled(intent.act, "not_started", (), None, evidence, "", by)
    ends = ", ".join(possible_ends(intent))
    raise ValueError(
        f"the act has nothing to do with {place!r}: say one of {ends}; correct the lab afterwards"
    )
