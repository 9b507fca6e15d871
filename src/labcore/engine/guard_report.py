"""What the guard says about each device. Light: whoever presses the emergency stop loads this and little else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Made = Literal["confirmed", "sent", "not_reached"]
LIMIT = 6.0  # s for one device
CONFIRM_WITHIN = 4.0  # s for the device to answer


@dataclass(frozen=True, slots=True)
class Report:
    """What became of making one device safe, and why if it is not confirmed."""

    device: str
    made: Made
    message: str = ""
