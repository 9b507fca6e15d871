"""What is done while the disk refuses: nothing new begins, heat, flow and motion go off, and the run pauses when it is over.

Nobody can act meanwhile, because an act waits for its intent to be on disk. Making safe needs no intent.
"""

from __future__ import annotations

import anyio

from labcore.capabilities.act import Outcome
from labcore.engine.border import contained
from labcore.engine.guard_post import STOPPING
from labcore.engine.halt import halted
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.engine.writer import Stall
from labcore.model.event import ControlAsked, StopSettled, Warned
from labcore.state.decide_outputs import View, held

CODE = "W913"
OFF_WITHIN = 30.0  # s per output
LEFT_WITHIN = 5.0  # s per device, when the record was given up
Settled = dict[tuple[str, str], StopSettled]  # by device and output


async def watch_storage(setting: Setting) -> None:
    """Make safe whenever the journal cannot be written, for as long as the run lasts."""
    writer = setting.writer
    while True:
        if writer.stall is None:
            await writer.stalled.wait()
        stall = writer.stall
        if stall is not None:
            made_safe = await _make_safe(setting)
            stall.made_safe = tuple(f"{device} {said(one)}" for (device, _), one in made_safe.items())
            stall.safe.set()
            await stall.over.wait()
            await _tell(setting, stall, made_safe)


async def leave_safe(setting: Setting) -> tuple[str, ...]:
    """Make every device safe without a record of it; return how each stands, one line each. Held outputs go off, too."""
    found: dict[str, StopSettled] = {}
    async with anyio.create_task_group() as group:
        for session in setting.sessions.values():
            group.start_soon(_left, setting, session, found)
    return tuple(f"{name} {said(found[name])}" for name in setting.sessions)


async def _left(setting: Setting, session: Session, found: dict[str, StopSettled]) -> None:
    on = [output for device, output in setting.writer.state.outputs if device == session.name]
    await _off(session, on, {}, LEFT_WITHIN)
    found[session.name] = await halted(setting, session, LEFT_WITHIN)


def said(settled: StopSettled) -> str:
    """Return how a device's outputs stand, in words."""
    what = ", ".join(settled.outputs)
    if settled.status == "unconfirmed":
        return f"{what} NOT CONFIRMED: {settled.message}".strip()
    by = f" (confirmed by {settled.confirmed_by})" if settled.confirmed_by else ""
    return f"{what} off{by}" if what else f"{settled.status}: {settled.message or settled.confirmed_by}"


async def _make_safe(setting: Setting) -> Settled:
    """Switch off what is on and not held, heat first; no device's silence keeps another from being made safe."""
    view = View(setting.plan, setting.writer.state, setting.writer.now())
    on = sorted((name for name in view.state.outputs if not held(view, name)), key=_heat_first)
    settled: Settled = {}
    async with anyio.create_task_group() as group:
        for device in dict.fromkeys(device for device, _ in on):
            mine = [output for owner, output in on if owner == device]
            group.start_soon(_off, setting.sessions[device], mine, settled)
    return {name: settled[name] for name in on}


def _heat_first(name: tuple[str, str]) -> bool:
    return name[1] != "temperature"


async def _off(session: Session, outputs: list[str], settled: Settled, within: float = OFF_WITHIN) -> None:
    """Switch outputs of one device off without a record of it; what became of them is recorded later."""
    STOPPING.set(True)
    for output in outputs:
        settled[session.name, output] = await _switched_off(session, output, within)


async def _switched_off(session: Session, output: str, within: float) -> StopSettled:
    switch = session.switch(output)
    if switch is None:
        return _unconfirmed(output, "nothing switches it off")
    try:
        with anyio.fail_after(within, shield=True):
            async with session.lock:
                outcome = await contained(getattr(session.driver, switch.method)().send)
    except Exception as error:  # a driver is a plugin: whatever it raises leaves its output unconfirmed
        return _unconfirmed(output, str(error) or f"not safe within {within:g} s")
    if not isinstance(outcome, Outcome) or outcome.status != "done":
        return _unconfirmed(
            output, getattr(outcome, "message", "") or "the device did not say that it is off"
        )
    return StopSettled("halted", (output,), outcome.message or "the device's answer", suspends=True)


def _unconfirmed(output: str, why: str) -> StopSettled:
    return StopSettled("unconfirmed", (output,), message=why, suspends=True)


async def _tell(setting: Setting, stall: Stall, made_safe: Settled) -> None:
    """Put on record what happened while nothing could be recorded, and pause."""
    writer = setting.writer
    if writer.state.status in ("new", "ended"):
        return
    for (device, output), settled in made_safe.items():
        if (device, output) in writer.state.outputs:
            await writer.write(settled, device=device, source=setting.sessions[device].source)
    why = f"{stall.error.message}; for {writer.now() - stall.since:.0f} s nothing could be recorded and nothing was begun"
    await writer.write(Warned(CODE, why))
    await writer.write(ControlAsked("pause", "labcore", why))
