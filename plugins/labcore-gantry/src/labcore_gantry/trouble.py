"""Why a program could not go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from labcore_gantry.wire import Status

Why = Literal["not_ready", "refused", "alarm", "held", "short", "silent", "restarted"]


@dataclass
class Trouble(Exception):  # noqa: N818 - the driver turns it into a DeviceError with an outcome
    """A program could not go on. `at` is where the machine said it was, if it said so."""

    why: Why
    message: str
    remedy: str = ""
    at: Status | None = None
