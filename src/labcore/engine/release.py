"""Make outputs safe and say per device what became of it."""

from __future__ import annotations

import anyio

from labcore.capabilities.act import Acts
from labcore.engine.act import perform_act
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.errors import LabcoreError
from labcore.model.event import StopSettled

LIMIT = 60.0  # s per device


async def release(setting: Setting, step: str, outputs: tuple[tuple[str, str], ...]) -> None:
    """Switch outputs off one device after another, in the given order; never raises because of a device."""
    for device in dict.fromkeys(name for name, _ in outputs):
        names = tuple(output for owner, output in outputs if owner == device)
        settled = await _release_device(setting, setting.sessions[device], step, names)
        with anyio.CancelScope(shield=True):
            await setting.writer.write(
                settled, step=step, device=device, source=setting.sessions[device].source
            )


async def _release_device(
    setting: Setting, session: Session, step: str, outputs: tuple[str, ...]
) -> StopSettled:
    methods = dict(session.stop_methods())
    frames: list[str] = []
    with anyio.move_on_after(LIMIT, shield=True) as scope:
        for output in outputs:
            try:
                outcome = await _switch_off(setting, session, step, methods[output])
            except KeyError:
                return StopSettled(
                    "unconfirmed", outputs, message=f"{session.name} cannot switch off {output}"
                )
            except LabcoreError as error:
                return StopSettled("unconfirmed", outputs, message=str(error))
            frames.append(outcome)
    if scope.cancelled_caught:
        return StopSettled("unconfirmed", outputs, message=f"not safe within {LIMIT:g} s")
    return StopSettled(
        "halted", outputs, confirmed_by="; ".join(filter(None, frames)) or "the device's answer"
    )


async def _switch_off(setting: Setting, session: Session, step: str, method: str) -> str:
    for capability in session.driver.capabilities:
        if hasattr(capability, method):
            mark = session.mark(capability, method)
            assert isinstance(mark, Acts)
            outcome = await perform_act(setting.writer, session, method, mark, {}, step=step)
            return outcome.message
    raise KeyError(method)
