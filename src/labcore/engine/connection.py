"""Connections to devices: identified, lost, and found again (semantics.md, When something fails).

A device that is lost is left alone until it is needed. Then it has to say again who it is; what it lost meanwhile is put on
record, and nothing is sent to it a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import anyio

from labcore.engine.border import clean, contained, fault_in_identity, shown
from labcore.engine.session import Session
from labcore.engine.writer import Writer
from labcore.errors import DeviceTimeout, LabcoreError, LinkLost, PluginError
from labcore.model.event import ControlAsked, DeviceConnected, DeviceLost, StopSettled
from labcore.plugin.driver import Identity

CONNECT_LIMIT = 30.0  # s per attempt
LEAVE_LIMIT = 5.0  # s to close a connection
READ_BACK_LIMIT = 15.0  # s for one output
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0)  # s before each attempt to find a lost device again

# What a driver may raise when its line is gone; pyserial's errors are OSErrors.
LOSSES = (LinkLost, OSError, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)


async def identify(session: Session) -> Identity:
    """Connect and return who answered; DeviceError or PluginError, naming the device, if nobody did."""
    name = session.name
    try:
        with anyio.fail_after(CONNECT_LIMIT) as scope:
            identity = await contained(session.driver.connect)
    except TimeoutError as error:
        what = f"within {CONNECT_LIMIT:g} s" if scope.cancel_called else "in time"
        raise DeviceTimeout(f"{name} did not answer {what}", device=name) from error
    except LabcoreError:
        raise
    except Exception as error:  # a driver is a plugin: its bug is named with it
        raise _blame(session, f"{shown(error)} while connecting") from error
    fault = fault_in_identity(identity)
    if fault:
        raise _blame(session, fault)
    return identity


def connected(driver: str, identity: Identity) -> DeviceConnected:
    """Return the event that says who answered."""
    detail = {clean(str(key)): clean(str(value)) for key, value in identity.detail.items()}
    return DeviceConnected(driver, str(identity), detail)


async def leave(session: Session) -> None:
    """Close a connection, bounded; a driver that fails at it keeps nobody from going on."""
    with anyio.move_on_after(LEAVE_LIMIT):
        try:
            await contained(session.driver.disconnect)
        except Exception:  # what it was connected to is gone or will be opened anew
            return


async def note_loss(writer: Writer, session: Session, message: str, step: str | None) -> None:
    """Put on record, once, that a device does not answer any more."""
    if session.name in writer.state.lost or writer.state.status == "ended":
        return
    lost = DeviceLost(clean(message))
    await writer.write(lost, step=step, device=session.name, source=session.source)


async def find_again(
    writer: Writer,
    session: Session,
    step: str | None,
    *,
    switching: Collection[str] = (),
    pauses: Iterable[float] = PAUSES,
) -> None:
    """Reach a lost device again; LinkLost if it does not come back or another one answers.

    The caller holds the session's lock. `switching` are outputs that the caller is about to set anyway; `pauses` in s
    come before each attempt.
    """
    if session.name not in writer.state.lost:
        return
    identity = await _attempts(session, tuple(pauses))
    if session.identity is not None and not _same(session.identity, identity):
        await leave(session)
        raise LinkLost(
            f"{session.name}: {identity} answered where {session.identity} was; nothing was sent to it",
            device=session.name,
            remedy="Two cables are swapped, or the device was replaced. Put it back, or start a new run.",
        )
    driver = session.connected.driver if session.connected is not None else ""
    session.connected = connected(driver, identity)
    await writer.write(session.connected, step=step, device=session.name, source=session.source)
    await _feed(session)
    await _read_back(writer, session, step, switching)


async def _attempts(session: Session, pauses: Collection[float]) -> Identity:
    error: LabcoreError | None = None
    for pause in pauses:
        await anyio.sleep(pause)
        await leave(session)
        try:
            return await identify(session)
        except LabcoreError as reason:
            error = reason
    why = f"{session.name} did not come back in {len(pauses)} attempts: {error}"
    raise LinkLost(why, device=session.name, remedy="Check its cable and power.") from error


def _same(before: Identity, now: Identity) -> bool:
    serials = {before.serial, now.serial} - {""}
    return before.name == now.name and len(serials) < 2


async def _feed(session: Session) -> None:
    """Feed the watchdog of what is still on, now that it is known to be the same device."""
    renew = getattr(session.driver, "renew", None)
    try:
        if renew is not None:
            with anyio.fail_after(LEAVE_LIMIT):
                await contained(renew)
    except Exception:  # if it is gone again the next use says so
        return


async def _read_back(writer: Writer, session: Session, step: str | None, switching: Collection[str]) -> None:
    """Find out which outputs went off meanwhile, and let nobody go on believing that they are on."""
    on = [output for device, output in writer.state.outputs if device == session.name]
    off = tuple([output for output in on if await _is_off(session, output)])
    if not off:
        return
    settled = StopSettled("halted", off, "read back when it was found again", "it had gone off by itself")
    await writer.write(settled, step=step, device=session.name, source=session.source)
    if set(off) - set(switching):
        why = (
            f"{session.name} was lost and came back with {', '.join(off)} off; nothing was switched on again"
        )
        await writer.write(ControlAsked("pause", "labcore", why))


async def _is_off(session: Session, output: str) -> bool:
    """Ask the device; what it cannot tell counts as still on."""
    try:
        parts = [part for part in session.driver.safe() if part.output == output]
        with anyio.fail_after(READ_BACK_LIMIT):
            return bool(parts) and all([await contained(part.confirm) is True for part in parts])
    except Exception:  # neither silence nor a driver's bug is proof of anything
        return False


def _blame(session: Session, what: str) -> PluginError:
    driver = type(session.driver).__name__
    return PluginError(
        f"{session.name}: {driver} {what}", plugin=driver, remedy="This is a bug in the driver."
    )
