"""Where a process is killed, as text that says it exactly: `commit-12-before`, `write-dispenser-4-7`, `read-stirrer-2`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from labcore.errors import UsageError

Way = Literal["witness", "unknown"]
WAYS: tuple[Way, ...] = ("witness", "unknown")
_COMMIT = re.compile(r"commit(-|\+)(\d+)-(before|after)")
_WRITE = re.compile(r"write-(.+)-(\d+)-(\d+)")
_READ = re.compile(r"read-(.+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Point:
    """One place to die.

    `commit`: before or `after` the commit that holds journal position `number`, or, `relative`, the process's own
    `number`-th commit. `write`: after `size` bytes of the `number`-th write to `device`; all of them reached it. `read`:
    after its `number`-th answer was read.
    """

    kind: Literal["commit", "write", "read"]
    number: int
    after: bool = False
    relative: bool = False
    device: str = ""
    size: int = 0

    def __str__(self) -> str:
        if self.kind == "commit":
            sign = "+" if self.relative else "-"
            return f"commit{sign}{self.number}-{'after' if self.after else 'before'}"
        size = f"-{self.size}" if self.kind == "write" else ""
        return f"{self.kind}-{self.device}-{self.number}{size}"

    def said(self) -> str:
        """Say it in words."""
        if self.kind == "commit":
            what = f"commit {self.number} of the recovery" if self.relative else f"event {self.number}"
            return f"{'after' if self.after else 'before'} {what} was written"
        if self.kind == "read":
            return f"after answer {self.number} of {self.device} was read"
        return f"{self.size} bytes into write {self.number} to {self.device}"


@dataclass(frozen=True, slots=True)
class Trial:
    """A process is killed at the first point, each recovery at the next; then what is open is settled one `way`."""

    points: tuple[Point, ...]
    way: Way

    def __str__(self) -> str:
        return f"{','.join(map(str, self.points))}/{self.way}"


def parse_point(text: str) -> Point:
    """Return the point; UsageError if the text names none."""
    if match := _COMMIT.fullmatch(text):
        return Point("commit", int(match[2]), after=match[3] == "after", relative=match[1] == "+")
    if match := _WRITE.fullmatch(text):
        return Point("write", int(match[2]), device=match[1], size=int(match[3]))
    if match := _READ.fullmatch(text):
        return Point("read", int(match[2]), device=match[1])
    raise UsageError(
        f"{text!r} is no point to be killed at",
        remedy="Write it as torture prints it: commit-12-before, write-dispenser-4-7, read-stirrer-2.",
    )


def parse_trial(text: str) -> Trial:
    """Return the trial that `str(trial)` wrote; UsageError if the text names none."""
    points, _, way = text.rpartition("/")
    if way not in WAYS or not points:
        raise UsageError(
            f"{text!r} is no trial", remedy="Write POINT/witness or POINT/unknown, as torture prints it."
        )
    return Trial(tuple(parse_point(one) for one in points.split(",")), way)
