"""GRBL's g-code: one line of words to operations, with the firmware's error numbers.

Source: gnea/grbl, doc/csv/error_codes_en_US.csv (numbers) and doc/markdown/commands.md (supported words).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from .settings import AXES, Vector

ORIGIN: Vector = (0.0, 0.0, 0.0)
_WORD = re.compile(r"([A-Z])([+-]?(?:\d+\.?\d*|\.\d+))?")
_VALUES = set("FIJKLNPRSTXYZ")
_GROUPS: Mapping[str, str] = {
    **dict.fromkeys(("G4", "G28", "G28.1", "G30", "G30.1", "G53", "G92", "G92.1"), "nonmodal"),
    **dict.fromkeys(("G0", "G1", "G80"), "motion"),
    **dict.fromkeys(("G17", "G18", "G19"), "plane"),
    **dict.fromkeys(("G90", "G91"), "distance"),
    **dict.fromkeys(("G20", "G21"), "units"),
    **dict.fromkeys(("G54", "G55", "G56", "G57", "G58", "G59"), "system"),
    "G94": "feed_mode", "G40": "cutter", "G49": "tool_length", "G61": "control",
    **dict.fromkeys(("M0", "M2", "M30"), "flow"),
    **dict.fromkeys(("M3", "M4", "M5"), "spindle"),
    **dict.fromkeys(("M8", "M9"), "coolant"),
}  # fmt: skip
_WITH_AXES = {"G28", "G30", "G92"}
_FRACTIONAL = {28, 30, 38, 43, 91, 92}


class GcodeError(Exception):
    """A line that GRBL refuses; `number` is the documented error number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"error:{number}")
        self.number = number


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a line does, in the order GRBL does them.

    `move` has `target` (mm, machine coordinates) and `feed` (mm/min, None: rapid); `spindle` and `coolant`
    have `word` and `value`; `dwell` has `value` (s); `sync` waits for the buffer; `pause` and `end` are M0
    and M2/M30.
    """

    kind: Literal["move", "spindle", "coolant", "dwell", "sync", "pause", "end"]
    target: Vector = ORIGIN
    feed: float | None = None
    word: str = ""
    value: float = 0.0
    jog: bool = False


@dataclass(frozen=True, slots=True)
class Modal:
    """What stays from line to line."""

    motion: str = "G0"
    system: str = "G54"
    plane: str = "G17"
    units: str = "G21"
    distance: str = "G90"
    spindle: str = "M5"
    coolant: str = "M9"
    tool: int = 0
    feed: float = 0.0
    speed: float = 0.0


@dataclass(slots=True)
class Block:
    """The words of one line by modal group and letter."""

    codes: dict[str, str] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)

    @property
    def axes(self) -> dict[str, float]:
        """The axis words."""
        return {axis: self.values[axis] for axis in AXES if axis in self.values}


def read(line: str) -> Block:
    """Split a line (upper case, no blanks) into words; GcodeError as the firmware would refuse it."""
    block, place = Block(), 0
    while place < len(line):
        match = _WORD.match(line, place)
        if match is None:
            raise GcodeError(1)
        letter, number = match.groups()
        if number is None:
            raise GcodeError(2)
        place = match.end()
        if letter in "GM":
            _add_code(block, letter, float(number))
        else:
            _add_value(block, letter, float(number))
    return block


def _add_code(block: Block, letter: str, number: float) -> None:
    whole = int(number)
    fraction = round(100 * (number - whole))
    if fraction and (letter == "M" or whole not in _FRACTIONAL):
        raise GcodeError(23)
    word = f"{letter}{whole}" + (f".{fraction // 10}" if fraction else "")
    group = _GROUPS.get(word)
    if group is None or number < 0:
        raise GcodeError(20)
    if group == "nonmodal" and word == "G53":
        group = "absolute"
    axes_taken = block.codes.get("nonmodal") in _WITH_AXES
    if (word in ("G0", "G1") and axes_taken) or (
        word in _WITH_AXES and block.codes.get("motion") in ("G0", "G1")
    ):
        raise GcodeError(24)
    if group in block.codes:
        raise GcodeError(21)
    block.codes[group] = word


def _add_value(block: Block, letter: str, number: float) -> None:
    if letter not in _VALUES:
        raise GcodeError(20)
    if letter in block.values:
        raise GcodeError(25)
    if letter in "FNPTS" and number < 0:
        raise GcodeError(4)
    block.values[letter] = max(-1e7, min(1e7, number))


class Interpreter:
    """Modal state, offsets and the position at the end of everything read so far."""

    def __init__(self) -> None:
        self.modal = Modal()
        self.position: Vector = ORIGIN
        self.stored: dict[str, Vector] = {}
        self.shift: Vector = ORIGIN

    def reset(self, position: Vector) -> None:
        """Return to the power-up modes at `position`; what is in EEPROM stays."""
        self.modal, self.shift, self.position = Modal(), ORIGIN, position

    @property
    def offset(self) -> Vector:
        """The offset WCO: machine position minus work position, mm (G54 to G59 stay at zero)."""
        return self.shift

    def execute(self, line: str) -> list[Operation]:
        """Take over a line's modes and return what is to be done; GcodeError leaves everything as it was."""
        block = read(line)
        codes = block.codes
        modal = self._modes(block)
        nonmodal, used = codes.get("nonmodal"), set("FNST")
        if nonmodal == "G4":
            if "P" not in block.values:
                raise GcodeError(28)
            used.add("P")
        moves, modal = self._motion(block, modal, nonmodal, used)
        if set(block.values) - used:
            raise GcodeError(36)
        operations = self._accessories(modal)
        if nonmodal == "G4":
            operations.append(Operation("dwell", value=block.values["P"]))
        if modal.system != self.modal.system or nonmodal in ("G92", "G92.1"):
            operations.append(Operation("sync"))
        self.modal = modal
        self._remember(nonmodal, block)
        operations += moves
        if moves:
            self.position = moves[-1].target
        return operations + self._flow(codes.get("flow"))

    def jog(self, line: str) -> Operation:
        """Read what follows `$J=`; modes stay as they are."""
        block = read(line)
        if set(block.codes) - {"units", "distance", "absolute"} or set(block.values) - set("XYZFN"):
            raise GcodeError(16)
        if not block.axes:
            raise GcodeError(26)
        modal = self._taken(block, ("units", "distance"))
        scale = 25.4 if modal.units == "G20" else 1.0
        feed = block.values.get("F", 0.0) * scale
        if feed <= 0:
            raise GcodeError(22)
        target = self._target(block, modal, "absolute" in block.codes)
        return Operation("move", target=target, feed=feed, jog=True)

    def _taken(self, block: Block, names: tuple[str, ...]) -> Modal:
        changed: dict[str, Any] = {name: block.codes[name] for name in names if name in block.codes}
        return replace(self.modal, **changed)

    def _modes(self, block: Block) -> Modal:
        names = ("motion", "system", "plane", "units", "distance", "spindle", "coolant")
        modal = self._taken(block, names)
        scale = 25.4 if modal.units == "G20" else 1.0
        values = block.values
        feed = values["F"] * scale if "F" in values else modal.feed
        return replace(
            modal, feed=feed, speed=values.get("S", modal.speed), tool=int(values.get("T", modal.tool))
        )

    def _motion(
        self, block: Block, modal: Modal, nonmodal: str | None, used: set[str]
    ) -> tuple[list[Operation], Modal]:
        absolute = "absolute" in block.codes
        if absolute and modal.motion not in ("G0", "G1"):
            raise GcodeError(30)
        if nonmodal == "G92" and not block.axes:
            raise GcodeError(26)
        if nonmodal in _WITH_AXES:
            used |= set(AXES)
            return (self._park(block, modal, nonmodal) if nonmodal != "G92" else []), modal
        if not block.axes and "motion" not in block.codes:
            return [], modal
        if modal.motion == "G80":
            if block.axes:
                raise GcodeError(31)
            return [], modal
        if modal.motion == "G1" and modal.feed == 0:
            raise GcodeError(22)
        used |= set(AXES)
        if not block.axes:
            return [], modal
        feed = modal.feed if modal.motion == "G1" else None
        return [Operation("move", target=self._target(block, modal, absolute), feed=feed)], modal

    def _park(self, block: Block, modal: Modal, word: str) -> list[Operation]:
        home = self.stored.get(word, ORIGIN)
        if not block.axes:
            return [Operation("move", target=home)]
        way = self._target(block, modal, False)
        x, y, z = (home[i] if axis in block.axes else way[i] for i, axis in enumerate(AXES))
        return [Operation("move", target=way), Operation("move", target=(x, y, z))]

    def _target(self, block: Block, modal: Modal, absolute: bool) -> Vector:
        scale = 25.4 if modal.units == "G20" else 1.0
        aim = list(self.position)
        for i, axis in enumerate(AXES):
            if axis not in block.values:
                continue
            value = block.values[axis] * scale
            if absolute:
                aim[i] = value
            elif modal.distance == "G91":
                aim[i] += value
            else:
                aim[i] = value + self.shift[i]
        return aim[0], aim[1], aim[2]

    def _accessories(self, modal: Modal) -> list[Operation]:
        operations = []
        if modal.spindle != self.modal.spindle or modal.speed != self.modal.speed:
            operations.append(Operation("spindle", word=modal.spindle, value=modal.speed))
        if modal.coolant != self.modal.coolant:
            operations.append(Operation("coolant", word=modal.coolant))
        return operations

    def _remember(self, nonmodal: str | None, block: Block) -> None:
        if nonmodal in ("G28.1", "G30.1"):
            self.stored[nonmodal[:3]] = self.position
        elif nonmodal == "G92.1":
            self.shift = ORIGIN
        elif nonmodal == "G92":
            scale = 25.4 if self.modal.units == "G20" else 1.0
            shift = list(self.shift)
            for i, axis in enumerate(AXES):
                if axis in block.values:
                    shift[i] = self.position[i] - block.values[axis] * scale
            self.shift = (shift[0], shift[1], shift[2])

    def _flow(self, word: str | None) -> list[Operation]:
        if word == "M0":
            return [Operation("pause")]
        if word is None:
            return []
        ended = replace(
            self.modal, motion="G1", plane="G17", distance="G90", system="G54", spindle="M5", coolant="M9"
        )
        self.modal = ended
        spindle = Operation("spindle", word="M5", value=ended.speed)
        return [Operation("sync"), spindle, Operation("coolant", word="M9"), Operation("end")]

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as plain data."""
        stored = {name: list(where) for name, where in self.stored.items()}
        state = {"modal": asdict(self.modal), "position": list(self.position), "shift": list(self.shift)}
        return state | {"stored": stored}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self.modal = Modal(**state["modal"])
        self.position, self.shift = tuple(state["position"]), tuple(state["shift"])
        self.stored = {name: tuple(where) for name, where in state["stored"].items()}
