"""What a person or a policy may say about an act whose end nobody knows, and what follows from it. Pure."""

from __future__ import annotations

from dataclasses import replace

from labcore.model.answer import amount_said
from labcore.model.effect import Placement, Transfer
from labcore.model.event import Intended, Settled
from labcore.model.interval import Interval

DONE, NOT_STARTED, UNKNOWN = "done", "not started", "unknown"
SLACK = 1.5  # how much more than was asked for somebody may say that moved


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


def most_moved(intent: Intended) -> float | None:
    """Return the largest amount that can be said to have moved, mL; None where none moves."""
    moves = [effect for effect in intent.effects if isinstance(effect, Transfer)]
    return moves[0].volume.high * SLACK if moves else None


def settle_as(intent: Intended, said: str, by: str, evidence: dict[str, str] | None = None) -> Settled:
    """Return the settlement that an answer means; ValueError, fit for people, if it cannot be understood.

    Whoever answers sees what arrived. `evidence` of bytes on the wire says that the device had begun: then more may have
    left the source than arrived, and is in the tool or the tubing.
    """
    settled = _as_said(intent, said, by, dict(evidence or {}))
    moves = [effect for effect in intent.effects if isinstance(effect, Transfer)]
    if not moves or "wire" not in settled.evidence or settled.status not in ("not_started", "partly"):
        return settled
    arrived = moves[0].moved(settled.status, settled.amount)
    most = max(arrived.high, moves[0].volume.high)
    return replace(settled, drawn=Interval(arrived.low, (arrived.low + most) / 2, most))


def _as_said(intent: Intended, said: str, by: str, given: dict[str, str]) -> Settled:
    word = said.strip().casefold()
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
    amount = amount_said(said, "mL", move.volume.high * SLACK, possible_ends(intent))
    return Settled(intent.act, "partly", (), amount, evidence, f"{said.strip()} by the word of {by}", by)


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
