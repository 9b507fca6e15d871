"""What an act sends, as data: lines with their meaning and how long they take. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from labcore_gantry.deck import Point
from labcore_gantry.profile import Profile
from labcore_gantry.wire import printable

Kind = Literal["reset", "home", "setup", "travel", "head", "grip", "release", "draw", "push", "discard"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    `seconds` is how long it is expected to take; `start` and `end` are the plunger's, mm, where it moves.
    """

    text: str
    kind: Kind
    seconds: float = 0.0
    start: float = 0.0
    end: float = 0.0
    xy: Point | None = None

    @property
    def moves_plunger(self) -> bool:
        """Say whether liquid moves."""
        return self.kind in ("draw", "push", "discard")

    @property
    def frame(self) -> str:
        """The line as people can read it."""
        return printable(self.text.encode("latin-1")) if self.kind == "reset" else self.text


@dataclass(frozen=True, slots=True)
class Known:
    """What the driver believes of the machine.

    What it does, where the head (None: unknown) and the plunger (mm) are.
    """

    activity: Literal["idle", "moving", "held", "alarm"] = "alarm"
    xy: Point | None = None
    plunger: float | None = None
    reset_first: bool = True


@dataclass(slots=True)
class Writer:
    """Write a program line by line, keeping track of where the machine will be."""

    profile: Profile
    feed: float
    xy: Point | None
    plunger: float
    lines: list[Line] = field(default_factory=list)

    def reset(self) -> None:
        """Restart the controller."""
        self.lines.append(Line(self.profile.stop.reset, "reset", 1.0))

    def home(self) -> None:
        """Find the reference position; what is in the syringe comes out where the head is."""
        seconds = self.profile.timing.home_s
        self._add(self.profile.commands.home, "home", seconds)
        self.xy, self.plunger = None, self.profile.plunger.empty_mm

    def setup(self) -> None:
        """Set the units and modes that the other lines rely on."""
        self._add(self.profile.commands.setup, "setup", 0.0)

    def go(self, point: Point) -> None:
        """Travel with the head up."""
        self._add(self.profile.commands.head_up, "head", self.profile.timing.head_s)
        text = self.profile.commands.travel.format(x=point[0], y=point[1])
        self.lines.append(Line(text, "travel", self._travel_time(point), xy=point))
        self.xy = point

    def head(self, down: bool) -> None:
        """Lower or raise the head."""
        commands = self.profile.commands
        self._add(commands.head_down if down else commands.head_up, "head", self.profile.timing.head_s)

    def grip(self) -> None:
        """Close the gripper."""
        self._add(self.profile.commands.grip, "grip", self.profile.timing.grip_s)

    def release(self) -> None:
        """Open the gripper."""
        self._add(self.profile.commands.release, "release", self.profile.timing.grip_s)

    def push_to(self, position: float, kind: Literal["draw", "push", "discard"]) -> None:
        """Move the plunger to `position` (mm)."""
        text = self.profile.commands.plunger.format(z=position, feed=self.feed)
        seconds = abs(position - self.plunger) / self.feed * 60.0
        self.lines.append(Line(text, kind, seconds, start=self.plunger, end=position))
        self.plunger = position

    def _add(self, texts: Sequence[str], kind: Kind, seconds: float) -> None:
        """Add several lines of one meaning; the last of them waits for the end."""
        for number, text in enumerate(texts, start=1):
            self.lines.append(Line(text, kind, seconds if number == len(texts) else 0.0))

    def _travel_time(self, point: Point) -> float:
        area = self.profile.area
        origin = self.xy or (area.x_mm[0], area.y_mm[0])
        far = (area.x_mm[1], area.y_mm[1])
        way = math.dist(origin, point) if self.xy else max(math.dist(origin, point), math.dist(far, point))
        return way / self.profile.timing.travel_mm_per_min * 60.0 + 0.2


def begin(profile: Profile, known: Known, feed: float, waste: Point | None) -> Writer:
    """Start a program with what the machine needs first: reset, home, set-up, and an empty syringe.

    The syringe is emptied into the waste. ValueError if that is needed and there is none.
    """
    empty = profile.plunger.empty_mm
    writer = Writer(profile, feed, known.xy, known.plunger if known.plunger is not None else empty)
    if known.activity == "held" or known.reset_first:
        writer.reset()
    if known.activity == "alarm" or known.plunger is None:
        writer.home()
    writer.setup()
    if abs(writer.plunger - empty) > profile.plunger.tolerance_mm:
        if waste is None:
            raise ValueError("the syringe is not empty and there is no waste to empty it into")
        writer.go(waste)
        writer.head(down=True)
        writer.push_to(empty, "discard")
    return writer


def dose(writer: Writer, source: Point, target: Point, travel_mm: float) -> tuple[Line, ...]:
    """Draw and push `travel_mm` of plunger travel in as many equal strokes as it takes."""
    plunger = writer.profile.plunger
    # A volume of exactly one syringe must not become two strokes by rounding.
    strokes = max(1, math.ceil(travel_mm / plunger.stroke_mm - 1e-9))
    for _ in range(strokes):
        writer.go(source)
        writer.head(down=True)
        writer.push_to(plunger.empty_mm + travel_mm / strokes, "draw")
        writer.go(target)
        writer.head(down=True)
        writer.push_to(plunger.empty_mm, "push")
    writer.head(down=False)
    return tuple(writer.lines)


def carry(writer: Writer, origin: Point, target: Point) -> tuple[Line, ...]:
    """Take what stands at `origin` and set it down at `target`."""
    writer.go(origin)
    writer.release()
    writer.head(down=True)
    writer.grip()
    writer.go(target)
    writer.head(down=True)
    writer.release()
    writer.head(down=False)
    return tuple(writer.lines)


def planned_seconds(lines: Sequence[Line]) -> float:
    """Return how long a program is expected to take, s."""
    return sum(line.seconds for line in lines)


def patience(line: Line, profile: Profile) -> float:
    """Return how long to wait for the end of one line, s: twice what is expected, and the reply."""
    return 2.0 * line.seconds + profile.timing.reply_s


def deadline(lines: Sequence[Line], profile: Profile) -> float:
    """Return a time, s, after which a program has certainly ended or failed, its last questions included."""
    return sum(patience(line, profile) for line in lines) + 5.0 * profile.timing.reply_s
