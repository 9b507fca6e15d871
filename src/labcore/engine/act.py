"""Carry out one act: limits, encode, durable intent, send under a deadline, settlement (semantics.md).

However it ends, the settlement says what the act did to the world; a timeout is unknown, never failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import anyio

from labcore.capabilities.act import Act, Acts, Outcome
from labcore.engine.guard_post import STOPPING
from labcore.engine.session import Ended, Session
from labcore.engine.writer import Writer
from labcore.errors import DeviceError, DeviceTimeout, LabcoreError, PluginError
from labcore.model.effect import Effect
from labcore.model.event import Intended, Settled
from labcore.model.quantity import Quantity


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
    session.check_limits(arguments)
    effects = session.effects(mark, arguments)
    async with session.lock:
        act = _encode(session, method, arguments)
        intent = Intended(
            writer.next_act(), method, plain(arguments), act.frames, effects, round(act.deadline, 3)
        )
        await writer.write(intent, step=step, device=session.name, source=session.source)
        session.busy_until, session.was_cut = anyio.current_time() + act.deadline, False
        try:
            outcome, remedy = await _send(writer, session, intent, act, step)
            await _settle(writer, session, intent, outcome, step)
        finally:
            session.busy_until = None
    if outcome.status != "done":
        raise DeviceError(
            _failure(session, method, outcome), device=session.name, outcome=outcome, remedy=remedy
        )
    return outcome


def _encode(session: Session, method: str, arguments: Mapping[str, Any]) -> Act:
    try:
        act = getattr(session.driver, method)(**arguments)
    except LabcoreError:
        raise
    except Exception as error:
        raise _blame(session, f"could not encode {method}: {error!r}; nothing was sent") from error
    if not isinstance(act, Act):
        raise _blame(session, f"{method} returned {type(act).__name__}, not an Act")
    return act


async def _send(
    writer: Writer, session: Session, intent: Intended, act: Act, step: str | None
) -> tuple[Outcome, str]:
    """Send and wait; return what became of it and what to do about it. A cancellation settles the act first."""
    remedy = ""
    try:
        session.check_latch()  # again: the intent took its time
        with anyio.fail_after(act.deadline, shield=act.cut is None):  # what cannot be cut runs to its end
            outcome = await act.send()
    except TimeoutError:
        outcome = await _cut(session, act, f"no end within {act.deadline:g} s")
    except DeviceError as error:
        unknown = Outcome("unknown", message=error.message)
        given = error.outcome if isinstance(error.outcome, Outcome) else None
        if given is None and isinstance(error, DeviceTimeout):
            given = await _cut(session, act, error.message)
        outcome, remedy = given or unknown, error.remedy
        outcome = outcome if outcome.message else replace(outcome, message=error.message)
    except anyio.get_cancelled_exc_class():
        outcome = await _cut(session, act, "cut")
        with anyio.CancelScope(shield=True):
            await _settle(writer, session, intent, outcome, step)
        raise
    except Exception as error:  # a driver is a plugin: its bugs make the outcome unknown
        outcome = Outcome("unknown", message=f"the driver raised {error!r}")
    if not isinstance(outcome, Outcome):
        outcome = Outcome("unknown", message="the driver returned no outcome")
    return outcome, remedy


async def _cut(session: Session, act: Act, why: str) -> Outcome:
    """Stop an act half-way, bounded; what cannot be told is unknown."""
    outcome = Outcome("unknown", message=why)
    if act.cut is None:
        return outcome
    session.was_cut, stopping = True, STOPPING.set(True)
    with anyio.CancelScope(shield=True):
        try:
            with anyio.fail_after(act.cut_within):
                outcome = await act.cut()
        except (DeviceError, TimeoutError, OSError) as error:
            outcome = Outcome("unknown", message=f"{why}; stopping it failed: {error or 'no answer in time'}")
        finally:
            STOPPING.reset(stopping)
    return outcome if outcome.message else replace(outcome, message=why)


async def _settle(
    writer: Writer, session: Session, intent: Intended, outcome: Outcome, step: str | None
) -> None:
    settled = Settled(
        intent.act,
        outcome.status,
        _holding(intent.effects, outcome),
        outcome.amount,
        plain(outcome.evidence),
        outcome.message,
    )
    session.ended = Ended(intent.method, intent.frames, outcome, session.was_cut)
    if session.post is not None:
        session.post.refresh()
    with anyio.CancelScope(shield=True):
        await writer.write(settled, step=step, device=session.name, source=session.source)


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


def plain(value: Any) -> Any:
    """Return `value` as data that JSON can carry."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Quantity):
        return {"value": value.value, "unit": value.unit}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return str(value)
