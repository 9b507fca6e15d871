"""What is done while the disk refuses: nothing new begins, heat, flow and motion go off, and the run pauses when it is over.

Nobody can act meanwhile, because an act waits for its intent to be on disk. Making safe needs no intent.
"""

from __future__ import annotations

import anyio

from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.engine.writer import Stall
from labcore.errors import LabcoreError
from labcore.model.event import ControlAsked, StopSettled, Warned
from labcore.model.plan import node_at

CODE = "W913"
OFF_WITHIN = 30.0  # s per output


async def watch_storage(setting: Setting) -> None:
    """Make safe whenever the journal cannot be written, for as long as the run lasts."""
    writer = setting.writer
    while True:
        if writer.stall is None:
            await writer.stalled.wait()
        stall = writer.stall
        if stall is not None:
            made_safe = [await _off(setting, *name) for name in _to_switch_off(setting)]
            await stall.over.wait()
            await _tell(setting, stall, made_safe)


def _to_switch_off(setting: Setting) -> list[tuple[str, str]]:
    """Return the outputs that are on, heat first, without those that the protocol wants held."""
    on = setting.writer.state.outputs
    held = {name for name, output in on.items() if _held(setting, output.step)}
    return sorted((name for name in on if name not in held), key=lambda name: name[1] != "temperature")


def _held(setting: Setting, step: str) -> bool:
    node = node_at(setting.plan.root, step)
    return node is not None and node.modifiers.hold


async def _off(setting: Setting, device: str, output: str) -> tuple[str, StopSettled]:
    """Switch one output off without a record of it; what became of it is recorded later."""
    session = setting.sessions[device]
    try:
        with anyio.fail_after(OFF_WITHIN, shield=True):
            async with session.lock:
                message = await _send_off(session, output)
    except (LabcoreError, TimeoutError) as error:
        why = str(error) or f"not safe within {OFF_WITHIN:g} s"
        return device, StopSettled("unconfirmed", (output,), message=why, suspends=True)
    return device, StopSettled("halted", (output,), message or "the device's answer", suspends=True)


async def _send_off(session: Session, output: str) -> str:
    switch = session.switch(output)
    if switch is None:
        return "it cannot be switched off"
    outcome = await getattr(session.driver, switch.method)().send()
    return str(outcome.message)


async def _tell(setting: Setting, stall: Stall, made_safe: list[tuple[str, StopSettled]]) -> None:
    """Put on record what happened while nothing could be recorded, and pause."""
    writer = setting.writer
    if writer.state.status in ("new", "ended"):
        return
    for device, settled in made_safe:
        if (device, settled.outputs[0]) in writer.state.outputs:
            await writer.write(settled, device=device, source=setting.sessions[device].source)
    why = f"{stall.error.message}; for {writer.now() - stall.since:.0f} s nothing could be recorded and nothing was begun"
    await writer.write(Warned(CODE, why))
    await writer.write(ControlAsked("pause", "labcore", why))
