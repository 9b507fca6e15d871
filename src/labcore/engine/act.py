"""Carry out one act: limits, encode, durable intent, send under a deadline, settlement (semantics.md).

However it ends, the settlement says what the act did to the world; a timeout is unknown, never failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import anyio

from labcore.capabilities.act import Act, Acts, Outcome
from labcore.engine.border import (
    Escaped,
    believed,
    clean,
    contained,
    fault_in_act,
    fault_in_arguments,
    shown,
)
from labcore.engine.connection import LOSSES, find_again, note_loss
from labcore.engine.guard_post import STOPPING
from labcore.engine.later import depends_on, worked_out
from labcore.engine.plain import plain
from labcore.engine.session import Ended, Session
from labcore.engine.writer import Writer
from labcore.errors import DeviceError, DeviceTimeout, LabcoreError, LimitError, LinkLost, PluginError
from labcore.model.effect import Effect, Placement, SetOutput, Transfer
from labcore.model.event import Intended, Settled
from labcore.state.room import in_the_way, moved_away, overfull, taken
from labcore.wire.wire_log import ACT


@dataclass(slots=True)
class _End:
    """How sending ended; `lost` says why the connection is gone, "" if it is not."""

    outcome: Outcome
    remedy: str = ""
    lost: str = ""


async def perform_act(
    writer: Writer,
    session: Session,
    method: str,
    mark: Acts,
    arguments: Mapping[str, Any],
    *,
    step: str | None,
) -> Outcome:
    """Intend, send and settle one act; DeviceError (carrying the outcome) unless it was done."""
    session.check_latch()
    vessels = depends_on(arguments)
    effects = () if vessels else _allowed(session, method, mark, arguments)
    end: _End | None = None
    while end is None:
        # outside the device's turn: what is in the way has a deadline, and nobody else is kept from the device
        while in_the_way(writer.state, effects, vessels):
            await writer.changed.wait()
        end = await _turn(writer, session, method, mark, arguments, effects, step)
    if end.outcome.status != "done":
        kind = LinkLost if end.lost else DeviceError
        message = _failure(session, method, end.outcome)
        raise kind(message, device=session.name, outcome=end.outcome, remedy=end.remedy)
    return end.outcome


async def _turn(
    writer: Writer,
    session: Session,
    method: str,
    mark: Acts,
    arguments: Mapping[str, Any],
    effects: tuple[Effect, ...],
    step: str | None,
) -> _End | None:
    """Do it with the device in hand; None, with nothing done, if another act has come in the way meanwhile."""
    async with session.lock:
        switching = [effect.output for effect in effects if isinstance(effect, SetOutput)]
        await find_again(writer, session, step, switching=switching)
        begun = await _intend(writer, session, method, mark, arguments, effects, step)
        if begun is None:
            return None
        intent, act = begun
        session.busy_until, session.was_cut = anyio.current_time() + act.deadline, False
        sending = ACT.set(intent.act)
        try:
            end = await _send(writer, session, intent, act, step)
            await _settle(writer, session, intent, end, step)
        finally:
            ACT.reset(sending)
            session.busy_until = None
        return end


async def _intend(
    writer: Writer,
    session: Session,
    method: str,
    mark: Acts,
    arguments: Mapping[str, Any],
    effects: tuple[Effect, ...],
    step: str | None,
) -> tuple[Intended, Act] | None:
    """Judge with the device in hand, and intend; None if another act has come in the way meanwhile.

    From judging whether there is room until the intent is in the state, no other act is judged that takes some.
    """
    vessels = depends_on(arguments)
    takes_room = bool(vessels) or any(isinstance(effect, Transfer | Placement) for effect in effects)
    async with writer.judging if takes_room else nullcontext():
        if in_the_way(writer.state, effects, vessels):
            return None
        if vessels:
            arguments = worked_out(arguments)
            effects = _allowed(session, method, mark, arguments)
        _refuse_without_room(writer, session, method, arguments, effects)
        act = await _encode(writer, session, method, arguments, step)
        intent = Intended(
            writer.next_act(), method, plain(arguments), act.frames, effects, round(act.deadline, 3)
        )
        await writer.write(intent, step=step, device=session.name, source=session.source)
    return intent, act


def _allowed(session: Session, method: str, mark: Acts, arguments: Mapping[str, Any]) -> tuple[Effect, ...]:
    """Return what the act will change; LimitError if it may not be asked for."""
    session.check_limits(arguments)
    return _effects(session, method, mark, arguments)


def _effects(session: Session, method: str, mark: Acts, arguments: Mapping[str, Any]) -> tuple[Effect, ...]:
    """Return what the act will change; refuse what no device may be asked for, before a byte is sent."""
    try:
        effects = session.effects(mark, arguments)
        fault = fault_in_arguments(arguments, effects)
    except BaseException as error:  # wrong units, or what the driver says of its own precision
        fault = clean(str(error)) or type(error).__name__
    if fault:
        remedy = "Look at where the step gets its values from."
        message = f"{session.name}: {method} is impossible: {fault.rstrip('.')}; nothing was sent"
        raise LimitError(message, device=session.name, remedy=remedy)
    return effects


def _refuse_without_room(
    writer: Writer, session: Session, method: str, arguments: Mapping[str, Any], effects: tuple[Effect, ...]
) -> None:
    """Judge once more, with the device in hand: another branch may have filled, moved or displaced a vessel meanwhile."""
    state = writer.state
    why = overfull(state, effects, writer.now())
    remedy = "Use a larger vessel, weigh this one if less is in it, or empty it first."
    if not why:
        why = moved_away(state, arguments, effects) or taken(state, effects)
        remedy = "Do one after the other, use another place, or say what stands where with `labcore lab set`."
    if why:
        raise LimitError(
            f"{session.name}: {method}: {why}; nothing was sent", device=session.name, remedy=remedy
        )


async def _encode(
    writer: Writer, session: Session, method: str, arguments: Mapping[str, Any], step: str | None
) -> Act:
    try:
        act = getattr(session.driver, method)(**arguments)
    except LinkLost as error:
        await note_loss(writer, session, error.message, step)
        raise
    except LabcoreError:
        raise
    except BaseException as error:  # a driver is a plugin: even an exit is only a failure of its act
        raise _blame(session, f"could not encode {method}: {shown(error)}; nothing was sent") from error
    fault = fault_in_act(act)
    if fault:
        raise _blame(session, f"{method} cannot be used: {fault}; nothing was sent")
    return act  # type: ignore[no-any-return]


async def _send(writer: Writer, session: Session, intent: Intended, act: Act, step: str | None) -> _End:
    """Send and wait; return what became of it and what to do about it. A cancellation settles the act first."""
    try:
        session.check_latch()  # again: the intent took its time
        with anyio.fail_after(act.deadline, shield=act.cut is None) as scope:  # uncut, it runs to its end
            outcome = await contained(act.send)
        return _End(believed(outcome, intent.effects))
    except TimeoutError:
        gave_up = f"no end within {act.deadline:g} s" if scope.cancel_called else "the driver gave up waiting"
        return await _cut(session, act, intent, gave_up)
    except DeviceError as error:
        return await _failed(session, act, intent, error)
    except LOSSES as error:
        lost = clean(str(error)) or type(error).__name__
        return _End(Outcome("unknown", message=lost), lost=lost)
    except anyio.get_cancelled_exc_class():
        end = await _cut(session, act, intent, "cut")
        await _settle(writer, session, intent, end, step)
        raise
    except Exception as error:  # a driver is a plugin: its bugs make the outcome unknown
        return _End(Outcome("unknown", message=f"the driver {_raised(error)}"))


async def _failed(session: Session, act: Act, intent: Intended, error: DeviceError) -> _End:
    """Return what a driver's own error says became of the act; one that does not say leaves it unknown."""
    message, remedy = clean(error.message), clean(error.remedy)
    lost = message if isinstance(error, LinkLost) else ""
    if error.outcome is None and isinstance(error, DeviceTimeout):
        end = await _cut(session, act, intent, message)
        return replace(end, remedy=remedy)
    outcome = Outcome("unknown") if error.outcome is None else believed(error.outcome, intent.effects)
    return _End(outcome if outcome.message else replace(outcome, message=message), remedy, lost)


