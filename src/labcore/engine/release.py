"""Make outputs safe and say per device what became of it."""

from __future__ import annotations

from dataclasses import replace

import anyio

from labcore.capabilities.act import Acts
from labcore.engine.act import perform_act
from labcore.engine.guard_post import STOPPING
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.errors import DeviceError, LabcoreError
from labcore.model.event import StopSettled

LIMIT = 60.0  # s per device


async def release(
    setting: Setting, step: str, outputs: tuple[tuple[str, str], ...], *, suspends: bool = False
) -> None:
    """Switch outputs off, heat first, all devices side by side; never raises because of a device.

    No device's silence keeps another from being made safe.
    """
    devices = dict.fromkeys(name for name, _ in sorted(outputs, key=lambda one: one[1] != "temperature"))
    async with anyio.create_task_group() as group:
        for device in devices:
            names = tuple(output for owner, output in outputs if owner == device)
            group.start_soon(_settle, setting, step, device, names, suspends)


async def _settle(setting: Setting, step: str, device: str, outputs: tuple[str, ...], suspends: bool) -> None:
    session = setting.sessions[device]
    settled = await _release_device(setting, session, step, outputs)
    settled = replace(settled, suspends=suspends)
    await setting.writer.write(settled, step=step, device=device, source=session.source)


async def _release_device(
    setting: Setting, session: Session, step: str, outputs: tuple[str, ...]
) -> StopSettled:
    said: list[str] = []
    frames: list[str] = []
    with anyio.move_on_after(LIMIT, shield=True) as scope:
        for output in outputs:
            try:
                said.append(await switch_off(setting, session, output, step=step))
                frames += session.ended.frames if session.ended is not None else ()
            except LabcoreError as error:
                return StopSettled("unconfirmed", outputs, message=str(error), frames=tuple(frames))
    if scope.cancelled_caught:
        return StopSettled(
            "unconfirmed", outputs, message=f"not safe within {LIMIT:g} s", frames=tuple(frames)
        )
    by = "; ".join(filter(None, said)) or "the device's answer"
    return StopSettled("halted", outputs, confirmed_by=by, frames=tuple(frames))


async def switch_off(setting: Setting, session: Session, output: str, *, step: str) -> str:
    """Switch one output off and return what the device said; DeviceError if it cannot or did not."""
    switch = session.switch(output)
    if switch is None:
        raise DeviceError(f"{session.name} cannot switch off {output}", device=session.name)
    mark = session.mark(switch.capability, switch.method)
    assert isinstance(mark, Acts)
    stopping = STOPPING.set(True)
    try:
        outcome = await perform_act(setting.writer, session, switch.method, mark, {}, step=step)
    finally:
        STOPPING.reset(stopping)
    return outcome.message
