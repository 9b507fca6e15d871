"""Switching an output on or off, with the proof that it happened."""

from __future__ import annotations

from typing import Any

import anyio

from labcore.capabilities import Outcome
from labcore.errors import DeviceRefused
from labcore_namur import namur
from labcore_namur.namur import HEATER, MOTOR, Output
from labcore_namur.plate import Plate

UNITS = {HEATER: "°C", MOTOR: "rpm"}
WORDS = {HEATER: "temperature", MOTOR: "speed"}
RESOLUTION = {HEATER: 0.1, MOTOR: 1.0}
TURNING = 10.0  # rpm; above it the motor turns
RUN_UP = 5.0  # s; a motor that was started turns by then
RUN_DOWN = 10.0  # s; a stirring bar at full speed stands still by then
POLL = 0.25  # s
STATUS_TRIES = 4


async def set_point(plate: Plate, output: Output, value: float) -> float:
    """Set and read back; return what the device says. DeviceRefused if it is not what was asked for."""
    await plate.tell(namur.setpoint(output, value))
    found = await plate.ask(namur.read_setpoint(output), output)
    unit = UNITS[output]
    if abs(found - value) > RESOLUTION[output]:
        raise DeviceRefused(
            f"the {WORDS[output]} was set to {value:g} {unit}, but the device has {found:g} {unit}",
            remedy="Look at the limits set on the device (safety temperature, speed limit) and its display.",
        )
    return found


async def switch_on(plate: Plate, output: Output, value: float) -> dict[str, Any]:
    """Start an output; return the evidence that it is on. DeviceRefused if the device says that it is off."""
    await plate.tell(namur.start(output))
    told = await _status(plate, output, wanted=True)
    if told:
        return {"confirmed_by": namur.read_status(output)}
    if told is False:
        raise DeviceRefused(
            f"{namur.start(output)} was sent, but the device says that its output is off",
            remedy="Look at its display: an error (such as Er 2, the watchdog) is cleared at the device.",
            outcome=Outcome("not_started", message="the device says that its output is off"),
        )
    if output == MOTOR and value > TURNING:
        speed = await _wait_for_speed(plate, above=True, within=RUN_UP)
        if speed is not None:
            return {"confirmed_by": namur.read_value(MOTOR), "speed_rpm": speed}
        raise DeviceRefused(
            f"{namur.start(output)} was sent, but nothing turns after {RUN_UP:g} s",
            remedy="Look at the display.",
        )
    return {"confirmed_by": f"{namur.read_setpoint(output)} only: the device does not tell whether it is on"}


async def switch_off(plate: Plate, output: Output) -> dict[str, Any]:
    """Stop an output; return the evidence. DeviceRefused if it stays on."""
    await plate.tell(namur.stop(output))
    told = await _status(plate, output, wanted=False)
    if told is False:
        return {"confirmed_by": namur.read_status(output)}
    if told:
        raise DeviceRefused(
            f"{namur.stop(output)} was sent, but the device says that its output is on",
            remedy="Switch it off by hand.",
        )
    if output == HEATER:
        # Nothing tells whether the heater is on, but with a set-point of 0 °C it cannot heat.
        await set_point(plate, HEATER, 0.0)
        return {"confirmed_by": "set-point 0 °C"}
    speed = await _wait_for_speed(plate, above=False, within=RUN_DOWN)
    if speed is None:
        raise DeviceRefused(
            f"{namur.stop(output)} was sent, but it still turns after {RUN_DOWN:g} s",
            remedy="Switch it off by hand.",
        )
    return {"confirmed_by": namur.read_value(MOTOR), "speed_rpm": speed}


async def is_off(plate: Plate, output: Output) -> bool:
    """Ask whether an output is off, changing nothing."""
    told = await plate.is_on(output)
    if told is not None:
        return not told
    if output == HEATER:
        return await plate.ask(namur.read_setpoint(HEATER), HEATER) <= 0.0
    return await _wait_for_speed(plate, above=False, within=RUN_DOWN) is not None


async def _status(plate: Plate, output: Output, *, wanted: bool) -> bool | None:
    told: bool | None = None
    for _ in range(STATUS_TRIES):
        told = await plate.is_on(output)
        if told is None or told is wanted:
            break
        await anyio.sleep(POLL)
    return told


async def _wait_for_speed(plate: Plate, *, above: bool, within: float) -> float | None:
    """Return the speed once it is above (or not above) turning, None if that does not happen in time."""
    with anyio.move_on_after(within):
        while True:
            speed = await plate.ask(namur.read_value(MOTOR), MOTOR)
            if (speed > TURNING) is above:
                return speed
            await anyio.sleep(POLL)
    return None
