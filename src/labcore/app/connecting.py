"""Devices of a run: reached one after the other, kept alive, left again."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import anyio

from labcore.engine.border import clean, contained
from labcore.engine.connection import LOSSES, connected, find_again, identify, leave, note_loss
from labcore.engine.guard_post import STOPPING
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.engine.writer import Writer
from labcore.errors import LabcoreError


async def connect(setting: Setting) -> str:
    """Connect every device in turn; return why it could not be done, "" if all are there."""
    for session in setting.sessions.values():
        problem = await _connect(setting, session)
        if problem:
            return problem
    return ""


async def connect_what_is_there(setting: Setting) -> str:
    """Connect every device that answers; return what is wrong with the others, "" if all are there."""
    problems = [await _connect(setting, session) for session in setting.sessions.values()]
    return "; ".join(problem.rstrip(". ") for problem in problems if problem)


async def _connect(setting: Setting, session: Session) -> str:
    name = session.name
    try:
        session.identity = await identify(session)
    except LabcoreError as error:
        return _named(name, str(error))
    wanted, serial = setting.plan.lab.devices[name].serial_number, session.identity.serial
    if wanted and serial and serial != wanted:
        return f"{name}: serial number {serial} answered, the lab file says {wanted}"
    session.connected = connected(setting.plan.machines[name].driver, session.identity)
    await setting.writer.write(session.connected, device=name, source=session.source)
    return ""


def _named(name: str, message: str) -> str:
    return clean(message) if message.startswith(name) else f"{name}: {clean(message)}"


async def look_again(setting: Setting) -> None:
    """Look for lost devices when a paused run is resumed: whoever resumed it had put right what was wrong."""
    writer, was_paused = setting.writer, False
    while True:
        changed, status = writer.changed, writer.state.status
        if status == "running" and was_paused:
            for session in setting.sessions.values():
                await _look_for(writer, session)
        was_paused = status == "paused" or (was_paused and status != "running")
        await changed.wait()


async def _look_for(writer: Writer, session: Session) -> None:
    try:
        async with session.lock:
            await find_again(writer, session, None)
    except LabcoreError:
        return  # the next use looks once more, and says what it finds


async def keep_alive(writer: Writer, session: Session) -> None:
    """Keep a device's watchdog from firing while labcore lives, and notice when it is gone.

    A device that was lost is looked for each time a renewal is due, so that its watchdog is fed again as soon as it is back.
    """
    renew: Any = session.driver
    while (pause := _interval(renew)) is not None:
        await anyio.sleep(pause)
        try:
            if session.name in writer.state.lost:
                async with session.lock:
                    await find_again(writer, session, None, pauses=(0.0,))
            await contained(renew.renew)
        except TimeoutError:
            continue
        except LOSSES as error:
            await note_loss(writer, session, str(error), None)
        except (
            Exception
        ):  # a driver is a plugin, and its watchdog does what it is for; the next act reports it
            continue


def _interval(renew: Any) -> float | None:
    """Return how long to wait between renewals, s; None for a driver that gives no time."""
    try:
        pause = float(renew.renew_every)
    except Exception:  # a driver is a plugin: one whose property raises or is no number gives no time
        return None
    return pause if isfinite(pause) and pause > 0 else None


async def disconnect(sessions: Mapping[str, Session]) -> None:
    """Leave every device, whatever state its driver is in."""
    STOPPING.set(True)  # what a driver says in leaving is said after an emergency stop, too
    for session in sessions.values():
        await leave(session)