async def _cut(session: Session, act: Act, intent: Intended, why: str) -> _End:
    """Stop an act half-way, bounded; what cannot be told is unknown."""
    if act.cut is None:
        return _End(Outcome("unknown", message=why))
    lost = ""
    session.was_cut, stopping = True, STOPPING.set(True)
    with anyio.CancelScope(shield=True):
        try:
            with anyio.fail_after(act.cut_within):
                outcome = believed(await contained(act.cut), intent.effects)
        except (Exception, anyio.get_cancelled_exc_class()) as error:  # shielded: only the driver can cancel
            reason = clean(str(error)) or "no answer in time"
            lost = reason if isinstance(error, LOSSES) and not isinstance(error, TimeoutError) else ""
            outcome = Outcome("unknown", message=f"{why}; stopping it failed: {reason}")
        finally:
            STOPPING.reset(stopping)
    return _End(outcome if outcome.message else replace(outcome, message=why), lost=lost)


def _raised(error: Exception) -> str:
    return str(error) if isinstance(error, Escaped) else f"raised {shown(error)}"


async def _settle(writer: Writer, session: Session, intent: Intended, end: _End, step: str | None) -> None:
    outcome = end.outcome
    settled = Settled(
        intent.act,
        outcome.status,
        _holding(intent.effects, outcome),
        outcome.amount,
        plain(outcome.evidence),
        clean(outcome.message),
    )
    session.ended = Ended(intent.method, intent.frames, outcome, session.was_cut)
    if session.post is not None:
        session.post.refresh()
    await writer.write(settled, step=step, device=session.name, source=session.source)
    if end.lost:
        await note_loss(writer, session, end.lost, step)


def _holding(effects: tuple[Effect, ...], outcome: Outcome) -> tuple[Effect, ...]:
    return effects if outcome.status == "done" else ()


def _failure(session: Session, method: str, outcome: Outcome) -> str:
    words = {
        "partly": "was only partly done",
        "not_started": "was not started",
        "unknown": "has an unknown end",
    }
    return f"{session.name}: {method} {words[outcome.status]}. {outcome.message}".strip()


def _blame(session: Session, message: str) -> PluginError:
    return PluginError(
        f"{session.name}: {message}",
        plugin=type(session.driver).__name__,
        remedy="This is a bug in the driver.",
    )
