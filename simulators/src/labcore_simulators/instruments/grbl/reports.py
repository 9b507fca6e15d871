"""What GRBL prints about itself.

Source: gnea/grbl, doc/markdown/interface.md ("Real-time Status Reports", "Feedback Messages"), version 1.1h.
"""

from __future__ import annotations

from dataclasses import dataclass

from .gcode import ORIGIN, Interpreter
from .settings import Vector

BANNER = "\r\nGrbl 1.1h ['$' for help]\r\n"
HELP = "[HLP:$$ $# $G $I $N $x=val $Nx=line $J=line $SLP $C $X $H ~ ! ? ctrl-x]\r\n"
LOCKED = "[MSG:'$H'|'$X' to unlock]\r\n"
# V: variable spindle, Z: homing sets the origin to zero (build option); 15 blocks, 128 bytes of input.
BUILD = "[VER:1.1h.20190830:]\r\n[OPT:VZ,15,128]\r\n"
_EVERY = {"wco": (30, 10), "overrides": (20, 10)}


@dataclass(frozen=True, slots=True)
class Status:
    """What one status report tells. Rates in mm/min, `spindle` in rpm and 0 if it stands."""

    state: str
    position: Vector
    rate: float
    spindle: float
    accessories: str
    blocks: int
    bytes_free: int


class StatusReport:
    """Writes `<...>` reports; offset and overrides are told now and then, and at once after a change."""

    def __init__(self) -> None:
        self.wait = {"wco": 0, "overrides": 0}

    def reset(self) -> None:
        """Tell everything again, as after a reset."""
        self.wait = {"wco": 0, "overrides": 0}

    def text(self, status: Status, mask: int, offset: Vector) -> str:
        """Return one report; `mask` is setting $10 (bit 0: machine position, bit 1: buffer state)."""
        machine = bool(mask & 1)
        where = (
            status.position if machine else tuple(p - o for p, o in zip(status.position, offset, strict=True))
        )
        fields = [status.state, f"{'MPos' if machine else 'WPos'}:{coordinates(where)}"]
        if mask & 2:
            fields.append(f"Bf:{status.blocks},{status.bytes_free}")
        fields.append(f"FS:{status.rate:.0f},{status.spindle:.0f}")
        fields += self._now_and_then(status, offset)
        return "<" + "|".join(fields) + ">\r\n"

    def _now_and_then(self, status: Status, offset: Vector) -> list[str]:
        busy = status.state.split(":")[0] in ("Home", "Run", "Hold", "Jog", "Door")
        if self.wait["wco"] <= 0:
            self.wait["wco"] = _EVERY["wco"][not busy] - 1
            self.wait["overrides"] = max(1, self.wait["overrides"])
            told = [f"WCO:{coordinates(offset)}"]
        else:
            self.wait["wco"] -= 1
            told = []
        if self.wait["overrides"] > 0:
            self.wait["overrides"] -= 1
            return told
        self.wait["overrides"] = _EVERY["overrides"][not busy] - 1
        told.append("Ov:100,100,100")
        return told + ([f"A:{status.accessories}"] if status.accessories else [])


def coordinates(where: tuple[float, ...]) -> str:
    """Return a position as GRBL prints it."""
    return ",".join(f"{value + 0.0:.3f}" if abs(value) >= 0.0005 else "0.000" for value in where)


def modes(interpreter: Interpreter) -> str:
    """Return the answer to `$G`."""
    modal = interpreter.modal
    words = [
        modal.motion,
        modal.system,
        modal.plane,
        modal.units,
        modal.distance,
        "G94",
        modal.spindle,
        modal.coolant,
    ]
    feed = modal.feed / 25.4 if modal.units == "G20" else modal.feed
    return f"[GC:{' '.join(words)} T{modal.tool} F{feed:.0f} S{modal.speed:.0f}]\r\n"


def parameters(interpreter: Interpreter) -> str:
    """Return the answer to `$#`."""
    lines = [f"[G{number}:{coordinates(ORIGIN)}]" for number in range(54, 60)]
    lines += [f"[{name}:{coordinates(interpreter.stored.get(name, ORIGIN))}]" for name in ("G28", "G30")]
    lines += [f"[G92:{coordinates(interpreter.shift)}]", "[TLO:0.000]", "[PRB:0.000,0.000,0.000:0]"]
    return "".join(f"{line}\r\n" for line in lines)
