"""The firmware's main loop as a state machine: lines, realtime characters, alarms and holds.

Behaviour after gnea/grbl 1.1h: doc/markdown/interface.md, doc/markdown/commands.md,
doc/csv/{alarm,error}_codes_en_US.csv. Facts that clients trip over and that hold here too: `ok` means queued,
not done; CR LF is two line ends and gets two answers; nothing is read from the line buffer while a hold
lasts; no status report is sent while homing or after ALARM:2.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict
from typing import Any

from ..outbox import Outbox
from . import reports
from .drive import Drive, Machine
from .execute import Executor
from .gcode import GcodeError, Interpreter, Operation
from .serial import OVERFLOW, Receiver
from .settings import Settings
from .system import answer


class Controller:
    """One GRBL board wired to a machine. `boot` is the time in s from power or DTR to the banner."""

    def __init__(self, machine: Machine, settings: Settings, *, boot: float = 1.2) -> None:
        self.machine, self.settings, self.boot = machine, settings, boot
        self.drive = Drive(settings, machine)
        self.interpreter = Interpreter()
        self.out = Outbox()
        self.receiver = Receiver()
        self.report = reports.StatusReport()
        self.executor = Executor(self)
        self.state = "Alarm" if self.settings.flag(22) else "Idle"
        self.running_line = False
        self.held: str | None = None  # "braking" or "complete"
        self.after_hold = ""  # "", "limit" (soft limit) or "jog" (cancelled jog)
        self.critical = False
        self.asked = False
        self.wakes: float | None = None
        self.dwells: float | None = None
        self.now = float("-inf")
        self._restart()

    # -------------------------------------------------------------------------------------------- resets
    def power_up(self, at: float) -> None:
        """Start from nothing, as after power or a DTR pulse: the position counts as zero, settings stay."""
        self.advance(at)
        self._stop_all(at)
        self.drive.position = (0.0, 0.0, 0.0)
        self.interpreter = Interpreter()
        self.state = "Alarm" if self.settings.flag(22) else "Idle"
        self.out.clear()
        self.wakes = at + self.boot

    def reset(self, at: float) -> None:
        """Soft reset (0x18): everything stops where it is; a reset in motion loses the position (ALARM:3)."""
        if self.wakes is not None and not self.critical:
            return
        turning = self.drive.moving or bool(self.drive.legs)
        homing, critical = self.state == "Home", self.critical
        self._stop_all(at)
        if self.state in ("Alarm", "Sleep") or homing or turning:
            self.state = "Alarm"
        else:
            self.state = "Idle"
        if not critical and (homing or turning):
            self.out.say(f"ALARM:{6 if homing else 3}\r\n")
            # The firmware lets an alarm message settle for half a second before it starts again.
            self.wakes = at + 0.5
        else:
            self._restart()

    def _stop_all(self, at: float) -> None:
        self.drive.halt(at)
        self.executor.stop(at)
        self.receiver.clear()
        self.running_line = self.asked = self.critical = False
        self.held, self.after_hold = None, ""
        self.wakes = self.dwells = None

    def _restart(self) -> None:
        self.wakes = None
        self.receiver.clear()
        self.asked = False
        self.interpreter.reset(self.drive.position)
        self.report.reset()
        self.out.say(reports.BANNER)
        if self.state == "Alarm":
            self.out.say(reports.LOCKED)

    def alarm(self, number: int, at: float) -> None:
        """Lock up with an alarm; after ALARM:1 and 2 only a reset helps."""
        self.drive.halt(at)
        self.executor.stop(at)
        self.state, self.held, self.after_hold = "Alarm", None, ""
        self.out.say(f"ALARM:{number}\r\n[MSG:Reset to continue]\r\n")
        self.critical = True

    # --------------------------------------------------------------------------------------------- input
    def feed(self, data: bytes, now: float) -> None:
        """Take bytes from the wire."""
        self.advance(now)
        for byte in data:
            if byte in b"?!~\x18" or byte >= 0x80:
                self._realtime(byte, now)
            elif self.wakes is None:
                self.receiver.put(byte)
            self._work(now)

    def _realtime(self, byte: int, now: float) -> None:
        if byte == 0x18:
            self.reset(now)
        elif self.wakes is not None:
            return
        elif byte == ord("?"):
            self.asked = True
            self._report(now)
        elif byte == ord("!") or byte == 0x85 and self.state == "Jog":
            self._hold(now)
        elif byte == ord("~"):
            self._resume(now)

    def _report(self, now: float, *, late: bool = False) -> None:
        if not self.asked or self.critical or (self.state == "Home" and not late):
            return
        self.asked = False
        self.out.say(self.report.text(self.status(now), int(self.settings[10]), self.interpreter.offset))

    def status(self, now: float) -> reports.Status:
        """Return what a status report tells at `now`."""
        here, speed = self.drive.where(now)
        steps = self.settings.vector(100)
        x, y, z = (round(v * s) / s for v, s in zip(here, steps, strict=True))
        state = self.state if self.state != "Hold" else f"Hold:{0 if self.held == 'complete' else 1}"
        blocks, free, out = self.drive.planner.free, self.receiver.free, self.executor
        return reports.Status(state, (x, y, z), speed * 60, out.spindle, out.outputs, blocks, free)

    # --------------------------------------------------------------------------------------------- holds
    def _hold(self, now: float) -> None:
        if self.state in ("Run", "Jog") and self.held is None:
            self.drive.planner.hold(now)
            self.held = "braking"
            if self.state == "Jog":
                self.after_hold = "jog"
            else:
                self.state = "Hold"
        elif self.state == "Idle":
            self.pause()

    def _held(self, at: float) -> None:
        """The brakes have done their work."""
        after, self.after_hold = self.after_hold, ""
        if after == "limit":
            self.alarm(2, at)
        elif after == "jog":
            self.drive.halt(at)
            self.interpreter.position = self.drive.position
            self.state, self.held = "Idle", None
        else:
            self.held = "complete"

    def _resume(self, now: float) -> None:
        if self.state != "Hold" or self.held != "complete":
            return
        self.held = None
        self.drive.planner.resume()
        self.state = "Idle" if self.drive.planner.idle else "Run"
        self.drive.start(now)

    def pause(self) -> None:
        """Stand still until a resume (`!` at rest, M0)."""
        self.state, self.held = "Hold", "complete"

    def refuse_motion(self, now: float) -> None:
        """A target lies outside the travel: brake what moves, then alarm."""
        self.running_line = False
        if self.drive.moving:
            self.drive.planner.hold(now)
            self.held, self.after_hold = "braking", "limit"
        else:
            self.alarm(2, now)

    # ---------------------------------------------------------------------------------------------- time
    def due(self) -> float | None:
        """Return the time of the next change."""
        times = [self.wakes, self.dwells, self.drive.due(), self.machine.due()]
        return min((t for t in times if t is not None), default=None)

    def advance(self, now: float) -> None:
        """Carry out everything that is due by `now`, in order of time."""
        while (at := self.due()) is not None and at <= now:
            self.now = max(self.now, at)
            self._event(self.now)
            self._work(self.now)
        self.now = max(self.now, now)

    def _event(self, at: float) -> None:
        self.machine.run(at)
        if self.wakes is not None and at >= self.wakes:
            self._restart()
        if self.dwells is not None and at >= self.dwells:
            self.dwells = None
        due = self.drive.due()
        if due is not None and at >= due and self.drive.tick(at):
            self._ended(at)

    def _ended(self, at: float) -> None:
        if self.state == "Home":
            # The firmware looks at its flags once more before it leaves the cycle: one report, still "Home".
            self._report(at, late=True)
            self.interpreter.position = self.drive.position
            self.state = "Idle"
        elif self.held == "braking":
            self._held(at)
        elif self.drive.planner.moves:
            self.drive.start(at)
        else:
            self.state = "Idle"

    # --------------------------------------------------------------------------------------------- lines
    @property
    def _blocked(self) -> bool:
        waits = self.wakes is not None or self.dwells is not None or self.held is not None
        return waits or self.critical or self.state in ("Home", "Sleep")

    def _work(self, now: float) -> None:
        while not self._blocked:
            if self.executor.operations:
                if not self.executor.step(now):
                    return
            elif self.running_line:
                self.running_line = False
                self.out.say("ok\r\n")
            else:
                line = self.receiver.next_line()
                if line is None:
                    return
                self._line(line, now)

    def _line(self, line: str, now: float) -> None:
        if line == OVERFLOW:
            error: int | None = 11
        elif not line:
            error = 0
        elif line.startswith("$"):
            error = answer(self, line, now)
        elif self.state in ("Alarm", "Jog"):
            error = 9
        else:
            error = self.gcode(line)
        if error is not None:
            self.out.say("ok\r\n" if error == 0 else f"error:{error}\r\n")

    def gcode(self, line: str) -> int | None:
        """Take a line of g-code; None: it is being carried out and `ok` follows."""
        try:
            operations = self.interpreter.execute(line)
        except GcodeError as refused:
            return refused.number
        if self.state == "Check":
            return 0
        self.executor.operations.extend(operations)
        self.running_line = True
        return None

    # --------------------------------------------------------------------------------------------- state
    _PLAIN = ("state", "running_line", "held", "after_hold", "critical", "asked", "wakes", "dwells")

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as plain data."""
        state: dict[str, Any] = {
            "drive": self.drive.snapshot(),
            "interpreter": self.interpreter.snapshot(),
            "out": self.out.snapshot(),
            "receiver": self.receiver.snapshot(),
        }
        state |= {name: getattr(self, name) for name in self._PLAIN} | {"settings": self.settings.snapshot()}
        operations = [asdict(operation) for operation in self.executor.operations]
        outputs = {"spindle": self.executor.spindle, "flood": self.executor.flood, "operations": operations}
        return state | outputs | {"wait": dict(self.report.wait), "now": self.now}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` gave."""
        self.settings.restore(state["settings"])
        self.drive.restore(state["drive"])
        self.interpreter.restore(state["interpreter"])
        self.out.restore(state["out"])
        self.receiver.restore(state["receiver"])
        for name in self._PLAIN:
            setattr(self, name, state[name])
        operations = (Operation(**{**o, "target": tuple(o["target"])}) for o in state["operations"])
        self.executor.operations = deque(operations)
        self.executor.spindle, self.executor.flood = state["spindle"], state["flood"]
        self.report.wait = dict(state["wait"])
        self.now = state["now"]
