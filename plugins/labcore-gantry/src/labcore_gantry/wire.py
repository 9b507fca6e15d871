"""What a line from the machine means. Pure; every rule comes from the profile."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from labcore_gantry.profile import Profile

Activity = Literal["idle", "moving", "held", "alarm"]


@dataclass(frozen=True, slots=True)
class Ok:
    """The line was taken (GRBL: queued, not finished)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The line was not executed."""

    code: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """The machine locked itself."""

    code: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Banner:
    """The controller has just started."""

    text: str


@dataclass(frozen=True, slots=True)
class Status:
    """Where the machine is (mm) and what it does; `offset` are its work coordinates, if it told them."""

    activity: Activity
    state: str
    x: float
    y: float
    z: float
    offset: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Anything else."""

    text: str


Reply = Ok | Refused | Alarm | Banner | Status | Remark


class Reader:
    """Read lines by a profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        replies = profile.replies
        self._ok = re.compile(replies.ok)
        self._error = re.compile(replies.error)
        self._alarm = re.compile(replies.alarm)
        self._banner = re.compile(replies.banner)
        self._identity = re.compile(profile.identity)
        self._status = re.compile(profile.status.pattern)
        self._offset = re.compile(profile.status.offset) if profile.status.offset else None

    def read(self, line: str) -> Reply:
        """Return what `line` means; never raises."""
        line = line.strip()
        if self._ok.search(line):
            return Ok()
        if found := self._status.search(line):
            return self._read_status(line, found)
        if found := self._error.search(line):
            return Refused(found["code"], self._profile.errors.get(found["code"], "unknown error"))
        if found := self._alarm.search(line):
            return Alarm(found["code"], self._profile.alarms.get(found["code"], "unknown alarm"))
        if self._banner.search(line):
            return Banner(line)
        return Remark(line)

    def identity(self, text: str) -> str:
        """Return the name in an answer to the identity query, "" if this is not one."""
        found = self._identity.search(text)
        return found["name"].strip(" :") if found else ""

    def _read_status(self, line: str, found: re.Match[str]) -> Reply:
        state = found["state"]
        offset = self._offset.search(line) if self._offset else None
        try:
            x, y, z = _point(found)
            return Status(self._activity(state), state, x, y, z, offset=_point(offset) if offset else None)
        except ValueError:
            return Remark(line)

    def _activity(self, state: str) -> Activity:
        status = self._profile.status
        if state in status.idle:
            return "idle"
        if state in status.held:
            return "held"
        return "alarm" if state in status.alarm else "moving"


def _point(found: re.Match[str]) -> tuple[float, float, float]:
    point = (float(found["x"]), float(found["y"]), float(found["z"]))
    if not all(map(math.isfinite, point)):
        raise ValueError("not a position")
    return point


def printable(data: bytes) -> str:
    """Return bytes that break in as people can read them: `!` or `<0x18>`."""
    return "".join(chr(byte) if 32 < byte < 127 else f"<0x{byte:02x}>" for byte in data)
