"""Switch on again, after an interruption, what recovery had made safe: a set-point may be set as often as one likes."""

from __future__ import annotations

from labcore.capabilities.act import Acts, marked
from labcore.engine.act import perform_act
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.errors import DeviceError, LabcoreError
from labcore.model.event import ControlAsked, Warned
from labcore.state.condition import as_value
from labcore.state.run_state import Output

CODE = "W912"


async def restore(setting: Setting, outputs: tuple[tuple[str, str], ...]) -> None:
    """Set every output again in the given order; the run pauses where that does not succeed."""
    for name in outputs:
        output = setting.writer.state.suspended.get(name)
        if output is None:
            continue
        try:
            await _set_again(setting, setting.sessions[name[0]], output)
        except LabcoreError as error:
            why = f"{name[0]}: {name[1]} could not be switched on again: {error.message}"
            await setting.writer.write(Warned(CODE, why), step=output.step, device=name[0])
            await setting.writer.write(ControlAsked("pause", "labcore", why))
            return


async def _set_again(setting: Setting, session: Session, output: Output) -> None:
    assert output.act is not None, "only outputs that an act switched on are restored"
    method = output.act.method
    mark = _mark(session, method)
    arguments = {name: as_value(value) for name, value in output.act.arguments.items()}
    await perform_act(setting.writer, session, method, mark, arguments, step=output.step)


def _mark(session: Session, method: str) -> Acts:
    for capability in session.driver.capabilities:
        mark = marked(capability).get(method)
        if isinstance(mark, Acts):
            return mark
    raise DeviceError(f"{session.name} has no act {method!r} any more", device=session.name)
