"""NAMUR commands as text and their answers as numbers. Pure.

Sources: IKA RCT digital operating instructions (20000003965), section "Interfaces and outputs": 9600
baud, 7 data bits, even parity, 1 stop bit; commands in capitals, parameters after one blank, line end
blank CR LF, at most 80 characters; channels 1 external temperature sensor, 2 hotplate sensor, 4 speed.
`STATUS_n` is not in the manual; clients report that it answers 11 (on) or 12 (off).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, Literal

from labcore.ports import LineSettings

LINE: Final = LineSettings(9600, 7, "E", 1)
LINE_END: Final = b" \r\n"
HEATER: Final = 1
PLATE_SENSOR: Final = 2
MOTOR: Final = 4
Output = Literal[1, 4]

NAME: Final = "IN_NAME"
ON: Final = 11
OFF: Final = 12
_ANSWER: Final = re.compile(r"(?P<value>[+-]?\d{1,9}(?:\.\d{1,6})?)(?: +(?P<channel>\d{1,3}))?")


@dataclass(frozen=True, slots=True)
class Answer:
    """A number from the device; `channel` None if it named none (an echo)."""

    value: float
    channel: int | None


def read_value(channel: int) -> str:
    """Ask for a measured value."""
    return f"IN_PV_{channel}"


def read_setpoint(channel: int) -> str:
    """Ask for a set-point."""
    return f"IN_SP_{channel}"


def read_status(output: Output) -> str:
    """Ask whether an output is on."""
    return f"STATUS_{output}"


def setpoint(output: Output, value: float) -> str:
    """Set the speed (rpm, whole) or the temperature (0.1 °C). ValueError if it is not a finite number."""
    if not math.isfinite(value):
        raise ValueError(f"not a set-point: {value}")
    return f"OUT_SP_{output} {round(value)}" if output == MOTOR else f"OUT_SP_{output} {value:.1f}"


def start(output: Output) -> str:
    """Switch an output on."""
    return f"START_{output}"


def stop(output: Output) -> str:
    """Switch an output off."""
    return f"STOP_{output}"


def watchdog(seconds: int) -> str:
    """Arm or renew the watchdog: after `seconds` (20 to 1500) of silence heater and motor go off (Er 2)."""
    if not 20 <= seconds <= 1500:
        raise ValueError(f"the watchdog takes 20 to 1500 s, not {seconds}")
    return f"OUT_WD1@{seconds}"


def end_watchdog() -> str:
    """End the watchdog (it belongs to mode 2, and the manual says that it stops the watchdog function)."""
    return "OUT_WD2@0"


def parse(line: str) -> Answer | None:
    """Read `<value> <channel>` or an echoed `<value>`; None if the line is anything else."""
    found = _ANSWER.fullmatch(line.strip())
    if found is None:
        return None
    return Answer(float(found["value"]), int(found["channel"]) if found["channel"] else None)


def encode(command: str) -> bytes:
    """Return a command as bytes for the wire."""
    return command.encode("ascii") + LINE_END
