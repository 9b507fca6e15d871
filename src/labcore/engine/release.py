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
    """Switch outputs off one device after another, in the given order; never raises because of a device."""
    for device in dict.fromkeys(name for name, _ in outputs):
        names = tuple(output for owner, output in outputs if owner == device)
        settled = await _release_device(setting, setting.sessions[device], step, names)
        settled = replace(settled, suspends=suspends)
        with anyio.CancelScope(shield=True):
            await setting.writer.write(
                settled, step=step, device=device, source=setting.sessions[device].source
            )


async def _release_device(
    setting: Setting, session: Session, step: str, outputs: tuple[str, ...]
) -> StopSettled:
    said: list[str] = []
    with anyio.move_on_after(LIMIT, shield=True) as scope:
        for output in outputs:
            try:
                said.append(await switch_off(setting, session, output, step=step))
            except LabcoreError as error:
                return StopSettled("unconfirmed", outputs, message=str(error))
    if scope.cancelled_caught:
        return StopSettled("unconfirmed", outputs, message=f"not safe within {LIMIT:g} s")
    return StopSettled("halted", outputs, confirmed_by="; ".join(filter(None, said)) or "the device's answer")


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
