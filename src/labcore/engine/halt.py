"""Settle the stop of one device that has no output on: does it stand still, and how do we know?

An act under way ends first: cut, or run to its end. Then the device is asked, by the read-back of its safe state; only one
that says no, or nothing, is sent its safe frames, because a machine that is reset without need loses its position.
"""

from __future__ import annotations

import anyio

from labcore.engine.guard_post import STOPPING, heat_first, printable
from labcore.engine.session import Ended, Session
from labcore.engine.setting import Setting
from labcore.errors import DeviceError, LabcoreError
from labcore.model.event import StopSettled
from labcore.plugin.driver import SafeAct

LIMIT = 60.0  # s per device, after the deadline of an act that cannot be cut


async def halt(setting: Setting, device: str) -> None:
    """Settle one device's stop and record it; never raises because of the device."""
    session = setting.sessions[device]
    STOPPING.set(True)
    settled = await _halted(setting, session)
    await setting.writer.write(settled, device=device, source=session.source)


async def _halted(setting: Setting, session: Session) -> StopSettled:
    busy = session.busy_until
    limit = LIMIT + max(0.0, (busy or 0.0) - anyio.current_time())
    with anyio.move_on_after(limit, shield=True):
        async with session.lock:
            return await _asked(setting, session, session.ended if busy is not None else None)
    return StopSettled("unconfirmed", message=f"it could not be asked within {limit:.0f} s")


async def _asked(setting: Setting, session: Session, ended: Ended | None) -> StopSettled:
    """Ask, and send the safe frames if the answer is not yes."""
    try:
        acts = heat_first(session.driver.safe())
    except Exception as error:  # a driver is a plugin
        return StopSettled("unconfirmed", message=f"its driver cannot tell its safe state: {error!r}")
    if not acts:
        return _by_record(ended)
    outputs = tuple(act.output for act in acts)
    silent = await _confirm(acts)
    frames: tuple[str, ...] = ()
    if silent:
        frames = printable(acts)
        silent = await _send(setting, session, acts) or await _confirm(acts)
    if silent:
        return StopSettled("unconfirmed", outputs, message=silent, frames=frames)
    ran = ended is not None and not ended.cut and ended.outcome.status == "done"
    status = "ran_to_completion" if ran and not frames else "halted"
    said = f"{ended.method}: {ended.outcome.message}" if ended is not None and ended.outcome.message else ""
    return StopSettled(status, outputs, _read_back(outputs), said, frames)  # type: ignore[arg-type]


async def _confirm(acts: tuple[SafeAct, ...]) -> str:
    """Return why the device is not known to be safe, "" if it says that it is."""
    try:
        for act in acts:
            if not await act.confirm():
                return f"it says that {act.output} goes on"
    except Exception as error:  # a driver is a plugin: its bugs leave a stop unconfirmed
        return error.message if isinstance(error, LabcoreError) else repr(error)
    return ""


async def _send(setting: Setting, session: Session, acts: tuple[SafeAct, ...]) -> str:
    """Send the safe frames; return why that could not be done, "" if they are out."""
    try:
        if session.post is None:
            raise DeviceError(f"{session.name} is on no line")
        await setting.workers.run(session.post.send_safe, acts)
    except (DeviceError, OSError) as error:
        return f"its safe state could not be sent: {error}"
    return ""


def _by_record(ended: Ended | None) -> StopSettled:
    """Settle a device that has no safe state to read back by what its last act told."""
    if ended is None:
        return StopSettled(
            "acknowledged", message="nothing was under way, and nothing reads back whether it moves"
        )
    said = ended.outcome.message or ended.outcome.status
    if ended.outcome.status == "unknown":
        return StopSettled("unconfirmed", message=f"{ended.method}: {said}", frames=ended.frames)
    if ended.cut:
        return StopSettled("halted", confirmed_by=f"the end of {ended.method}: {said}", frames=ended.frames)
    return StopSettled(
        "ran_to_completion", confirmed_by=f"the end of {ended.method}: {said}", frames=ended.frames
    )


def _read_back(outputs: tuple[str, ...]) -> str:
    return f"its own word ({', '.join(outputs)})"
